"""Evidence bundles: what is packed, that the figures come out again, and that nothing hostile gets in."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Conflict
from core.states import RunState
from sessions.export.archive import ImportRefused
from sessions.export.bundle import MANIFEST, MEMBERS, OBSERVATIONS, SEEN_BEFORE, bundle
from sessions.export.extract import Extract
from sessions.export.verify import verify
from sessions.views import MessageView
from tests.sessions.desk import Desk
from tests.sessions.export.conftest import ADDRESS

PROGRAM = "0.1.0"
QUESTIONS = (
    "Count people at each location",
    "Which district has the most?",
    "Only those above one",
    "How many people in total?",
    "Show me on a map",
    "How many people per hour?",
    "Which locations have no people?",
)


def packed(extract: Extract) -> bytes:
    return b"".join(bundle(extract, lambda _: b"\xff\xd8\xff\xd9", PROGRAM))


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def repacked(content: bytes, **changed: Any) -> bytes:
    """The bundle with other members: a value by its name without the ending, ``None`` leaves one out."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in members(content).items():
            other = changed.get(name.split(".")[0], held)
            if other is not None:
                archive.writestr(name, other if isinstance(other, bytes | str) else json.dumps(other))
    return out.getvalue()


def test_a_bundle_holds_all_that_the_answer_rests_on(extract: Extract) -> None:
    held = members(packed(extract))
    assert set(held) == {*MEMBERS, MANIFEST}
    question, model = json.loads(held["question.json"]), json.loads(held["model.json"])
    assert question["question"] == "Count people at each location"
    assert question["look"]["counts"] == {"match": 15, "no_match": 8, "unsure": 0, "unreadable": 1}
    assert (model["name"], model["prompts"]["ask"]) == ("scripted", "How many people are visible?")
    assert json.loads(held["answer.json"]) == extract.answer
    rows = [json.loads(line) for line in held[OBSERVATIONS].splitlines()]
    assert len(rows) == 24
    assert all(row["identity"]["kind"] and row["identity"]["value"] for row in rows if row["outcome"] != "unreadable")
    assert b"Content-Security-Policy" in held["report.html"]


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_the_figures_come_out_again(desk: Desk, answered: Callable[..., MessageView], number: int) -> None:
    session = None
    for question in QUESTIONS[: number + 1] if number < 2 else (QUESTIONS[0], QUESTIONS[number]):
        message = answered(question, session)
        session = message.row.session_id
    assert message.answer, message.row.error
    verdict = verify(packed(desk.exports.answer(message.id, "Northside", ADDRESS)), PROGRAM)
    assert verdict.differences == ()
    assert verdict.headline == message.answer["headline"]
    assert verdict.figures > 0


def test_a_difference_carries_both_answers_and_comes_out_again(
    desk: Desk, answered: Callable[..., MessageView]
) -> None:
    session = answered("How many people are at Gate 0?").row.session_id
    answered("How many people are at Gate 1?", session)
    message = answered("Is that more than before?", session)
    assert message.answer, message.row.error
    content = packed(desk.exports.answer(message.id, "Northside", ADDRESS))
    assert verify(content, PROGRAM).differences == ()
    rows = [json.loads(line) for line in members(content)[SEEN_BEFORE].splitlines()]
    lines = "".join(json.dumps(row | {"outcome": "match", "count": 7}) + "\n" for row in rows)
    told = " ".join(verify(repacked(content, observations_before=lines), PROGRAM).differences)
    assert "observations_before.jsonl is not the file that was packed" in told and "value is" in told
    with pytest.raises(ImportRefused):
        verify(repacked(content, before=None), PROGRAM)


def test_what_was_changed_afterwards_is_told(extract: Extract) -> None:
    content = packed(extract)
    answer = json.loads(members(content)["answer.json"])
    answer["figures"][0]["value"] += 1
    answer["headline"] = "There are 1,000 people."
    told = " ".join(verify(repacked(content, answer=answer), PROGRAM).differences)
    assert "answer.json is not the file that was packed" in told
    assert "value is" in told
    assert "The headline is “There are 1,000 people.”" in told


