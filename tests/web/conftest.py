"""A small house for the web: real bus, real index of pictures, real folder; the conversations are scripted here."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from analyzer.models.catalogue import ModelEntry, ModelState
from analyzer.planner import Alteration
from core.bus import Bus, Event
from core.clock import SystemClock
from core.errors import Conflict, NotFound, UnplannableQuestion
from core.ids import Ids
from core.people import Person, Role
from core.web_address import Reach
from sessions.audience import Audience
from sessions.export.incoming import read_sessions
from sessions.outgoing import Outgoing
from sessions.registers import GivenSheet, Origin, Registers
from sessions.site import Site
from sessions.uploads import Uploads, matching
from storage import state
from storage.belongings import Belongings
from storage.folder import FolderSource
from storage.google_cloud import Access
from storage.passwords import Passwords
from storage.people import PeopleStore
from storage.picture_index import PictureIndex
from storage.register import Problem, Register, RegisteredCamera
from storage.register_shelf import RegisterShelf
from storage.room import Room
from storage.sources import Pictures as Somewhere
from storage.state import open_state
from storage.thumbnails import Thumbnails
from storage.trial import try_pictures
from web.furnishing import Entrance, furnish
from web.opening import Opening
from web.seats import Seats
from web.services import Door, Limits, Media, Services, SourceState, Stores
from web.services import Site as SiteCard
from web.throttle import Throttle

if TYPE_CHECKING:
    from sessions.conversations import Conversations
    from sessions.export.exports import Exports
    from sessions.export.importing import Imports
    from sessions.links import Links

ROOT = Path(__file__).resolve().parents[2]
SESSION = "01j00000000000000000000001"
MESSAGE = "01j00000000000000000000002"
RUN = "01j00000000000000000000003"
NOWHERE = "01j0000000000000000000000z"


@dataclass
class Shown:
    """Something that shows itself as the JSON it was given."""

    body: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.body["id"])

    def as_json(self, person: Person | None = None) -> dict[str, Any]:
        return self.body


class ScriptedExports:
    """Knows one session and one message, and neither is answered; tests/web/test_web_exports.py has real ones."""

    def answer(self, message_id: str, site: str, address: str) -> Any:
        raise Conflict("Not yet.") if message_id == MESSAGE else NotFound("There is nothing under that id.")

    def session(self, session_id: str) -> Any:
        raise Conflict("Not yet.") if session_id == SESSION else NotFound("There is nothing under that id.")


class ScriptedImports:
    """Reads every file and keeps none."""

    def take(self, content: bytes, file_name: str) -> Any:
        raise Conflict(f"{len(read_sessions(content))} sessions are not kept.")


class ScriptedLinks:
    """Knows one session, which has nothing to share, and takes every link back."""

    def of_session(self, session_id: str) -> Any:
        return []

    def make(self, session_id: str, message_id: str | None, made_by: str | None) -> Any:
        raise Conflict("There is no answer to share yet.")

    def take_back(self, session_id: str, link_id: str) -> None:
        return None

    def open(self, secret: str) -> Any:
        raise NotFound("This link leads nowhere.")

    def require_picture(self, secret: str, picture_id: str) -> None:
        raise NotFound("This link leads nowhere.")


@dataclass
class ScriptedConversations:
    """Knows one session, one message and one run; keeps what it was asked, and an event log in a list."""

    bus: Bus
    asked: list[dict[str, Any]] = field(default_factory=list)
    wanted: list[Any] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    binned: list[tuple[str, bool | None]] = field(default_factory=list)
    log: list[Event] = field(default_factory=list)
    oldest: int = 0

    def announce(self, kind: str = "session", **data: Any) -> Event:
        event = Event(self.last_event_id() + 1, kind, SESSION, data)
        self.log.append(event)
        self.bus.publish(event)
        return event

    under_way = 1

    def last_event_id(self) -> int:
        return self.log[-1].id if self.log else 0

    def events_after(self, event_id: int, limit: int) -> list[Event] | None:
        if event_id < self.oldest:
            return None
        return [event for event in self.log if event.id > event_id][:limit]

    def sessions(self, person: Person | None = None) -> list[Shown]:
        return [Shown({"id": SESSION})]

    def settle(self, site: Site) -> None:
        self.sites.append(site)

    def find(self, wanted: Any, after: str | None, limit: int) -> Shown:
        self.wanted.append((wanted, after, limit))
        return Shown({"sessions": [{"id": SESSION}], "next": None})

    def starters(self) -> list[str]:
        return ["How many people are there?"]

    def create(self, owner: str | None = None) -> Shown:
        return Shown({"id": SESSION})

    def open(self, session_id: str) -> Shown:
        self._known(session_id, SESSION)
        return Shown({"session": {"id": SESSION}, "messages": [], "last_event_id": self.last_event_id()})

    def rename(self, session_id: str, title: str) -> Shown:
        self._known(session_id, SESSION)
        return Shown({"id": SESSION, "title": title})

    def share(self, session_id: str, shared: bool) -> Shown:
        self._known(session_id, SESSION)
        return Shown({"id": SESSION, "shared": shared})

    def delete(self, session_id: str, *, for_good: bool = False) -> None:
        self._known(session_id, SESSION)
        self.binned.append((session_id, for_good))

    def restore(self, session_id: str) -> Shown:
        self._known(session_id, SESSION)
        self.binned.append((session_id, None))
        return Shown({"id": SESSION})

    def ask(self, text: str, **said: Any) -> tuple[Shown, Shown]:
        if not text.strip():
            raise UnplannableQuestion("The question is empty.", "Ask something.")
        if text == "break":
            raise ZeroDivisionError("a secret inside")
        self.asked.append({"text": text, **said})
        return Shown({"id": SESSION}), Shown({"id": MESSAGE, "text": text})

    def alter(
        self, message_id: str, session_id: str | None, alteration: Alteration, model: str | None
    ) -> tuple[Shown, Shown]:
        self._known(message_id, MESSAGE)
        self.asked.append(
            {"instead_of": message_id, "session_id": session_id, "alteration": alteration, "model": model}
        )
        return Shown({"id": SESSION}), Shown({"id": MESSAGE})

    def understand(self, text: str, *said: Any) -> Shown:
        self.wanted.append((text, *said))
        return Shown({"plan": {}, "chips": [], "model": None, "notes": []})

    def rate(self, message_id: str, rating: int | None) -> Shown:
        self._known(message_id, MESSAGE)
        return Shown({"id": MESSAGE, "rating": rating})

    def message(self, message_id: str) -> Shown:
        self._known(message_id, MESSAGE)
        return Shown({"id": MESSAGE})

    def pictures(self, message_id: str, wanted: Any, after: str | None, limit: int) -> Shown:
        self._known(message_id, MESSAGE)
        self.wanted.append((wanted, after, limit))
        return Shown({"pictures": [], "next": None, "total": 0})

    def grouped(self, message_id: str, by: Any) -> dict[str, Any]:
        self._known(message_id, MESSAGE)
        return {"group_by": str(by), "unit": None, "groups": []}

    def places(self, message_id: str) -> list[Shown]:
        self._known(message_id, MESSAGE)
        return [Shown({"camera": "c1"})]

    def stop(self, run_id: str) -> Shown:
        self._known(run_id, RUN)
        return Shown({"id": RUN, "state": "stopped"})

    def continue_(self, run_id: str) -> Shown:
        self._known(run_id, RUN)
        raise Conflict("A run that is finished can't become running.")

    def _known(self, given: str, known: str) -> None:
        if given != known:
            raise NotFound("There is nothing under that id.")


REGISTER = Register(
    name="cameras.xlsx",
    version="1",
    columns={"camera": "CAMERA IP"},
    cameras=(
        RegisteredCamera(2, "10.0.0.1", "Old Bus Stand", "Guntur", latitude=16.3, longitude=80.4),
        RegisteredCamera(3, "10.0.0.2", "<img src=x onerror=alert(1)>", "Krishna"),
    ),
    rows=2,
    problems=(Problem(3, "LATITUDE", "not_a_number", "12,5x", "This latitude is no number."),),
)


def jpeg(width: int = 960, height: int = 540, colour: str = "navy") -> bytes:
    """A plain picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()


