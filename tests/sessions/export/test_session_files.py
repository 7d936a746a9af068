"""Sessions as files of the spine's form, and taken in again: the same comes out, and nothing hostile gets in."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.errors import InvalidRequest
from core.states import Outcome, RunState
from sessions.export.archive import ImportRefused
from sessions.export.incoming import read_sessions
from sessions.export.session_files import IMPORTED_NOTE
from sessions.views import MessageView
from tests.sessions.desk import Desk

INFO = ["session_id", "created_at", "title", "query_count", "images_analyzed", "last_updated"]
QUERY = ["query_num", "timestamp", "user_query", "context_used", "results", "summary", "key_findings"]
ROW = [
    *("filename", "camera_ip", "old_district", "new_district", "mandal", "location_name", "latitude", "longitude"),
    *("camera_type", "analytics_type", "match", "count", "description", "confidence", "details", "status", "error"),
    "timestamp",
]  # fmt: skip


def whole(pieces: Iterator[bytes]) -> bytes:
    return b"".join(pieces)


def document(desk: Desk, session_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(whole(desk.exports.session(session_id).document()))
    return found


@pytest.fixture
def session_id(answered: Callable[..., MessageView]) -> str:
    """A look, a follow-up, and a question about a place that nobody knows."""
    first = answered("Count people at each location")
    answered("Which district has the most?", first.row.session_id)
    answered("How many people are in Atlantis?", first.row.session_id)
    return first.row.session_id


def test_a_session_has_the_spines_fields_and_ours_beside_them(desk: Desk, session_id: str) -> None:
    """Parity S2.22, S2.21: the exact fields, right sums, findings over all matches."""
    found = document(desk, session_id)
    assert list(found) == ["session_info", "conversation", "exported_at"]
    assert [name for name in found["session_info"] if name in INFO] == INFO
    assert found["session_info"]["images_analyzed"] == 24
    assert found["session_info"]["query_count"] == 3
    look, recall, unknown = found["conversation"]["queries"]
    assert list(look)[: len(QUERY)] == QUERY
    assert look["summary"] == recall["summary"] == "Analyzed 24 images, found 15 matches"
    assert (look["context_used"], recall["context_used"], recall["rests_on"]) == (False, True, 1)
    assert recall["results"] == []
    assert len(look["results"]) == 24
    # Every camera with a match, not the first five rows: three gates, and the fourth that the register doesn't know.
    assert {one["camera_ip"] for one in look["key_findings"]} == {"cam-0", "cam-1", "cam-2", "cam-3"}
    assert [one["count"] for one in look["key_findings"]] == [2, 2, 2, 2]
    assert look["answer"] == desk.conversations.message(look["message_id"]).answer
    assert unknown["error"]["code"] == "unplannable_question"


def test_a_row_is_the_spines_and_what_was_not_seen_is_not_a_no(desk: Desk, session_id: str) -> None:
    """Parity S2.12: the eighteen fields; a broken picture is an error and no "no"."""
    rows = document(desk, session_id)["conversation"]["queries"][0]["results"]
    for row in rows:
        assert list(row)[: len(ROW)] == ROW
    told = {row["filename"]: row for row in rows}
    assert (told["2.jpg"]["match"], told["2.jpg"]["count"], told["2.jpg"]["status"]) == (True, 2, "success")
    assert (told["3.jpg"]["match"], told["3.jpg"]["camera_ip"], told["3.jpg"]["location_name"]) == (
        False,
        "cam-3",
        "Unknown",
    )
    broken = told["23.jpg"]
    assert (broken["match"], broken["status"], broken["count"]) == (None, "error", "N/A")
    assert broken["error"] == broken["reason"] == "The file is empty."
    assert (broken["outcome"], broken["confidence"]) == ("unreadable", "low")
    assert sum(row["match"] is True for row in rows) == 15
    assert sum(row["match"] is False for row in rows) == 8


def test_the_zip_is_the_spines_folder(desk: Desk, session_id: str) -> None:
    """Parity S2.21: ``sessions/<YYYYmmdd_HHMMSS>/`` with two files, found under the folder's name."""
    archive = zipfile.ZipFile(io.BytesIO(whole(desk.exports.session(session_id).archive(ZoneInfo("Asia/Kolkata")))))
    names = archive.namelist()
    folder = names[0].split("/")[1]
    assert names == [f"sessions/{folder}/session_info.json", f"sessions/{folder}/conversation.json"]
    info, conversation = (json.loads(archive.read(name)) for name in names)
    assert info["session_id"] == conversation["session_id"] == folder
    assert len(folder) == 15
    assert archive.testzip() is None


