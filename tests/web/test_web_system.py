"""How the machine and the process stand: told as they are, and to operators only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import psutil
from flask.testing import FlaskClient

from storage.room import Room
from tests.web.conftest import Visitor
from web.services import EXTENSION


def test_the_machine_is_told_as_the_system_knows_it(client: FlaskClient) -> None:
    """Parity S1.20."""
    told = client.get("/api/v1/system").get_json()
    machine, process = told["machine"], told["process"]
    assert len(machine["cpu_percent"]) == psutil.cpu_count()
    assert all(0 <= load <= 100 for load in machine["cpu_percent"])
    assert machine["memory_bytes"] == psutil.virtual_memory().total
    assert 0 < machine["memory_free_bytes"] < machine["memory_bytes"]
    assert 0 < machine["disk_free_bytes"] <= machine["disk_bytes"]
    assert datetime.fromisoformat(machine["booted_at"]).timestamp() == psutil.boot_time()
    assert process["memory_bytes"] > 10_000_000


def test_what_sightline_does_is_told_beside_it(client: FlaskClient) -> None:
    """Parity S2.1: pictures and workers."""
    process = client.get("/api/v1/system").get_json()["process"]
    assert (process["pictures"], process["workers"], process["runs"], process["streams"]) == (5, 5, 1, 0)
    assert process["version"] == "1.0"


def test_a_disk_that_is_nearly_full_is_warned_of(client: FlaskClient) -> None:
    house = client.application.extensions[EXTENSION]
    low = replace(house, room=Room(house.room.folder, lambda _: 1_000_000))
    client.application.extensions[EXTENSION] = low
    assert "nearly full" in client.get("/api/v1/system").get_json()["warnings"][0]


def test_who_may_only_look_is_not_told(visit: Callable[..., Visitor]) -> None:
    assert visit("Eve").client.get("/api/v1/system").status_code == 403
    assert visit("Asha").client.get("/api/v1/system").status_code == 200