def test_an_observation_that_was_changed_is_told_even_under_a_true_digest(extract: Extract) -> None:
    content = packed(extract)
    held = members(content)
    rows = [json.loads(line) for line in held[OBSERVATIONS].splitlines()]
    for row in rows:
        if row["outcome"] == "match":
            row["outcome"], row["count"] = "no_match", 0
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    manifest = json.loads(held[MANIFEST])
    manifest["members"][OBSERVATIONS]["sha256"] = hashlib.sha256(lines).hexdigest()
    verdict = verify(repacked(content, observations=lines, manifest=manifest), PROGRAM)
    assert not verdict.agrees
    assert any("pictures are said to be match" in each for each in verdict.differences)
    assert not any("SHA-256" in each for each in verdict.differences)


def test_another_versions_sentences_are_not_compared_and_its_figures_are(extract: Extract) -> None:
    content = packed(extract)
    answer = json.loads(members(content)["answer.json"]) | {"headline": "In other words."}
    assert not any("headline" in each for each in verify(repacked(content, answer=answer), "9.9").differences)


def _zip_of(name: str, content: bytes = b"x", mode: int = 0o644) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr, entry.compress_type = mode << 16, zipfile.ZIP_DEFLATED
        archive.writestr(entry, content)
    return out.getvalue()


def _of_many_entries() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(101):
            archive.writestr(f"{number}.txt", b"")
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"PK\x03\x04 and no more", id="broken"),
        pytest.param(b"%PDF-1.4", id="another kind of file"),
        pytest.param(_zip_of("../../etc/passwd"), id="out of its folder"),
        pytest.param(_zip_of("/etc/passwd"), id="absolute"),
        pytest.param(_zip_of("link", b"/etc/passwd", stat.S_IFLNK | 0o777), id="link"),
        pytest.param(_zip_of("zeros", b"\0" * 40_000_000), id="bomb"),
        pytest.param(_zip_of("inner.zip"), id="nested"),
        pytest.param(_of_many_entries(), id="entries"),
        pytest.param(_zip_of("manifest.json", b"{}"), id="no bundle"),
    ],
)
def test_what_is_no_bundle_or_could_do_harm_is_refused(content: bytes) -> None:
    """Threat row 22."""
    with pytest.raises(ImportRefused):
        verify(content, PROGRAM)


@pytest.mark.parametrize(
    "changed",
    [
        {"answer": None}, {"answer": "[]"}, {"answer": "{"}, {"answer": {}}, {"plan": {"plan": 1, "looked": 2}},
        {"question": {"look": {}}}, {"observations": "[" * 100_000 + "\n"}, {"observations": '{"count": 1}\n'},
        {"manifest": {"format": "other"}}, {"manifest": {"format": "sightline-bundle", "version": 2, "members": {}}},
    ],
)  # fmt: skip
def test_members_that_are_not_what_they_should_be_are_refused(extract: Extract, changed: dict[str, Any]) -> None:
    with pytest.raises(ImportRefused):
        verify(repacked(packed(extract), **changed), PROGRAM)


def test_one_picture_twice_is_refused(extract: Extract) -> None:
    content = packed(extract)
    lines = members(content)[OBSERVATIONS]
    with pytest.raises(ImportRefused, match="twice"):
        verify(repacked(content, observations=lines + lines.splitlines(keepends=True)[0]), PROGRAM)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bytes_that_were_turned_end_in_a_verdict_or_a_refusal(extract: Extract, data: st.DataObject) -> None:
    content = bytearray(packed(extract))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        verify(bytes(content), PROGRAM)
    except ImportRefused:
        return


def test_a_bundle_waits_for_the_end_of_the_look(extract: Extract) -> None:
    running = replace(extract, run=replace(extract.run, state=RunState.RUNNING))
    with pytest.raises(Conflict):
        packed(running)


def test_an_identity_that_is_an_address_leaves_as_its_digest(desk: Desk, extract: Extract) -> None:
    """Threat row 41."""
    signed = "https://bucket.example/a.jpg?X-Goog-Signature=abc"
    seen = [replace(one, identity_kind="url", identity=signed) for one in extract.observations()]
    held = members(packed(replace(extract, observations=lambda: iter(seen))))
    assert b"X-Goog" not in b"".join(held.values())
    assert b'"kind": "url", "value": "sha256:' in held[OBSERVATIONS]