@dataclass(frozen=True)
class Pictures:
    """The ids of the pictures in the test's folder, by what is special about them."""

    folder: Path
    ids: dict[str, str]


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    """A folder with a sound picture, a PNG under a JPEG's name, a broken one and one with an awkward name."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "sound.jpg").write_bytes(jpeg())
    (folder / "broken.jpg").write_bytes(jpeg()[:2000])
    (folder / "text.jpg").write_bytes(b"<script>alert(1)</script>")
    (folder / 'awkward "name"\r\nSet-Cookie: x.jpg').write_bytes(jpeg(colour="red"))
    png = io.BytesIO()
    Image.new("RGB", (32, 32), "white").save(png, "PNG")
    (folder / "really.jpg").write_bytes(png.getvalue())
    return Pictures(folder, {})


@pytest.fixture
def conversations() -> ScriptedConversations:
    return ScriptedConversations(Bus())


@pytest.fixture
def house(tmp_path: Path, pictures: Pictures, conversations: ScriptedConversations) -> Iterator[Services]:
    """Services over the scripted conversations and the test's folder."""
    source = FolderSource(pictures.folder, ZoneInfo("UTC"), lambda _: None, max_bytes=10_000_000)
    engine = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    index = PictureIndex(engine)
    for page in source.pages():
        for picture in index.list(page):
            pictures.ids[picture.name.split(".")[0].split(" ")[0]] = picture.id
    registers = Registers(
        RegisterShelf(tmp_path / "registers", engine, clock := SystemClock()),
        GivenSheet(None, Origin.NONE),
        lambda register: Site(source, register, ZoneInfo("UTC")),
    )
    waiting = Uploads(
        registers,
        tmp_path / "tmp",
        lambda register: matching(register, [], register.key),
        conversations.settle,
        Ids(clock),
        clock,
    )
    stores = Stores(
        conversations=cast("Conversations", conversations),
        media=Media(index.picture, source, Thumbnails(tmp_path / "thumbnails")),
        source=lambda: SourceState("file:///pictures", "pictures", False, 5),
        register=lambda: REGISTER,
        exports=cast("Exports", ScriptedExports()),
        imports=cast("Imports", ScriptedImports()),
        links=cast("Links", ScriptedLinks()),
        outgoing=Outgoing(tmp_path / "logs", Belongings(engine), ZoneInfo("Asia/Kolkata")),
        uploads=waiting,
        try_pictures=partial(try_pictures, pictures_elsewhere()),
        models=lambda: [ModelEntry("opencv", "OpenCV", "1", ModelState.READY, "Sees people.")],
    )
    opening: Opening[Stores] = Opening(lambda: stores, lambda _: None)
    people = PeopleStore(engine, Passwords(time_cost=1, memory_kib=64), SystemClock(), Ids(SystemClock()))
    audience = Audience(Belongings(engine), SystemClock())
    door: Opening[Door] = Opening(lambda: Door(people, audience, Throttle(SystemClock())), lambda _: None)
    yield Services(
        site=SiteCard("Guntur", "Asia/Kolkata"),
        clock=SystemClock(),
        bus=conversations.bus,
        limits=Limits(heartbeat_s=0.2),
        seats=Seats(4, each=3),
        version="1.0",
        room=Room(tmp_path),
        started_at=datetime.now(UTC),
        door=door,
        opening=opening,
    )
    door.close()
    opening.close()
    engine.dispose()


