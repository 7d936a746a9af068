"""The machine under Sightline and what Sightline takes of it, for the one who keeps it running."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypedDict

from flask import Blueprint

from core.clock import iso
from web.access import refuse_viewers
from web.described import described
from web.services import services
from web.shapes import Moment

# How long the processors are watched for their load: the call takes as long.
_WATCHED_S = 0.1

blueprint = Blueprint("system", __name__, url_prefix="/api/v1")


class Machine(TypedDict):
    """Load of each processor in percent; bytes of memory and of the disk that holds DATA_DIR (``null`` where it can't
    be read); since when the machine is up."""

    cpu_percent: list[float]
    memory_bytes: int
    memory_free_bytes: int
    disk_bytes: int | None
    disk_free_bytes: int | None
    booted_at: Moment


class Process(TypedDict):
    """This Sightline: its version, since when it runs, resident bytes, pictures looked at at once at most, looks under
    way, open pages, and pictures there are to ask (``null`` until they are counted)."""

    version: str
    started_at: Moment
    memory_bytes: int
    workers: int
    runs: int
    streams: int
    pictures: int | None


class System(TypedDict):
    """How the machine and the process stand."""

    machine: Machine
    process: Process
    warnings: list[str]


@blueprint.get("/system")
@described(reply=System)
def system() -> Any:
    """How the machine and this process stand, for operators; takes a tenth of a second."""
    refuse_viewers()
    house = services()
    stores = house.stores
    return {
        "machine": _machine(),
        "process": {
            "version": house.version,
            "started_at": iso(house.started_at),
            "memory_bytes": _resident_bytes(),
            "workers": house.limits.workers,
            "runs": stores.conversations.under_way,
            "streams": house.seats.taken,
            "pictures": stores.source().pictures,
        },
        "warnings": house.warnings(),
    }


def _machine() -> dict[str, Any]:
    import psutil  # no page waits for it at the start

    memory, room = psutil.virtual_memory(), services().room
    return {
        "cpu_percent": psutil.cpu_percent(interval=_WATCHED_S, percpu=True),
        "memory_bytes": memory.total,
        "memory_free_bytes": memory.available,
        "disk_bytes": room.size_bytes(),
        "disk_free_bytes": room.left_bytes(),
        "booted_at": iso(datetime.fromtimestamp(psutil.boot_time(), UTC)),
    }


def _resident_bytes() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)
