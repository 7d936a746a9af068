"""``outgoing``: which pictures left this machine, to whom and when, out of ``DATA_DIR/logs/outgoing.log``."""

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


@click.command("outgoing", help="Say which pictures were sent to a cloud model: how many each day, and the last ones.")
@click.option("--last", type=click.IntRange(0, 100_000), default=10, show_default=True, help="How many lines to show.")
@with_appcontext
def outgoing(last: int) -> None:
    """Reads the log and the one before it; prints nothing that is not in them."""
    folder = Path(current_app.config["DATA_DIR"]) / "logs"
    sent = [*_read(folder / "outgoing.log.1"), *_read(folder / "outgoing.log")]
    if not sent:
        click.echo("No picture has left this machine.")
        return
    days = Counter((line["at"][:10], line["to"], line["as"]) for line in sent)
    for (day, to, way), number in sorted(days.items()):
        click.echo(f"{day}  {number} picture{'' if number == 1 else 's'} to {to}, {_WAYS.get(way, way)}")
    for line in sent[-last:] if last else ():
        click.echo(f"{line['at']}  {line['to']}  {_WAYS.get(line['as'], line['as'])}  {line['picture']}")


_NEEDED = ("at", "to", "as", "picture")
_WAYS = {"url": "by URL", "bytes": "as bytes"}


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
            if isinstance(line, dict) and all(isinstance(line.get(name), str) for name in _NEEDED):
                yield line
