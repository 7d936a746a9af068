"""``register check``: what Sightline understands of a sheet of cameras, before anybody relies on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from core.errors import RegisterUnreadable
from storage.headings import How
from storage.placing import FIELDS
from storage.reading import Choice, Reading
from storage.register import Problem, Register
from storage.sheet import read_sheet

_TOLD = ("camera", "latitude", "longitude", "location", "district")
_UNREADABLE = 2
_MOST_LINES = 50
_DOUBTS = {How.NEAR: "  (a heading much like it)", How.VALUES: "  (by what stands in it)"}


@click.group("register", help="The register of locations: which camera stands where.")
def register() -> None:
    """Commands about the register."""


@register.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for programs.")
@click.option(
    "--column", "chosen", multiple=True, metavar="FIELD=HEADING", help="Say which column is which; repeat it."
)
@click.option("--sheet", help="Say which sheet of the file has the cameras.")
def check(file: Path, as_json: bool, chosen: tuple[str, ...], sheet: str | None) -> None:
    """Say which columns of FILE are which, how many cameras can be placed, and what is wrong with which row.

    FIELD is camera, latitude, longitude, location, district, old_district, mandal, camera_type, analytics_type or
    picture_url; HEADING may be “column C”, or nothing where there is no such column.

    Exits with 0 for whatever can be read, and with 2 and one line for what can't.
    """
    choice = Choice(dict(map(_chosen, chosen)), sheet)
    try:
        reading = read_sheet(file, choice)
    except RegisterUnreadable as error:
        if as_json:
            click.echo(json.dumps(_shape(None)))
        click.echo(" ".join(f"{error.sentence} {error.hint}".split()), err=True)
        raise SystemExit(_UNREADABLE) from None
    if as_json:
        click.echo(json.dumps(_shape(reading.register)))
    else:
        _tell(reading)


def _chosen(text: str) -> tuple[str, str]:
    field, equals, heading = text.partition("=")
    if not equals or field not in FIELDS:
        raise click.BadParameter(
            f"{text} is not FIELD=HEADING; fields are: {', '.join(FIELDS)}.", param_hint="--column"
        )
    return field, heading.strip()


def _shape(found: Register | None) -> dict[str, Any]:
    """The JSON of the check; ``None`` stands for a file that can't be read."""
    columns = found.columns if found else {}
    return {
        "readable": found is not None,
        "columns": {field: columns.get(field) for field in _TOLD},
        "rows": found.rows if found else 0,
        "placed": found.placed if found else 0,
        "problems": [
            {"row": problem.row, "column": problem.column, "code": problem.code, "value": problem.value}
            for problem in (found.problems if found else ())
        ],
    }


def _tell(reading: Reading) -> None:
    found = reading.register
    if len(reading.sheets) > 1:
        click.echo(f"Sheet “{_line(reading.sheet)}” of {len(reading.sheets)}; --sheet chooses another")
    figures = [(found.rows, "row"), (found.placed, "camera"), (len(found.problems), "problem")]
    rows, cameras, problems = (f"{number:,} {noun}{'' if number == 1 else 's'}" for number, noun in figures)
    click.echo(f"{rows}, {cameras} placed, {problems}")
    for column in reading.columns:
        click.echo(f"  {column.field.replace('_', ' ')}: {_line(column.heading)}{_DOUBTS.get(column.how, '')}")
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