def pictures_elsewhere() -> Somewhere:
    """What is not asked; only what is tried stands in its place."""
    return Somewhere("file:///pictures", ZoneInfo("UTC"), 1_000_000, Reach(), Access())


class AtOurAddress(FlaskClient):
    """Asks under the address that the page would; a reply is read whole, so that its file is closed."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("base_url", "http://127.0.0.1:5000")
        kwargs.setdefault("buffered", True)
        return super().open(*args, **kwargs)


@pytest.fixture
def app(house: Services, tmp_path: Path) -> Flask:
    """An app as flask_app.py would furnish it."""
    made = Flask("sightline", root_path=str(ROOT))
    furnish(made, house, Entrance(trusted_hosts=["sight.example"], key_folder=tmp_path, secret_key=None, port=5000))
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser at 127.0.0.1:5000 without a token."""
    app.test_client_class = AtOurAddress
    return app.test_client()


@dataclass
class Page:
    """What the page's scripts do."""

    client: FlaskClient

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """A change with the token, from our own origin."""
        sent = {"X-CSRF-Token": "t" * 43, "Origin": "http://127.0.0.1:5000", "Sec-Fetch-Site": "same-origin"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(path, method=method, json=body if body is not None else {}, headers=sent)


@pytest.fixture
def page(client: FlaskClient) -> Page:
    """The same browser after it has loaded the page."""
    with client.session_transaction(base_url="http://127.0.0.1:5000") as session:
        session["csrf"] = "t" * 43
    return Page(client)


GOOD_PASSWORD = "seven green doors"


@pytest.fixture
def people(house: Services) -> PeopleStore:
    """Asha, an operator whose the known session is; Ben, another operator; Eve, a viewer."""
    door = house.door.get()
    moment = "2026-03-14T00:00:00+00:00"
    for name, role in (("Asha", Role.OPERATOR), ("Ben", Role.OPERATOR), ("Eve", Role.VIEWER)):
        door.people.add(name, role, GOOD_PASSWORD)
    values = {"id": SESSION, "title": "T", "created_at": moment, "updated_at": moment}
    run = {"state": "running", "source": "s", "model": "m", "model_version": "1", "sees": "x", "again": False}
    counted = {"started_at": moment, "elapsed_s": 0, "listed": 0, "calls": 0}
    with door.people.engine.begin() as connection:
        connection.execute(state.sessions.insert().values(values | {"owner": door.people.find("asha").id}))
        connection.execute(
            state.messages.insert().values(
                id=MESSAGE, session_id=SESSION, text="?", asked_at=moment, plan={}, notes=[], run_id=RUN
            )
        )
        connection.execute(state.runs.insert().values({"id": RUN, "message_id": MESSAGE} | run | counted))
    return door.people


@dataclass
class Visitor:
    """Somebody with a browser of their own, signed in or not."""

    client: FlaskClient

    def csrf(self) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get("/login").text)
        if found is None:  # signed in already: the form sends one on
            found = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get("/account").text)
        assert found is not None
        return found[1]

    def send(self, method: str, path: str, **body: Any) -> Any:
        """What the page's scripts send."""
        sent = {"X-CSRF-Token": self.csrf(), "Origin": "http://127.0.0.1:5000", "Sec-Fetch-Site": "same-origin"}
        return self.client.open(path, method=method, json=body, headers=sent)

    def fill_in(self, path: str, /, **fields: str) -> Any:
        """What a plain form sends, from a browser under our Referrer-Policy."""
        headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        return self.client.post(path, data={"csrf_token": self.csrf()} | fields, headers=headers)

    def sign_in(self, name: str, password: str = GOOD_PASSWORD, **fields: str) -> Any:
        return self.fill_in("/login", name=name, password=password, **fields)


@pytest.fixture
def visit(app: Flask, people: PeopleStore) -> Callable[..., Visitor]:
    """Somebody who comes with a fresh browser; with a name they sign in."""
    app.test_client_class = AtOurAddress

    def come(name: str | None = None) -> Visitor:
        visitor = Visitor(app.test_client())
        if name is not None:
            assert visitor.sign_in(name).status_code == 303
        return visitor

    return come


@pytest.fixture
def known() -> SimpleNamespace:
    """Ids that the scripted conversations know, and one that nobody knows."""
    return SimpleNamespace(session=SESSION, message=MESSAGE, run=RUN, nowhere=NOWHERE)
