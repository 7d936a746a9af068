"""What the tests of this room share where something may leave the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from analyzer.leaving import Leaving, Spending, open_leaving
from core.clock import SystemClock


@pytest.fixture
def leaving(tmp_path: Path) -> Iterator[Leaving]:
    """A log, a purse of a dollar a day, and nobody's yes yet."""
    opened = open_leaving(tmp_path, "folder", Spending(most_per_day=1.0), SystemClock(), ZoneInfo("UTC"))
    yield opened
    opened.close()
