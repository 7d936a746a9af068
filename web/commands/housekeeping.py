"""``housekeeping``: let what is old leave now, in the running Sightline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext

from core.errors import SightlineError
from storage.holdings import Holdings
from web.control import Command, ask_running
from web.services import HOLDINGS

if TYPE_CHECKING:
    from sessions.housekeeping import Housekeeper


@click.command("housekeeping", help="Let what is old leave now, as KEEP_BIN_DAYS and its like say.")
@click.option("--confirm", is_flag=True, help="The clock is right, although it jumped.")
@with_appcontext
def housekeeping(confirm: bool) -> None:
    """Reaches the Sightline that is running; there is nothing to do where none is."""
    holdings: Holdings = current_app.extensions[HOLDINGS]
    try:
        told = ask_running(holdings.folder, "housekeeping", confirm=confirm)
    except SightlineError as error:
        raise click.ClickException(f"{error.sentence} {error.hint}".rstrip()) from error
    if told is None:
        raise click.ClickException("No Sightline is running on this DATA_DIR; it tidies up when it starts.")
    click.echo(told["warning"] or "Done.")


def housekeeping_on_request(housekeeper: Housekeeper) -> Command:
    """The running Sightline's side of it."""

    def run(words: Mapping[str, Any], _stopping: Any) -> Mapping[str, Any]:
        housekeeper.go_round(confirmed=words.get("confirm") is True)
        return {"warning": housekeeper.warning}

    return run
