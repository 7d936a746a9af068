"""What left this machine, told by day and question: the log's lines, and what is known here of the runs they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.outgoing import Sending, Way, read_sendings
from core.people import Person, may_see

if TYPE_CHECKING:  # it brings SQLAlchemy, which the first page need not wait for
    from storage.belongings import Asked, Belongings


class About(StrEnum):
    """What may be told of the question for which something left."""

    ASKED = "asked"
    HIDDEN = "hidden"  # another's
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Sent:
    """What left on one ``day`` (the site's) for one question, to one server in one way. ``question`` and the ids are
    ``None`` where they may not be told or are gone; a question that was itself sent, for the ``purpose`` of a plan or a
    report, has no ids."""

    day: str
    first_at: str
    last_at: str
    to: str
    model: str
    way: Way
    number: int
    size_bytes: int
    about: About
    question: str | None
    session_id: str | None
    message_id: str | None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One picture or question that left, with its day and the question for which."""

    day: str
    sending: Sending
    question: str | None


@dataclass(frozen=True, slots=True)
class SentList:
    """The latest first; ``days`` has every day of the log, the latest first, with how many left. ``more`` says that
    there is more of that day, or of all, than is listed."""

    days: Sequence[tuple[str, int]]
    sent: Sequence[Sent]
    more: bool


class Outgoing:
    """Reads the log anew each time it is asked."""

    def __init__(self, folder: Path, belongings: Belongings, zone: tzinfo) -> None:
        self._folder = folder
        self._belongings = belongings
        self._zone = zone

    def sent(self, person: Person | None, day: str | None, most: int) -> SentList:
        """At most ``most`` entries as ``person`` may know them; of ``day`` alone, where one is named."""
        days: Counter[str] = Counter()
        groups: dict[tuple[str, ...], _Group] = {}
        for on, sending in self._read():
            days[on] += 1
            if day in (None, on):
                about = sending.run or sending.named
                key = (on, about, sending.to, sending.model, sending.way, sending.purpose)
                groups.setdefault(key, _Group(on, sending.at)).add(sending)
        latest = sorted(groups.values(), key=lambda group: group.last.at, reverse=True)
        asked = self._belongings.asked({group.last.run for group in latest[:most] if group.last.run})
        rows = [_sent(group, asked, person) for group in latest[:most]]
        return SentList(sorted(days.items(), reverse=True), rows, len(latest) > most)

    def lines(self, person: Person | None, day: str | None) -> Iterator[Line]:
        """Every line as ``person`` may know it, the oldest first; of ``day`` alone, where one is named."""
        asked = self._belongings.asked({sending.run for _, sending in self._read() if sending.run})
        for on, sending in self._read():
            if day in (None, on):
                yield Line(on, sending, _question(sending, asked, person)[1])

    def _read(self) -> Iterator[tuple[str, Sending]]:
        for sending in read_sendings(self._folder):
            yield datetime.fromisoformat(sending.at).astimezone(self._zone).date().isoformat(), sending


@dataclass
class _Group:
    """Lines that make one entry: a log of many is never held whole."""

    day: str
    first_at: str
    number: int = 0
    size_bytes: int = 0
    last: Sending = field(init=False)

    def add(self, sending: Sending) -> None:
        self.number += 1
        self.size_bytes += sending.size_bytes
        self.last = sending


def _sent(group: _Group, asked: Mapping[str, Asked], person: Person | None) -> Sent:
    last = group.last
    about, question = _question(last, asked, person)
    known = asked.get(last.run) if about is About.ASKED else None
    return Sent(
        group.day,
        group.first_at,
        last.at,
        last.to,
        last.model,
        last.way,
        group.number,
        group.size_bytes,
        about,
        question,
        known.session_id if known else None,
        known.message_id if known else None,
        last.purpose,
    )


def _question(sending: Sending, asked: Mapping[str, Asked], person: Person | None) -> tuple[About, str | None]:
    """Whose question it was is not written down where its text was sent to be understood: then it is nobody's to read
    as soon as there are people."""
    if sending.way is Way.TEXT:
        return (About.ASKED, sending.named) if person is None else (About.HIDDEN, None)
    known = asked.get(sending.run)
    if known is None:
        return About.DELETED, None
    if not may_see(person, known.owner, known.shared):
        return About.HIDDEN, None
    return About.ASKED, known.text