NEW_EACH_TIME = {"session_id", "exported_at", "imported", "message_id", "observation_id"}


def comparable(found: Any) -> Any:
    """An export without the ids that an import gives anew."""
    if isinstance(found, dict):
        return {name: comparable(value) for name, value in found.items() if name not in NEW_EACH_TIME}
    return [comparable(one) for one in found] if isinstance(found, list) else found


@pytest.mark.parametrize("form", ["json", "zip"])
def test_export_import_export_gives_the_same(desk: Desk, session_id: str, form: str) -> None:
    """Parity S2.21: nothing is lost on the way out and in again, and the answers are worked out to the same."""
    extract = desk.exports.session(session_id)
    file = whole(extract.document() if form == "json" else extract.archive(ZoneInfo("UTC")))
    before = document(desk, session_id)
    desk.conversations.delete(session_id, for_good=True)  # nothing of the original is left to lean on

    taken = desk.imports.take(file, f"evening.{form}")

    assert (taken.questions, taken.observations, list(taken.left_out)) == (3, 24, [])
    after = document(desk, taken.sessions[0].id)
    assert after["session_info"]["imported"] == f"evening.{form}"
    assert comparable(after) == comparable(before)


def test_an_imported_session_is_marked_and_can_be_asked_further(
    desk: Desk, session_id: str, answered: Callable[..., MessageView]
) -> None:
    taken = desk.imports.take(whole(desk.exports.session(session_id).document()), "evening.json")
    view = taken.sessions[0]
    assert view.as_json()["imported"] == "evening.json"
    opened = desk.conversations.open(view.id)
    assert [message.row.text for message in opened.messages] == [
        "Count people at each location",
        "Which district has the most?",
        "How many people are in Atlantis?",
    ]
    assert all(IMPORTED_NOTE in message.row.notes for message in opened.messages)
    total = answered("And the total?", view.id)
    assert total.row.rests_on == opened.messages[0].id
    assert total.answer is not None
    assert total.answer["calls"] == 0


def spine_session(**changes: Any) -> dict[str, Any]:
    """A session as the spine's own program wrote it: nothing of ours in it."""
    row = {
        "filename": "Old_Bus_Stand_10_1_2_3_20260314_093000.jpg", "camera_ip": "10.1.2.3", "old_district": "Guntur",
        "new_district": "Palnadu", "mandal": "Sattenapalle", "location_name": "Old Bus Stand", "latitude": 16.39,
        "longitude": 80.15, "camera_type": "Fixed", "analytics_type": "ANPR", "match": True, "count": 4,
        "description": "Four cars", "confidence": "high", "details": "", "status": "success", "error": None,
        "timestamp": "2026-03-14T09:31:00",
    }  # fmt: skip
    rows = [
        row,
        row | {"filename": "b.jpg", "camera_ip": "10.1.2.4", "match": "false", "count": "0", "location_name": "Gate"},
        row | {"filename": "c.jpg", "camera_ip": "10.1.2.5", "match": False, "count": "N/A", "status": "error",
               "error": "500", "location_name": "Unknown"},
        row | {"filename": "d.jpg", "camera_ip": "10.1.2.6", "match": None, "count": "N/A", "location_name": "Dam"},
    ]  # fmt: skip
    query = {"query_num": 1, "timestamp": "2026-03-14T09:30:30", "user_query": "How many cars are visible?",
             "context_used": False, "results": rows, "summary": "Analyzed 4 images, found 1 matches",
             "key_findings": [{"location": "Old Bus Stand", "camera_ip": "10.1.2.3", "count": 4}]}  # fmt: skip
    follow = query | {"query_num": 2, "user_query": "Show me on a map", "context_used": True, "results": []}
    told = {"session_id": "20260314_093000", "queries": [query, follow]} | changes
    info = {"session_id": "20260314_093000", "created_at": "2026-03-14T09:30:00.123456", "title": "How many cars",
            "query_count": 2, "images_analyzed": 4, "last_updated": "2026-03-14T09:40:00"}  # fmt: skip
    return {"session_info": info, "conversation": told}


