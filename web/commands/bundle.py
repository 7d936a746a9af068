"""``bundle verify``: whether the figures of an evidence bundle follow from its observations."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from core.errors import SightlineError

_DIFFERS, _UNREADABLE = 1, 2


@click.group("bundle", help="Evidence bundles: answers with all that they rest on.")
def bundle() -> None:
    """Commands about bundles."""


@bundle.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def verify(wired: Any, file: Path) -> None:
    """Work the figures of FILE out again, from the observations in it alone.

    Exits with 0 where all agrees, with 1 and what differs, or with 2 and one line where FILE can't be read.
    """
    from sessions.export.verify import verify as verified

    try:
        found = verified(_content(file), _program(wired))
    except (SightlineError, OSError) as error:
        click.echo(_sentence(error), err=True)
        sys.exit(_UNREADABLE)
    click.echo(f"“{found.question[:200]}”")
    click.echo(found.headline)
    if found.agrees:
        click.echo(f"Agrees: {found.figures:,} figures come out of {found.pictures:,} pictures as the answer has them.")
        return
    for difference in found.differences:
        click.echo(f"Differs: {difference}")
    sys.exit(_DIFFERS)


def _content(file: Path) -> bytes:
    """As much of the file as a bundle may have, and one byte."""
    from sessions.export.verify import MOST_BYTES

    with file.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _program(wired: Any) -> str:
    """The version of the app that runs the command; none where nothing does."""
    return str(wired.load_app().config["SIGHTLINE_VERSION"]) if hasattr(wired, "load_app") else ""


def _sentence(error: Exception) -> str:
    if isinstance(error, SightlineError):
        return " ".join(f"{error.sentence} {error.hint}".split())
    return f"The file can't be read: {getattr(error, 'strerror', None) or 'no such file'}."
