"""Conversations wired as the app wires them, over a scripted model, for tests and for the process that is killed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from analyzer.leaving import Leaving
from analyzer.models.catalogue import Catalogue
from analyzer.models.model import VisionModel
from analyzer.planner.interpreter import Interpreter
from analyzer.report.author import Reporter
from analyzer.run import RunMeans
from core.bus import Bus
from core.clock import Clock, SystemClock
from core.ids import Ids
from sessions.conversations import Conversations
from sessions.export.exports import Exports
from sessions.export.importing import Imports
from sessions.links import Links
from sessions.registers import GivenSheet, Origin, Registers
from sessions.site import Site, Sites
from storage.conversations import ConversationStore
from storage.database import Database
from storage.event_log import EventLog
from storage.figures import FigureStore
from storage.links import LinkStore
from storage.observations import SCHEMA, ObservationStore
from storage.picture_index import PictureIndex
from storage.register import Register, RegisteredCamera
from storage.register_shelf import RegisterShelf
from storage.sheet import read_sheet
from storage.source import ImageSource
from storage.state import open_state

ZONE = ZoneInfo("Asia/Kolkata")
REGISTER = Register(
    "cameras.xlsx",
    "1",
    {},
    tuple(
        RegisteredCamera(
            n + 2, f"cam-{n}", f"Gate {n}", "Northside" if n < 2 else "Southside", None, None, 10.0 + n, 20.0
        )
        for n in range(3)
    ),
)


@dataclass
class Desk:
    """An open desk: its conversations, what they announce, and what is stored."""

    conversations: Conversations
    bus: Bus
    observations: ObservationStore
    close: Callable[[], None]
    exports: Exports
    imports: Imports
    links: Links
    registers: Registers | None = None

    def change_register(self, sheet: Path) -> None:
        """Put another sheet in force, as the page does."""
        assert self.registers is not None
        self.conversations.settle(self.registers.adopt(sheet, read_sheet(sheet)))


def open_desk(
    data: Path,
    source: ImageSource,
    *models: VisionModel,
    database: Database | None = None,
    register: Register = REGISTER,
    clock: Clock | None = None,
    state_url: str = "",
    sheet: Path | None = None,
    check_room: Callable[[], None] = lambda: None,
    leaving: Leaving | None = None,
    interpreter: Interpreter | None = None,
    reporter: Reporter | None = None,
) -> Desk:
    """A desk over ``data``; a given ``database`` is used and left open, a ``state_url`` takes the place of SQLite,
    ``sheet`` that of ``register``, and it can be changed."""
    clock = clock or SystemClock()
    engine = open_state(state_url or f"sqlite:///{data / 'state.db'}")
    stored = database or Database(data / "observations", SCHEMA)
    stored.open()
    bus, store, observations = Bus(), ConversationStore(engine), ObservationStore(stored)
    means = RunMeans(
        observations,
        PictureIndex(engine),
        store,
        clock,
        workers_limit=64,
        reuse_s=3600.0,
        check_room=check_room,
        leaving=leaving or Leaving(),
    )
    shelf = RegisterShelf(data / "registers", engine, clock)
    registers = Registers(shelf, GivenSheet(sheet, Origin.SETTINGS), lambda one: Site(source, one, ZONE))
    sites = Sites(registers.open(), registers.earlier) if sheet else Sites(Site(source, register, ZONE))
    figures = FigureStore(stored)
    catalogue = Catalogue(models)
    catalogue.interpreter, catalogue.reporter = interpreter, reporter
    conversations = Conversations(sites, catalogue, store, figures, EventLog(engine), bus, means, Ids(SystemClock()))
    exports = Exports(
        conversations, observations, figures, lambda: sites.now.register, ZONE, clock, data / "tmp" / "exports"
    )
    imports = Imports(conversations, store, observations, sites, clock)
    links = Links(conversations, LinkStore(engine, clock, Ids(clock)), observations)

    def close() -> None:
        conversations.close()
        engine.dispose()
        if database is None:
            stored.close()

    return Desk(conversations, bus, observations, close, exports, imports, links, registers)
