"""``backup`` and ``restore``: one file that holds an installation, taken while it runs and made again elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext

from core.clock import SystemClock
from core.errors import InvalidRequest, SightlineError
from storage.holdings import Holdings
from storage.ownership import Ownership
from web.control import Command, ask_running
from web.services import HOLDINGS

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.database import Database

VERSION = "SIGHTLINE_VERSION"


@click.command("backup", help="Write everything that was learnt or said to FILE, while Sightline runs or not.")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """The running Sightline takes the backup, where there is one; else this process opens the data itself."""
    holdings: Holdings = current_app.extensions[HOLDINGS]
    path = file.absolute()
    if path.is_dir():
        path /= f"sightline-{SystemClock().now():%Y%m%d-%H%M%S}.zip"
    try:
        told = ask_running(holdings.folder, "backup", path=str(path))
        if told is None:
            told = _backup_alone(holdings, path)
    except SightlineError as error:
        raise click.ClickException(f"{error.sentence} {error.hint}".rstrip()) from error
    click.echo(f"{path}: {_rows(told)}, {path.stat().st_size / 1e6:,.1f} MB.")
    click.echo("Pictures are not in it: they are where they always were. Keep the file to yourself.")


@click.command("restore", help="Make this installation what FILE, a backup, holds.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Restore there, not into DATA_DIR.")
@click.option("--force", is_flag=True, help="Even where there are data; they are put aside, not deleted.")
@with_appcontext
def restore(file: Path, data_dir: Path | None, force: bool) -> None:
    """Every byte of the file is checked before anything is touched."""
    from storage.restore import restore as make_again

    holdings: Holdings = current_app.extensions[HOLDINGS]
    if data_dir is not None:
        holdings = Holdings(data_dir, holdings.database_url)
    ownership = Ownership(holdings.folder)
    try:
        ownership.start()
        restored = make_again(file, holdings, SystemClock().now(), force=force)
    except SightlineError as error:
        raise click.ClickException(f"{error.sentence} {error.hint}".rstrip()) from error
    finally:
        ownership.close()
    click.echo(f"Restored into {holdings.folder}: {_rows(restored.summary.as_json())}.")
    if restored.replaced is not None:
        click.echo(f"What was there before is in {restored.replaced}; delete it once you are content.")
    click.echo("Everybody signs in again. Runs that were under way go on when Sightline starts.")


def backup_on_request(engine: Engine, database: Database, holdings: Holdings, program: str) -> Command:
    """The running Sightline's side of ``backup``, over its open stores."""
    from storage.backup import Backup

    def run(words: Mapping[str, Any], stopping: Any) -> Mapping[str, Any]:
        path = words.get("path")
        if not isinstance(path, str) or "\0" in path or not Path(path).is_absolute():
            raise InvalidRequest("The backup needs a file's path.")
        taken = Backup(engine, database, holdings.registers_folder, program, stopping)
        return taken.write(Path(path), SystemClock().now()).as_json()

    return run


def _backup_alone(holdings: Holdings, path: Path) -> Mapping[str, Any]:
    from storage.backup import Backup

    with ExitStack() as opened:
        ownership = Ownership(holdings.folder)
        ownership.start()
        opened.callback(ownership.close)
        engine = holdings.open_state()
        opened.callback(engine.dispose)
        database = holdings.observations()
        opened.callback(database.close)
        program = current_app.config[VERSION]
        taken = Backup(engine, database, holdings.registers_folder, program).write(path, SystemClock().now())
    return taken.as_json()


def _rows(told: Mapping[str, Any]) -> str:
    rows = {part["name"]: part["rows"] for part in told["parts"]}
    sessions, people = rows.get("state/sessions.jsonl", 0), rows.get("state/people.jsonl", 0)
    observations = rows.get("observations/observations.parquet", 0)
    return f"{sessions:,} sessions, {observations:,} observations, {people:,} people"
