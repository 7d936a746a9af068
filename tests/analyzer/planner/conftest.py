"""Registers and questions that the planner's tests share."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from analyzer.plan import Plan
from analyzer.planner import Planner
from analyzer.planner.words import Speller
from storage.register import Register, RegisteredCamera
from storage.sheet import read_register

QUESTIONS = Path(__file__).parents[1]
SATURDAY = datetime(2026, 3, 14, 9, 30)  # noqa: DTZ001 - local site time
_ROWS = (  # camera, location, district, old district, mandal
    ("10.4.2.17", "Benz Circle", "NTR", "Krishna", "Vijayawada Central"),
    ("CAM-07", "RTC Complex", "Guntur", "Guntur", "Tenali"),
    ("10.4.2.18", "Railway Station Road", "Krishna", "Krishna", "Machilipatnam"),
    ("10.4.2.19", "Clock Tower", "Palnadu", "Guntur", "Narasaraopet"),
    ("10.4.2.20", "Kanaka Durga Temple", "NTR", "Krishna", "Vijayawada Central"),
    ("10.4.2.21", "Beach Road", "Visakhapatnam", "Visakhapatnam", "Gajuwaka"),
    ("10.4.2.22", "Gandhi Statue", "Prakasam", "Prakasam", "Ongole"),
    ("10.4.2.23", "NTR Circle", "Guntur", "Guntur", "Mangalagiri"),
    ("10.4.2.24", "Hindu College Junction", "Sri Potti Sriramulu Nellore", None, "Kavali"),
    ("10.4.2.25", "Market Centre", "Bapatla", "Guntur", "Chirala"),
)


def register_of(rows: tuple[tuple[str, str | None, str | None, str | None, str | None], ...]) -> Register:
    cameras = tuple(
        RegisteredCamera(number, camera, location, district, old, mandal, 16.0, 80.0)
        for number, (camera, location, district, old, mandal) in enumerate(rows, start=2)
    )
    return Register("test", "v1", {}, cameras)


_ELSEWHERE = ("karnataka", "yorkshire", "clyde", "wisla", "mall", "eko", "depot", "rail", "campus", "kerala", "ohio",
              "shire", "laval", "penang", "alpe", "port", "farm", "home", "cape", "zoo", "arena", "news", "kampala",
              "school", "ferry", "museum", "site", "lisboa", "hospital",
              "vine", "delhi", "stadtwerke", "aquapark", "freight", "vizag", "town",
              "resortbeach", "metro")  # fmt: skip


@pytest.fixture(scope="session")
def own_register() -> Register:
    return register_of(_ROWS)


@pytest.fixture(scope="session")
def own_planner(own_register: Register) -> Planner:
    return Planner(own_register, ZoneInfo("Asia/Kolkata"))


@pytest.fixture(scope="session")
def blind_planner() -> Planner:
    return Planner(read_register(QUESTIONS / "questions_register.csv"), ZoneInfo("Asia/Kolkata"))


@pytest.fixture(scope="session")
def planner_elsewhere() -> dict[str, Planner]:
    """Planners over registers that the rules were not written by: other names, other habits of numbering."""
    speller = Speller()
    return {
        name: Planner(read_register(QUESTIONS / f"questions_{name}.csv"), ZoneInfo("Asia/Kolkata"), speller)
        for name in _ELSEWHERE
    }


@pytest.fixture
def ask(own_planner: Planner) -> Callable[..., Plan]:
    """Plan a question on Saturday 14 March 2026, half past nine."""

    def plan(question: str, *after: str) -> Plan:
        return own_planner.plan(question, after, SATURDAY)

    return plan


def questions(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (QUESTIONS / name).read_text(encoding="utf-8").splitlines() if line.strip()]
