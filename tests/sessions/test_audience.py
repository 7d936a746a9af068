"""Who may see and change which session, and who hears of it."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import Engine

from core.bus import Event
from core.clock import ManualClock
from core.errors import NotFound
from core.people import Person, Role, may_edit, may_see
from sessions.audience import Audience, Part
from storage import state
from storage.belongings import Belongings
from storage.session_list import SessionsWanted, page_of_sessions

ASHA = Person("a" * 26, "Asha", Role.OPERATOR)
BEN = Person("b" * 26, "Ben", Role.OPERATOR)
EVE = Person("e" * 26, "Eve", Role.VIEWER)
MOMENT = "2026-03-14T00:00:00+00:00"


def keep(engine: Engine, session_id: str, owner: Person | None, *, shared: bool = False) -> None:
    """A session with one question and one run, whose ids are its own with another first letter."""
    with engine.begin() as connection:
        connection.execute(
            state.sessions.insert().values(
                id=session_id, title="T", created_at=MOMENT, updated_at=MOMENT, owner=owner and owner.id, shared=shared
            )
        )
        connection.execute(
            state.messages.insert().values(
                id=f"m{session_id}", session_id=session_id, text="?", asked_at=MOMENT, plan={}, notes=[]
            )
        )
        connection.execute(
            state.runs.insert().values(
                id=f"r{session_id}", message_id=f"m{session_id}", state="finished", source="s", model="m",
                model_version="1", sees="x", again=False, started_at=MOMENT, elapsed_s=0, listed=0, calls=0,
            )
        )  # fmt: skip


@pytest.fixture
def audience(engine: Engine, clock: ManualClock) -> Audience:
    keep(engine, "mine", ASHA)
    keep(engine, "shared", ASHA, shared=True)
    keep(engine, "nobodys", None)
    return Audience(Belongings(engine), clock)


SEES = {
    # person: session: sees, changes
    ASHA: {"mine": (True, True), "shared": (True, True), "nobodys": (True, True)},
    BEN: {"mine": (False, False), "shared": (True, False), "nobodys": (True, True)},
    EVE: {"mine": (False, False), "shared": (True, False), "nobodys": (False, False)},
    None: {"mine": (True, True), "shared": (True, True), "nobodys": (True, True)},
}
CASES = [(person, session, *told) for person, sessions in SEES.items() for session, told in sessions.items()]


@pytest.mark.parametrize(("person", "session", "sees", "changes"), CASES)
@pytest.mark.parametrize("part", Part)
def test_an_id_that_is_not_for_somebody_is_one_that_nobody_knows(
    audience: Audience, part: Part, person: Person | None, session: str, sees: bool, changes: bool
) -> None:
    """Threat row 21."""
    part_id = {Part.SESSION: "", Part.MESSAGE: "m", Part.RUN: "r"}[part] + session

    def words(part_id: str, *, change: bool) -> tuple[str, str] | None:
        try:
            audience.require(person, part, part_id, change=change)
        except NotFound as error:
            return error.sentence, error.hint
        return None

    unknown = words("nowhere", change=False)
    assert words(part_id, change=False) == (None if sees else unknown)
    assert words(part_id, change=True) == (None if changes else unknown)
    assert (unknown is None) == (person is None)


def told(session_id: str, owner: Person | None, *, shared: bool = False, **more: bool) -> Event:
    session = {"id": session_id, "title": "secret", "shared": shared, "mine": True, "owner": owner and owner.id}
    return Event(1, "session", session_id, {"session": session | more})


@pytest.mark.parametrize(("person", "session", "sees", "changes"), CASES)
def test_only_who_may_see_a_session_hears_of_it(
    audience: Audience, person: Person | None, session: str, sees: bool, changes: bool
) -> None:
    seen = Event(1, "seen", session, {"message_id": "m", "pictures": []})
    assert (audience.told(person, seen) == seen) == sees
    heard = audience.told(person, told(session, None if session == "nobodys" else ASHA, shared=session == "shared"))
    assert (heard is not None) == sees
    if heard is not None:
        assert heard.data["session"]["mine"] == changes
        assert person is None or "owner" not in heard.data["session"]


def test_an_old_event_of_what_is_no_longer_shared_is_not_told_again(audience: Audience) -> None:
    assert audience.told(BEN, told("mine", ASHA, shared=True)) is None


def test_whoever_saw_a_session_puts_it_away_when_it_is_shared_no_longer_and_learns_nothing(audience: Audience) -> None:
    heard = audience.told(BEN, told("mine", ASHA, withdrawn=True))
    assert heard is not None
    assert heard.data == {"session": {"id": "mine", "deleted": True}}
    assert audience.told(ASHA, told("mine", ASHA, withdrawn=True)) is not None


def test_of_a_session_that_is_gone_hears_who_could_see_it_last(audience: Audience) -> None:
    assert audience.told(ASHA, told("gone", ASHA, deleted=True)) is not None
    assert audience.told(BEN, told("gone", ASHA, deleted=True)) is None
    assert audience.told(BEN, told("gone", ASHA, shared=True, deleted=True)) is not None
    assert audience.told(ASHA, told("gone", ASHA)) is None  # made, and then deleted: the second event tells it
    assert audience.told(ASHA, Event(1, "seen", "gone", {})) is None


def test_what_is_of_no_session_is_told_to_all(audience: Audience) -> None:
    event = Event(1, "register", None, {})
    assert all(audience.told(person, event) == event for person in SEES)


def test_a_change_is_felt_by_streams_within_a_second(audience: Audience, engine: Engine, clock: ManualClock) -> None:
    seen = Event(1, "seen", "shared", {})
    assert audience.told(BEN, seen) == seen
    with engine.begin() as connection:
        connection.execute(state.sessions.update().where(state.sessions.c.id == "shared").values(shared=False))
    clock.advance(1.1)
    assert audience.told(BEN, seen) is None


def test_the_list_holds_exactly_what_the_rule_lets_one_see(engine: Engine) -> None:
    for number, (owner, shared) in enumerate(product((ASHA, BEN, None), (False, True))):
        keep(engine, f"{number}", owner, shared=shared)
    for person in SEES:
        with engine.connect() as connection:
            rows, _ = page_of_sessions(connection, SessionsWanted(person=person), None, 100)
            everything, _ = page_of_sessions(connection, SessionsWanted(), None, 100)
        assert {row.id for row in rows} == {row.id for row in everything if may_see(person, row.owner, row.shared)}
        with engine.begin() as connection:
            connection.execute(state.sessions.update().values(deleted_at=MOMENT))
            binned, _ = page_of_sessions(connection, SessionsWanted(binned=True, person=person), None, 100)
            connection.execute(state.sessions.update().values(deleted_at=None))
        assert {row.id for row in binned} == {row.id for row in everything if may_edit(person, row.owner)}
