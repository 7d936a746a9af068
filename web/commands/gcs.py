"""``gcs``: put pictures into a bucket, see what lies there, and try whether everything that a run needs is allowed."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from core.errors import SightlineError
from storage.google_cloud import Access, CloudBucket
from storage.upload import Put, files_in, upload
from web.services import CLOUD

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_bucket = click.option("--bucket", help="The bucket; without it GCS_BUCKET_NAME.")
_prefix = click.option("--prefix", help="What the names begin with; without it GCS_PREFIX.")


@click.group("gcs", help="Pictures in a bucket of Google Cloud Storage.")
def gcs() -> None:
    """The commands below it."""


@gcs.command("upload")
@click.argument("folder", type=_FOLDER)
@_bucket
@_prefix
@click.option("--overwrite", is_flag=True, help="Replace what lies there with another content.")
@with_appcontext
def upload_command(folder: Path, bucket: str | None, prefix: str | None, overwrite: bool) -> None:
    """Put the pictures of FOLDER into the bucket; what is there already is skipped, so it may be run again."""
    sys.exit(_run(folder, bucket, prefix, overwrite=overwrite, send=True))


@gcs.command("verify")
@click.argument("folder", type=_FOLDER)
@_bucket
@_prefix
@with_appcontext
def verify(folder: Path, bucket: str | None, prefix: str | None) -> None:
    """Compare FOLDER with the bucket by checksum; sends nothing. Exits with 1 where something is missing or differs."""
    sys.exit(_run(folder, bucket, prefix, overwrite=False, send=False))


@gcs.command("list")
@_bucket
@_prefix
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Names to show.")
@with_appcontext
def list_command(bucket: str | None, prefix: str | None, limit: int) -> None:
    """Names and sizes of what lies in the bucket."""
    number = size = 0
    with _told():
        chosen, under = _chosen(bucket, prefix)
        for page in chosen.objects(under):
            for stored in page:
                number, size = number + 1, size + stored.size_bytes
                if number <= limit:
                    click.echo(f"{stored.size_bytes:>12,}  {stored.name}")
    click.echo(f"{number:,} objects, {size / 1e6:,.1f} MB", err=True)


@gcs.command("self-test")
@_bucket
@_prefix
@with_appcontext
def self_test(bucket: str | None, prefix: str | None) -> None:
    """Try each thing that a run needs, and say which fails: list, write, sign, fetch by URL, read, delete."""
    with _told():
        chosen, under = _chosen(bucket, prefix)
    name, content, failed = f"{under}sightline-self-test.txt", b"Sightline was here.", False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test.txt"
        path.write_bytes(content)
        steps: dict[str, Callable[[], object]] = {
            "list": lambda: next(iter(chosen.objects(under)), None),
            "write": lambda: chosen.upload(path, name),
            "sign": lambda: chosen.url(name),
            "fetch by URL": lambda: _require(_fetched(chosen.url(name)) == content),
            "read": lambda: _require(chosen.read(name, 1000) == content),
            "delete": lambda: chosen.delete(name),
        }
        for step, try_it in steps.items():
            try:
                try_it()
            except (SightlineError, OSError) as error:
                failed = True
                hint = error.hint if isinstance(error, SightlineError) else ""
                sentence = error.sentence if isinstance(error, SightlineError) else type(error).__name__
                click.echo(f"{step:<13} failed: {sentence} {hint}".rstrip())
            else:
                click.echo(f"{step:<13} ok")
    sys.exit(int(failed))


def _run(folder: Path, bucket: str | None, prefix: str | None, *, overwrite: bool, send: bool) -> int:
    counted: Counter[Put] = Counter()
    with _told():
        chosen, under = _chosen(bucket, prefix)
        files = files_in(folder)
        done = upload(chosen, folder, files, under, overwrite=overwrite, send=send)
        with click.progressbar(done, length=len(files), label=chosen.name, file=sys.stderr) as bar:
            told = [outcome for outcome in bar if outcome.put in (Put.DIFFERS, Put.MISSING, Put.FAILED)]
            counted.update(outcome.put for outcome in told)
    for outcome in told[:100]:
        click.echo(f"{outcome.put:<8} {outcome.name} {outcome.reason}".rstrip())
    good = len(files) - len(told)
    rest = "".join(f", {number:,} {put}" for put, number in counted.items())
    click.echo(f"{good:,} of {len(files):,} are there{rest}", err=True)
    return int(bool(told))


def _chosen(bucket: str | None, prefix: str | None) -> tuple[CloudBucket, str]:
    told: tuple[str, str, Access] = current_app.extensions[CLOUD]
    name = bucket or told[0]
    if not name:
        raise click.UsageError("Name the bucket with --bucket, or set GCS_BUCKET_NAME.")
    return CloudBucket(name, told[2]), told[1] if prefix is None else prefix


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=15) as reply:  # noqa: S310 - the URL that we made just now
        return bytes(reply.read(1000))


def _require(equal: bool) -> None:
    if not equal:
        raise OSError("another content")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What goes wrong is a line, without a traceback."""
    try:
        yield
    except SightlineError as error:
        raise click.ClickException(f"{error.sentence} {error.hint}".rstrip()) from error
