"""``register check``: what Sightline understands of a sheet of cameras, before anybody relies on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from core.errors import RegisterUnreadable
from storage.register import Problem, Register
from storage.sheet import read_register

_FIELDS = ("camera", "latitude", "longitude", "location", "district")
_UNREADABLE = 2
_MOST_LINES = 50


@click.group("register", help="The register of locations: which camera stands where.")
def register() -> None:
    """Commands about the register."""


@register.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for programs.")
def check(file: Path, as_json: bool) -> None:
    """Say which columns of FILE are which, how many cameras can be placed, and what is wrong with which row.

    Exits with 0 for whatever can be read, and with 2 and one line for what can't.
    """
    try:
        found = read_register(file)
    except RegisterUnreadable as error:
        if as_json:
            click.echo(json.dumps(_shape(None)))
        click.echo(" ".join(f"{error.sentence} {error.hint}".split()), err=True)
        raise SystemExit(_UNREADABLE) from None
    if as_json:
        click.echo(json.dumps(_shape(found)))
    else:
        _tell(found)


def _shape(found: Register | None) -> dict[str, Any]:
    """The JSON of the check; ``None`` stands for a file that can't be read."""
    columns = found.columns if found else {}
    return {
        "readable": found is not None,
        "columns": {field: columns.get(field) for field in _FIELDS},
        "rows": found.rows if found else 0,
        "placed": found.placed if found else 0,
        "problems": [
            {"row": problem.row, "column": problem.column, "code": problem.code, "value": problem.value}
            for problem in (found.problems if found else ())
        ],
    }


def _tell(found: Register) -> None:
    click.echo(f"{found.rows:,} rows, {found.placed:,} cameras placed, {len(found.problems):,} problems")
    for field, heading in found.columns.items():
        click.echo(f"  {field.replace('_', ' ')}: {_line(heading)}")
    for problem in found.problems[:_MOST_LINES]:
        click.echo(_told(problem))
    if len(found.problems) > _MOST_LINES:
        click.echo(f"... and {len(found.problems) - _MOST_LINES:,} more; --json lists all")


def _told(problem: Problem) -> str:
    where = f"row {problem.row}" + (f", {_line(problem.column)}" if problem.column else "")
    value = f" ({_line(problem.value)})" if problem.value else ""
    return f"{where}: {problem.message}{value}"


def _line(text: str) -> str:
    """Text of a stranger's sheet without what would move the cursor of a terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)