def test_a_session_of_the_spine_becomes_one_of_ours_with_its_defects_mended(desk: Desk) -> None:
    """Parity S2.21, S2.12: a failed picture is no "no", a text "false" is no yes, a count in text counts."""
    taken = desk.imports.take(json.dumps(spine_session()).encode(), "conversation.json")
    look, follow = desk.conversations.open(taken.sessions[0].id).messages
    assert look.run is not None
    assert look.run.counts == {Outcome.MATCH: 1, Outcome.NO_MATCH: 1, Outcome.UNSURE: 1, Outcome.UNREADABLE: 1}
    assert look.run.state is RunState.FINISHED
    assert look.answer is not None
    assert look.answer["figures"][0] == {"label": "car", "value": 4, "of": None, "unit": "car", "filter": {}} or (
        look.answer["figures"][0]["value"] == 4
    )
    assert follow.row.rests_on == look.id
    assert follow.answer is not None
    assert follow.answer["view"] == "map"
    place = next(one for one in desk.conversations.places(follow.id) if one.viewpoint.camera == "10.1.2.3")
    assert (place.viewpoint.latitude, place.value) == (16.39, 4)
    seen = {one.name: one for one in desk.observations.all(look.run.id)}
    assert seen["c.jpg"].reason == "500"
    assert seen["Old_Bus_Stand_10_1_2_3_20260314_093000.jpg"].taken_at is not None
    # The site's clock is five and a half hours ahead; the session stands where it stood.
    assert taken.sessions[0].as_json()["created_at"] == "2026-03-14T04:00:00.123456Z"


def test_a_question_without_rows_keeps_what_the_file_says_and_no_figure(desk: Desk) -> None:
    told = spine_session()
    told["conversation"]["queries"][0]["results"] = []
    taken = desk.imports.take(json.dumps(told).encode(), "x.json")
    look = desk.conversations.open(taken.sessions[0].id).messages[0]
    assert look.run is None
    assert look.answer is not None
    assert look.answer["headline"] == "Analyzed 4 images, found 1 matches"
    assert look.answer["figures"] == []


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("sessions/a/conversation.json")
    entry.external_attr = 0o120777 << 16
    return entry


