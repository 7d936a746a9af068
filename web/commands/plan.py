"""``flask plan``: what a question is understood as, printed as JSON. No database, no model, no network."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from core.errors import SightlineError, UnplannableQuestion

if TYPE_CHECKING:
    from analyzer.planner import Planner
    from storage.register import Register


@click.command("plan", help="Print the plan of a question as JSON.")
@click.argument("question", required=False)
@click.option("--register", "sheet", type=click.Path(path_type=Path), help="The sheet of cameras (xlsx or csv).")
@click.option("--after", multiple=True, help="An earlier question of the session; repeat it, oldest first.")
@click.option("--now", help="The clock for words like “yesterday”, as 2026-03-14T09:30:00.")
@click.option("--batch", help="JSON lines {id, question, after, now} from a file, or - for standard input.")
@click.pass_obj
def plan(
    wired: Any, question: str | None, sheet: Path | None, after: tuple[str, ...], now: str | None, batch: str | None
) -> None:
    """Exits 2 with one line on standard error when nothing can be planned."""
    try:
        planner = _planner(sheet, _configuration(wired))
        if batch is not None:
            for line in _batch(planner, _lines(batch), now):
                click.echo(line)
            return
        made = planner.plan(question or "", after, _moment(now))
    except SightlineError as error:
        click.echo(f"{error.sentence} {error.hint}".strip(), err=True)
        sys.exit(2)
    click.echo(json.dumps(made.as_json(), ensure_ascii=False, indent=2))


def _configuration(wired: Any) -> Mapping[str, Any]:
    """The configuration of the app that runs the command; empty where none does."""
    return wired.load_app().config if hasattr(wired, "load_app") else {}


def _planner(sheet: Path | None, configuration: Mapping[str, Any]) -> Planner:
    from analyzer.planner import Planner

    timezone = configuration.get("SITE_TIMEZONE")
    return Planner(_register(sheet or configuration.get("EXCEL_FILE")), ZoneInfo(timezone) if timezone else None)


def _register(sheet: Path | None) -> Register:
    from storage.register import EMPTY_REGISTER

    if not sheet:
        return EMPTY_REGISTER
    from storage.sheet import read_register

    return read_register(Path(sheet))


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise UnplannableQuestion(f"“{text}” is no time like 2026-03-14T09:30:00.") from error


def _lines(batch: str) -> Iterator[str]:
    try:
        opened = click.open_file(batch, encoding="utf-8")
    except OSError as error:
        raise UnplannableQuestion(f"{batch} can't be read: {error.strerror}.") from error
    with opened as lines:
        yield from lines


def _batch(planner: Planner, lines: Iterable[str], now: str | None) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield json.dumps(_answer(planner, line, number, now), ensure_ascii=False)


def _answer(planner: Planner, line: str, number: int, now: str | None) -> dict[str, Any]:
    """One plan with its id, or the reason why there is none; the other lines go on."""
    asked: Any = None
    try:
        asked = json.loads(line)
        after = asked.get("after") or ()
        made = planner.plan(str(asked["question"]), [str(one) for one in after], _moment(asked.get("now") or now))
    except SightlineError as error:
        return {"id": asked.get("id"), "error": error.sentence}
    except (ValueError, KeyError, AttributeError, TypeError):
        found = asked.get("id") if isinstance(asked, dict) else None
        return {"id": found, "error": f"Line {number} is no JSON object with a question."}
    return {"id": asked.get("id"), **made.as_json()}
