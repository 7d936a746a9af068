"""``outgoing``: what left this machine, to whom and when, out of ``DATA_DIR/logs/outgoing.log``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

_LONGEST_LINE = 10_000


@click.command("outgoing", help="Say what was sent to a cloud model: how much each day, and the last ones.")
@click.option("--last", type=click.IntRange(0, 100_000), default=10, show_default=True, help="How many lines to show.")
@with_appcontext
def outgoing(last: int) -> None:
    """Reads the log and the one before it; prints nothing that is not in them."""
    folder = Path(current_app.config["DATA_DIR"]) / "logs"
    sent = [*_read(folder / "outgoing.log.1"), *_read(folder / "outgoing.log")]
    if not sent:
        click.echo("Nothing has left this machine.")
        return
    days = Counter((line["at"][:10], line["to"], line["as"]) for line in sent)
    for (day, to, way), number in sorted(days.items()):
        what = "question" if way == _QUESTION else "picture"
        click.echo(f"{day}  {number} {what}{'' if number == 1 else 's'} to {to}, {_WAYS.get(way, way)}")
    for line in sent[-last:] if last else ():
        click.echo(f"{line['at']}  {line['to']}  {_WAYS.get(line['as'], line['as'])}  {_named(line)}")


_QUESTION = "text"
_WAYS = {"url": "by URL", "bytes": "as bytes", _QUESTION: "to be understood"}
_LONGEST_SHOWN = 80


def _named(line: dict[str, Any]) -> str:
    """The picture's name, or how the question begins; nothing that a terminal would obey."""
    named = line["question"][:_LONGEST_SHOWN] if line["as"] == _QUESTION else line["picture"]
    return "".join(sign if sign.isprintable() else " " for sign in named)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines that can be read; the last one may be half-written."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            try:
                line = json.loads(text[:_LONGEST_LINE])
            except ValueError:
                continue
            if isinstance(line, dict) and all(isinstance(line.get(name), str) for name in _needed(line)):
                yield line


def _needed(line: dict[str, Any]) -> tuple[str, ...]:
    return ("at", "to", "as", "question" if line.get("as") == _QUESTION else "picture")
