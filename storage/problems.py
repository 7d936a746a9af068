"""What is wrong with a sheet, collected while it is read."""

from __future__ import annotations

from collections.abc import Sequence

from storage.picture_address import without_secrets
from storage.register import Problem

_SHOWN = 120  # characters of a cell that a problem shows
_MOST = 100_000  # a sheet made of nothing but faults must not fill the memory


class ProblemList:
    """Problems by row and column; ``written`` are the headings of the columns."""

    def __init__(self, written: Sequence[str]) -> None:
        self._written = written
        self._problems: list[Problem] = []
        self._more = 0

    def add(self, row: int, column: int | None, code: str, value: object, message: str) -> None:
        """List one; the value is cut and its secrets masked, for it will be shown."""
        if len(self._problems) >= _MOST:
            self._more += 1
            return
        heading = None if column is None or column >= len(self._written) else self._written[column] or None
        text = without_secrets(as_shown(value))
        if len(text) > _SHOWN:
            text = text[:_SHOWN] + "…"
        self._problems.append(Problem(row, heading, code, text, message))

    def drop(self, row: int) -> None:
        """Forget what was said of a row; looks at the latest only, for rows are read in order."""
        while self._problems and self._problems[-1].row == row:
            self._problems.pop()

    def by_row(self) -> tuple[Problem, ...]:
        """All of them in the order of the sheet; a last one says how many more there were."""
        found = sorted(self._problems, key=lambda problem: problem.row)
        if self._more:
            message = f"{self._more:,} more problems are not listed."
            found.append(Problem(found[-1].row, None, "more_problems", str(self._more), message))
        return tuple(found)


def as_shown(cell: object) -> str:
    """A cell as a spreadsheet shows it: whole numbers, of which a spreadsheet knows none, without a fraction."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
