"""The planner against four sets of questions: its author's; one written by somebody who had not seen the rules; one
over two other registers; and one over two dozen more (a council, a city of accents, a mall, a yard, a ski resort, a
farm, one person's webcams ...). Of the last two every expectation was written down before the planner was asked."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from analyzer.plan import Scope
from analyzer.planner import Planner
from analyzer.scope import PlaceFilter
from core.errors import UnplannableQuestion
from storage.sheet import read_register

_HERE = Path(__file__).parents[1]
_CLOCK = datetime(2026, 3, 14, 9, 30)  # noqa: DTZ001 - local site time
_REQUIRED = 0.97
_SETS = ("questions_own", "questions", "questions_elsewhere", "questions_fresh")
_LEVELS = ("districts", "mandals", "locations", "cameras")
_NAMES = {"districts", "mandals", "locations", "cameras", "unknown"}  # in any order


@pytest.mark.parametrize(
    ("file", "planner"),
    [("questions_own", "own_planner"), ("questions", "blind_planner"), ("questions_elsewhere", "planner_elsewhere"),
     ("questions_fresh", "planner_elsewhere")],
)  # fmt: skip
def test_the_planner_reads_at_least_97_of_100_questions_right(
    file: str, planner: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (_HERE / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()
    planners = request.getfixturevalue(planner)
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong: list[str] = []
    for line in filter(str.strip, lines):
        question = json.loads(line)
        ready = planners if isinstance(planners, Planner) else planners[question["register"]]
        faults = _faults(question["expect"] | _kept(ready, question), _planned(ready, question))
        kind = question.get("kind_of") or f"{question['who']}, {question['type']}"
        asked[kind] += 1
        right[kind] += not faults
        wrong += [f"{question['id']} {question['question']!r}: {'; '.join(faults)}"] if faults else []
    with capsys.disabled():
        print(f"\n{_table(file, asked, right)}")
        print("\n".join(wrong))
    assert right.total() >= _REQUIRED * asked.total(), "\n".join(wrong)


def test_the_sets_are_large_enough_with_follow_ups_and_decoys() -> None:
    asked = [
        json.loads(line)
        for file in _SETS
        for line in (_HERE / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    kinds = Counter(question.get("kind_of") or question["type"] for question in asked)
    assert len(asked) >= 1_000
    assert sum(bool(question.get("after")) for question in asked) >= 300
    assert kinds["decoy"] >= 100


def _kept(planner: Planner, question: dict[str, Any]) -> dict[str, Any]:
    """Of a question that leaves places out, what is left counts, by whichever names that is said."""
    keeps = question["expect"].pop("keeps", None)
    if keeps is None:
        return {}
    cameras = read_register(_HERE / f"questions_{question['register']}.csv").cameras
    given = _planned(planner, question).get("scope", {})
    districts, mandals, locations, named = (tuple(given.get(level, ())) for level in _LEVELS)
    held = PlaceFilter(Scope(districts, mandals, locations, named), cameras)
    return {} if [camera.camera for camera in cameras if held.holds(camera)] == keeps else {"keeps": keeps}


def _planned(planner: Planner, question: dict[str, Any]) -> dict[str, Any]:
    now = datetime.fromisoformat(question["now"]) if question.get("now") else _CLOCK
    try:
        return planner.plan(question["question"], question.get("after") or (), now).as_json()
    except UnplannableQuestion:
        return {"error": True}


def _faults(expected: dict[str, Any], found: dict[str, Any], at: str = "") -> list[str]:
    faults: list[str] = []
    for field, value in expected.items():
        given = found.get(field)
        if not _agrees(field, value, given):
            faults.append(f"{at}{field} should be {value}, is {given}")
    return faults


def _agrees(field: str, expected: Any, given: Any) -> bool:
    if isinstance(expected, dict) and set(expected) == {"any"}:
        return any(_agrees(field, one, given) for one in expected["any"])
    if field in _NAMES and isinstance(given, list):
        return sorted(expected) == sorted(given)
    if isinstance(expected, dict) and isinstance(given, dict):
        return not _faults(expected, given)
    return bool(expected == given)


def _table(file: str, asked: Counter[str], right: Counter[str]) -> str:
    rows = [f"  {kind:32} {right[kind]:4} of {count:4}" for kind, count in sorted(asked.items())]
    share = right.total() / asked.total()
    return "\n".join([f"{file}: {right.total()} of {asked.total()} ({share:.1%})", *rows])
