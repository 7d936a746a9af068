"""``outgoing``: what left this machine, to whom and when, out of ``DATA_DIR/logs/outgoing.log``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from analyzer.outgoing import Sending, Way, read_sendings


@click.command("outgoing", help="Say what was sent to a cloud model: how much each day, and the last ones.")
@click.option("--last", type=click.IntRange(0, 100_000), default=10, show_default=True, help="How many lines to show.")
@with_appcontext
def outgoing(last: int) -> None:
    """Reads the log and the one before it; prints nothing that is not in them."""
    sent = list(read_sendings(Path(current_app.config["DATA_DIR"]) / "logs"))
    if not sent:
        click.echo("Nothing has left this machine.")
        return
    days = Counter((one.at[:10], one.to, one.way is Way.TEXT, _way(one)) for one in sent)
    for (day, to, text, way), number in sorted(days.items()):
        what = "question" if text else "picture"
        click.echo(f"{day}  {number} {what}{'' if number == 1 else 's'} to {to}, {way}")
    for one in sent[-last:] if last else ():
        click.echo(f"{one.at}  {one.to}  {_way(one)}  {_named(one)}")


_WAYS = {Way.URL: "by URL", Way.BYTES: "as bytes", Way.TEXT: "to be understood"}
_REPORTED = "with its figures, for a report"
_LONGEST_SHOWN = 80


def _way(one: Sending) -> str:
    """How something was sent, and what for."""
    return _REPORTED if one.purpose == "report" else _WAYS[one.way]


def _named(one: Sending) -> str:
    """The picture's name, or how the question begins; nothing that a terminal would obey."""
    named = one.named[:_LONGEST_SHOWN] if one.way is Way.TEXT else one.named
    return "".join(sign if sign.isprintable() else " " for sign in named)
