"""``ask``: one question from beginning to end without a browser; what was found is saved as JSON and as text (S2.29).

The question stands in the same data folder as the page's, and so in its list of sessions afterwards.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import click
from flask import current_app
from flask.cli import with_appcontext

from core.errors import SightlineError
from core.states import Outcome, RunState
from web.services import OPENER, Stores, services

if TYPE_CHECKING:
    from core.bus import Subscription
    from sessions.export.session_files import SessionExtract
    from sessions.views import MessageView

_FAILED, _NOT_ASKED, _IN_USE = 1, 2, 3
_PATIENCE_S = 1.0
_TOLD_EVERY_S = 2.0


@click.command("ask", help="Ask QUESTION of the pictures, without a browser, and save the answer.")
@click.argument("question")
@click.option("--images", type=click.Path(path_type=Path, exists=True, file_okay=False), help="The folder of pictures.")
@click.option("--excel", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The sheet of cameras.")
@click.option("--model", help="The model; without it the one that fits the question.")
@click.option("--yes", is_flag=True, help="Say yes to what it costs and to where its pictures go.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("analysis_results"), show_default=True,
    help="The folder to save into.",
)  # fmt: skip
@with_appcontext
def ask(question: str, images: Path | None, excel: Path | None, model: str | None, yes: bool, out: Path) -> None:
    """Exits with 0 when the question is answered, 1 when the look failed or was stopped (what was found is saved), 2
    when nothing could be asked, 3 when the data can't be opened: most often, because Sightline is running."""
    given = {"images_dir": images, "excel_file": excel}
    named: dict[str, Path | str] = {setting: path for setting, path in given.items() if path is not None}
    if images is not None:
        named["pictures_from"] = ""  # what was named here is meant
    try:
        stores = current_app.extensions[OPENER](**named)
    except SightlineError as error:
        _tell(error)
        sys.exit(_IN_USE)
    with closing(stores):
        code = _ask(stores, question, model, out, agreed=yes)
    sys.exit(code)


def _ask(stores: Stores, question: str, model: str | None, out: Path, *, agreed: bool) -> int:
    house = services()
    with house.bus.subscribe() as heard:
        try:
            session, message = stores.conversations.ask(question, model=model)
            if agreed and _awaits(message.row.error):
                click.echo(message.row.error["message"], err=True)
                session, message = stores.conversations.confirm(message.id, session.id)
        except SightlineError as error:
            _tell(error)
            return _NOT_ASKED
        if message.row.error is not None:
            click.echo(_refusal(message.row.error), err=True)
            return _NOT_ASKED
        message = _followed(stores, message, heard)
    click.echo(str((message.answer or {}).get("headline", "")), err=True)
    stores.conversations.wait_for_reports()
    message = stores.conversations.message(message.id)
    now = house.clock.now().astimezone(stores.exports.timezone)
    for path in _saved(stores.exports.session(session.id), message, out, now):
        click.echo(path)
    answered = message.run is None or message.run.state is RunState.FINISHED
    if message.run is not None and message.run.error:
        click.echo(message.run.error, err=True)
    return 0 if answered else _FAILED


def _followed(stores: Stores, message: MessageView, heard: Subscription) -> MessageView:
    """Tell of the progress until the run is over; Ctrl+C stops it and keeps what it found."""
    clock, told_at = services().clock, 0.0
    while (run := message.run) is not None and (run.state is RunState.RUNNING or message.row.answer is None):
        counts = ", ".join(f"{run.counts[outcome]} {outcome.replace('_', ' ')}" for outcome in Outcome)
        line = f"{run.done} of {max(run.listed, run.done)} pictures: {counts}"
        if clock.monotonic() - told_at >= _TOLD_EVERY_S:
            click.echo(line, err=True)
            told_at = clock.monotonic()
        try:
            heard.receive(_PATIENCE_S)
        except KeyboardInterrupt:
            click.echo("Stopping; what was found is kept.", err=True)
            stores.conversations.stop(run.id)
        message = stores.conversations.message(message.id)
    return message


def _saved(session: SessionExtract, message: MessageView, out: Path, now: datetime) -> Iterator[Path]:
    """Write ``analysis_<ts>.json``, the session's export, and ``report_<ts>.txt``; gives their paths."""
    out.mkdir(parents=True, exist_ok=True)
    name = free_name(out, f"{now:%Y%m%d_%H%M%S}")
    analysis, report = out / f"analysis_{name}.json", out / f"report_{name}.txt"
    with analysis.open("wb") as file:
        for piece in session.document():
            file.write(piece)
    report.write_text("\n".join(_report(message, now)) + "\n", encoding="utf-8")
    return iter((analysis, report))


def free_name(out: Path, name: str) -> str:
    """``name``, or with a number behind it where another run of the same second has it."""
    number, found = 1, name
    while (out / f"analysis_{found}.json").exists():
        number += 1
        found = f"{name}_{number}"
    return found


def _report(message: MessageView, now: datetime) -> Iterator[str]:
    answer: Any = message.answer or {}
    yield f"Question: {message.row.text}"
    yield f"Answered: {now:%Y-%m-%d %H:%M} ({now.tzinfo})"
    if message.row.model:
        yield f"Model: {message.row.model['name']} {message.row.model['version']}"
    yield ""
    yield str(answer.get("headline", "No answer."))
    yield from (f"- {finding}" for finding in answer.get("findings", ()))
    if report := answer.get("report"):
        yield from ("", report["introduction"], *report["findings"], report["conclusion"], f"({report['note']})")
    yield ""
    for figure in answer.get("figures", ()):
        of = "" if figure["of"] is None else f" of {figure['of']}"
        yield f"{figure['label']}: {figure['value']}{of} {figure['unit']}"
    groups = [group for group in answer.get("groups", ()) if group["value"] is not None]
    if groups:
        yield ""
        yield from (f"{group['label']}: {group['value']} ({group['outcome'].replace('_', ' ')})" for group in groups)
    if message.run is not None:
        yield ""
        yield "Pictures: " + ", ".join(
            f"{number} {outcome.replace('_', ' ')}" for outcome, number in message.run.counts.items()
        )


def _refusal(error: dict[str, Any]) -> str:
    offer = error.get("offer")
    hint = f"Ask for that with --model {offer['model']}." if offer else error.get("hint", "")
    if _awaits(error):
        hint = "Say yes with --yes."
    return f"{error['message']} {hint}".strip()


def _awaits(error: dict[str, Any] | None) -> TypeGuard[dict[str, Any]]:
    """Whether a question only waits for a yes."""
    return bool(error and error.get("offer", {}).get("confirm"))


def _tell(error: SightlineError) -> None:
    click.echo(f"{error.sentence} {error.hint}".strip(), err=True)
