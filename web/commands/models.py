"""``models list | pull | check``: SmolVLM's files on this machine, without the page."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from analyzer.models.engine_install import EngineStep, engine_state
from analyzer.models.smolvlm.files import DEFAULT, RELEASES, ModelFiles, Release, find_files, missing_files, verify
from core.errors import ModelUnavailable, SightlineError

_NAME = click.argument("name", type=click.Choice(list(RELEASES)), default=DEFAULT)


@click.group("models", help="SmolVLM's files: which are here, get them, check them.")
def models() -> None:
    """Commands about models."""


@models.command("list")
@with_appcontext
def list_models() -> None:
    """Say which models there are and which of them are on this machine."""
    engine = engine_state(_data_dir())
    click.echo(engine.sentence)
    for release in RELEASES.values():
        click.echo(f"{release.name:<14} {_stand(release, engine.state)}")


@models.command("pull")
@_NAME
@with_appcontext
def pull(name: str) -> None:
    """Fetch the files of NAME from the Hugging Face hub; goes on where it was broken off."""
    _needs_engine()
    from analyzer.models.smolvlm.fetching import fetch

    release = RELEASES[name]
    bar = _Bar()
    try:
        text, mmproj = fetch(release, _data_dir(), bar.show)
    except KeyboardInterrupt:
        raise click.ClickException(f"Stopped. What has come is kept: models pull {name} goes on.") from None
    except SightlineError as error:
        raise _failure(error) from error
    finally:
        bar.end()
    click.echo(f"{release.label} is here: {text} and {mmproj.name}.")


@models.command("check")
@_NAME
@with_appcontext
def check(name: str) -> None:
    """Check the files of NAME, load them, and ask a dozen drawn pictures with obvious answers.

    Exits with 1 where something is wrong.
    """
    _needs_engine()
    try:
        files = find_files(RELEASES[name], _models_dir(), _data_dir())
        if files is None:
            missing = " and ".join(missing_files(RELEASES[name], _models_dir(), _data_dir()))
            raise ModelUnavailable(f"{missing} can't be found.", f"Fetch what is missing: models pull {name}.")
        click.echo(f"{files.text}\n{files.mmproj}")
        verify(files)
        click.echo("The files are whole and belong together.")
        passed = _ask(files)
    except SightlineError as error:
        raise _failure(error) from error
    if not passed:
        raise SystemExit(1)


def _ask(files: ModelFiles) -> bool:
    from analyzer.models.smolvlm import selftest
    from analyzer.models.smolvlm.wire import Setup

    began = time.perf_counter()
    result = selftest.examine(Setup(files.text, files.mmproj, Path(), "check"))
    click.echo(f"{result.sentence} ({time.perf_counter() - began:.0f} s)")
    for line in result.wrong:
        click.echo(f"  {line}")
    return result.passed


class _Bar:
    """A bar on the terminal, once a percent; plain lines where the output is no terminal."""

    def __init__(self) -> None:
        self._said = -1
        self._live = sys.stderr.isatty()

    def show(self, done: int, total: int) -> None:
        """So many bytes of so many are here."""
        percent = 100 * done // total if total else 0
        if percent // (1 if self._live else 10) == self._said:
            return
        self._said = percent // (1 if self._live else 10)
        line = f"{percent:3d} %  {done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
        drawn = f"\r[{'#' * (percent // 4):<25}] {line}"
        click.echo(drawn if self._live else line, err=True, nl=not self._live)

    def end(self) -> None:
        """No more is shown."""
        if self._live:
            click.echo(err=True)


def _stand(release: Release, engine: EngineStep) -> str:
    size = f"about {release.size_bytes / 1e6:,.0f} MB"
    if engine is not EngineStep.READY:
        return size
    try:
        files = find_files(release, _models_dir(), _data_dir())
    except ModelUnavailable as error:
        return f"{error.sentence} {error.hint}"
    return f"here: {files.text}" if files else f"not here ({size}): models pull {release.name}"


def _needs_engine() -> None:
    engine = engine_state(_data_dir())
    if engine.state is not EngineStep.READY:
        raise click.ClickException(f"{engine.sentence} Or: pip install -r requirements.txt")


def _failure(error: SightlineError) -> click.ClickException:
    return click.ClickException(f"{error.sentence} {error.hint}".strip())


def _data_dir() -> Path:
    return Path(current_app.config["DATA_DIR"])


def _models_dir() -> Path | None:
    named: Path | None = current_app.config["MODELS_DIR"]
    return named