SOUND = json.dumps(spine_session()["conversation"]).encode()
HOSTILE = {
    "out of its folder": zipped(("../../conversation.json", SOUND)),
    "absolute": zipped(("/etc/conversation.json", SOUND)),
    "a drive": zipped(("C:/conversation.json", SOUND)),
    "backslashes": zipped(("..\\conversation.json", SOUND)),
    "a link": zipped((link(), b"/etc/passwd")),
    "ten million zeros": zipped(("a/conversation.json", b"0" * 10_000_000)),
    "another zip": zipped(("a/conversation.json", SOUND), ("inner.zip", zipped(("conversation.json", SOUND)))),
    "too many files": zipped(*((f"{n}.txt", b"") for n in range(2001))),
    "cut short": zipped(("a/conversation.json", SOUND))[:-40],
    "only its first letters": b"PK\x03\x04",
    "empty": b"",
    "spaces": b"  \n",
    "a page": b"<!doctype html><html></html>",
    "a list": b"[]",
    "another object": b'{"a": 1}',
    "nested without end": b"[" * 100_000,
    "no UTF-8": b'{"queries": ["\xff"]}',
    "a number of ten thousand digits": b'{"queries": [' + b"9" * 10_000 + b"]}",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_and_nothing_is_kept(desk: Desk, tmp_path: Path, content: bytes) -> None:
    """Threat row 22."""
    before = {path: path.stat().st_size for path in tmp_path.rglob("*") if not path.name.startswith("state.db")}
    with pytest.raises(ImportRefused) as refused:
        desk.imports.take(content, "x")
    assert refused.value.sentence.endswith(".")
    assert refused.value.hint
    assert desk.conversations.sessions() == []
    after = {path: path.stat().st_size for path in tmp_path.rglob("*") if not path.name.startswith("state.db")}
    assert after == before


def test_a_directory_that_lies_about_its_size_is_refused() -> None:
    """Threat row 22: what unpacks to more than its directory says."""
    content = bytearray(zipped(("a/conversation.json", b'{"queries": []' + b" " * 5000 + b"}")))
    start = content.rindex(b"PK\x01\x02")
    content[start + 24 : start + 28] = (100).to_bytes(4, "little")
    with pytest.raises(ImportRefused):
        read_sessions(bytes(content))


@pytest.mark.parametrize(
    "damage",
    [
        {"plan": {"kind": "look"}},
        {"plan": [1, 2]},
        {"results": [1, None, "x", {}, {"latitude": 1e400, "longitude": "x", "count": -1, "boxes": [[1], "x"]}]},
        {"results": [{"filename": 5, "match": [], "timestamp": "9999-12-31T23:59:59-14:00", "count": 10**30}]},
        {"results": {"a": 1}, "key_findings": [1, {"location": 1, "count": {}}], "summary": 7},
        {"user_query": "\ud800\x00", "timestamp": "yesterday", "rests_on": 99, "notes": [1], "model": {"name": [1]}},
        {"user_query": "x" * 100_000, "error": {"code": 1}, "run": {"state": "running", "listed": "many"}},
        {"context_used": True, "rests_on": 1, "results": []},
        {"results": [{"filename": "a.jpg", "match": True, "latitude": float("nan"), "longitude": 8.0}]},
    ],
    ids=range(9),
)
def test_whatever_a_question_says_the_session_can_be_opened_and_exported(desk: Desk, damage: dict[str, Any]) -> None:
    told = spine_session()
    told["conversation"]["queries"][0] |= damage
    taken = desk.imports.take(json.dumps(told).encode(), "x.json")
    session_id = taken.sessions[0].id
    json.dumps(desk.conversations.open(session_id).as_json())
    assert len(document(desk, session_id)["conversation"]["queries"]) == 2


HOSTILE_PLANS = [
    {"limit": "many"},
    {"target": {"a": 1}},
    {"scope": {"districts": [[1]], "mandals": [], "locations": [], "cameras": [], "unknown": [], "from": None,
               "to": None, "hours": None, "previous": None}},
    {"condition": {"op": ">", "value": "x"}},
    {"condition": {"op": "between", "value": [1]}},
    {"archive": "yes"},
    {"task": None},
]  # fmt: skip


@pytest.mark.parametrize("damage", HOSTILE_PLANS, ids=repr)
def test_a_plan_that_no_question_makes_is_not_believed(desk: Desk, session_id: str, damage: dict[str, Any]) -> None:
    told = document(desk, session_id)
    told["conversation"]["queries"][0]["plan"] |= damage
    taken = desk.imports.take(json.dumps(told).encode(), "x.json")
    look = desk.conversations.open(taken.sessions[0].id).messages[0]
    assert look.row.plan["target"] == "people"
    assert look.answer is not None
    json.dumps(look.as_json())


def test_a_file_that_fails_while_it_is_kept_leaves_nothing(
    desk: Desk, session_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = whole(desk.exports.session(session_id).document())

    def full(*_: Any) -> None:
        raise InvalidRequest("The disk is full.")

    monkeypatch.setattr(desk.imports._store, "rename_session", full)
    with pytest.raises(InvalidRequest):
        desk.imports.take(file, "x.json")
    assert [view.id for view in desk.conversations.sessions()] == [session_id]
