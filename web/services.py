"""What the web needs of the house, put together by flask_app.py and taken from the app wherever it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from flask import current_app

from analyzer.models.catalogue import Catalogue, ModelEntry
from core.bus import Bus
from core.clock import Clock
from core.errors import NotFound, PictureUnreadable, SightlineError
from core.picture import Picture
from storage.census import Census
from storage.left_out import LeftOut
from storage.register import Register
from storage.room import Room
from storage.source import ImageSource
from storage.sources import Elsewhere
from storage.thumbnails import Thumbnails
from web.control import Command
from web.map_ground import MapGround
from web.opening import Opening
from web.seats import Seats
from web.throttle import Throttle

if TYPE_CHECKING:  # it brings SQLAlchemy, which the first page need not wait for
    from sessions.audience import Audience
    from sessions.conversations import Conversations
    from sessions.export.exports import Exports
    from sessions.export.importing import Imports
    from sessions.links import Links
    from sessions.outgoing import Outgoing
    from sessions.uploads import Uploads
    from storage.people import PeopleStore
    from storage.trial import Trial

EXTENSION = "sightline"
# How a command opens the stores: over the settings with those that it names put in their place.
OPENER = "sightline.opener"
HOLDINGS = "sightline.holdings"
# The bucket of the settings, the prefix in it, and how it is reached.
CLOUD = "sightline.cloud"


@dataclass(frozen=True, slots=True)
class Site:
    """Whose cameras these are, and in which zone their days begin."""

    name: str
    timezone: str

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "timezone": self.timezone}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server takes upon itself. ``heartbeat_s`` is how often a quiet stream writes, since only a write notices
    that the reader is gone; ``replay_events`` is how many stored events a stream reads at once; ``workers`` is how many
    pictures of one run are looked at at once, at most."""

    heartbeat_s: float = 10.0
    body_bytes: int = 64 * 1024
    upload_bytes: int = 20_000_000
    replay_events: int = 500
    workers: int = 5


@dataclass(frozen=True, slots=True)
class SourceState:
    """The pictures that are asked. ``pictures`` is ``None`` while nobody has counted them, and not the last word while
    somebody is ``counting``; ``error`` holds the three fields of an error; ``left_out`` is what lies among them and is
    in no answer; ``undated`` of them tell no time themselves."""

    name: str
    label: str
    sample: bool
    pictures: int | None
    counting: bool = False
    error: Mapping[str, str] | None = None
    left_out: Sequence[LeftOut] = ()
    undated: int = 0

    @classmethod
    def of(cls, census: Census, name: str, label: str | None) -> SourceState:
        """As ``census`` has it, which counts anew if it is time; without a ``label`` they are the sample city's."""
        census.start()
        error = census.error.as_json() if census.error else None
        label, sample = label or "Sample city", label is None
        return cls(name, label, sample, census.pictures, census.counting, error, census.left_out, census.undated)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label": self.label,
            "sample": self.sample,
            "pictures": self.pictures,
            "counting": self.counting,
            "error": dict(self.error) if self.error else None,
            "left_out": [each.as_json() for each in self.left_out],
            "undated": self.undated,
        }


@dataclass(frozen=True, slots=True)
class Media:
    """Listed pictures by id. ``find`` raises NotFound for what was never listed. A name that another source listed is
    never looked up in ``source``."""

    find: Callable[[str], Picture]
    source: ImageSource
    thumbnails: Thumbnails

    def elsewhere(self, picture_id: str) -> str | None:
        """Where a browser fetches a listed picture by itself, if it can. Made for this moment: never to be kept, logged
        or written into a page."""
        return self.source.url(self._listed(picture_id))

    def picture(self, picture_id: str) -> tuple[Picture, bytes]:
        """A listed picture and its bytes."""
        picture = self._listed(picture_id)
        return picture, self.source.read(picture)

    def thumbnail(self, picture_id: str) -> bytes:
        """The small JPEG of a picture that lies here. Raises PictureUnreadable for one that lies elsewhere: no copy of
        it is made."""
        if self.elsewhere(picture_id) is not None:
            raise PictureUnreadable("This picture lies elsewhere and is not copied.")
        return self.thumbnails.of(self.picture(picture_id)[1])

    def _listed(self, picture_id: str) -> Picture:
        picture = self.find(picture_id)
        if picture.source != self.source.name:
            raise NotFound("This picture's source is not connected now.", "It was listed under other settings.")
        return picture

    def origins(self) -> tuple[str, ...]:
        """Where a browser must be let to load pictures from."""
        return self.source.origins if isinstance(self.source, Elsewhere) else ()


@dataclass(frozen=True, slots=True)
class Door:
    """What must be open before anybody is let in: the people, who may see which session, and how often one may try."""

    people: PeopleStore
    audience: Audience
    throttle: Throttle


@dataclass(frozen=True, slots=True)
class Stores:
    """What takes time to open, and what rests on it."""

    conversations: Conversations
    media: Media
    source: Callable[[], SourceState]
    register: Callable[[], Register | None]
    uploads: Uploads
    exports: Exports
    imports: Imports
    links: Links
    outgoing: Outgoing
    models: Callable[[], Sequence[ModelEntry]]
    # What lies at an address that a person names.
    try_pictures: Callable[[str], Trial]
    catalogue: Catalogue = field(default_factory=Catalogue)
    # What is done for commands that reach this process by the control socket.
    commands: Mapping[str, Command] = field(default_factory=dict)
    warnings: Callable[[], Sequence[str]] = lambda: ()
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a route may use. What is slow to open is waited for where it is first needed."""

    site: Site
    clock: Clock
    bus: Bus
    limits: Limits
    seats: Seats
    version: str
    started_at: datetime
    door: Opening[Door]
    opening: Opening[Stores]
    room: Room
    map_ground: MapGround = field(default_factory=MapGround)
    # Whether browsers load pictures from other places than this one.
    pictures_elsewhere: bool = False

    def picture_origins(self) -> tuple[str, ...]:
        """Those places; only where there are any are the stores waited for. None while they can't be opened."""
        if not self.pictures_elsewhere:
            return ()
        try:
            return self.stores.media.origins()
        except SightlineError:  # the page tells it
            return ()

    @property
    def stores(self) -> Stores:
        """The open stores; waits for them, and raises what stopped them from opening."""
        return self.opening.get()

    @property
    def conversations(self) -> Conversations:
        return self.stores.conversations

    def warnings(self) -> list[str]:
        """What whoever keeps this running should see to, in sentences."""
        return [*filter(None, [self.room.warning()]), *self.stores.warnings()]


def services() -> Services:
    """The services of the app that is answering."""
    return cast("Services", current_app.extensions[EXTENSION])
