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
_INTERRUPTED = 130
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
                    click.echo(f"{stored.size_bytes:>12,}  {_line(stored.name)}")
    click.echo(f"{number:,} objects, {size / 1e6:,.1f} MB", err=True)


@gcs.command("self-test")
@_bucket
@_prefix
@with_appcontext
def self_test(bucket: str | None, prefix: str | None) -> None:
    """Try each thing that a run needs, and say which fails: list, write, sign, fetch by URL, read, delete."""
    with _told():
        chosen, under = _chosen(bucket, prefix)
    sys.exit(int(not all(list(_tried(chosen, under)))))  # a list: what fails ends no trying


def _tried(bucket: CloudBucket, under: str) -> Iterator[bool]:
    """Whether each thing works. Who may not write is tried with what lies there: to ask, nobody need write."""
    own, content = f"{under}sightline-self-test.txt", b"Sightline was here."
    there: list[str] = []
    yield _step("list", lambda: there.extend(one.name for one in next(iter(bucket.objects(under)), ())))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test.txt"
        path.write_bytes(content)
        written = _step("write", lambda: bucket.upload(path, own))
    yield written
    name = own if written else next(iter(there), "")

    def sign() -> None:
        bucket.require_signing()
        bucket.url(name or own)

    yield _step("sign", sign)
    if not name:
        click.echo("fetch by URL, read and delete are not tried: nothing lies there.")
        return
    yield _step("fetch by URL", lambda: _require(_fetched(bucket.url(name)).startswith(content if written else b"")))
    yield _step("read", lambda: _require(bucket.read(name, 100_000_000).startswith(content if written else b"")))
    if written:
        yield _step("delete", lambda: bucket.delete(name))


def _step(what: str, try_it: Callable[[], object]) -> bool:
    try:
        try_it()
    except (SightlineError, OSError) as error:
        told = f"{error.sentence} {error.hint}" if isinstance(error, SightlineError) else str(error)
        click.echo(f"{what:<13} failed: {told}".rstrip())
        return False
    click.echo(f"{what:<13} ok")
    return True


def _run(folder: Path, bucket: str | None, prefix: str | None, *, overwrite: bool, send: bool) -> int:
    with _told():
        chosen, under = _chosen(bucket, prefix)
        under += "/" if under and not under.endswith("/") else ""
        files = files_in(folder)
        done = upload(chosen, folder, files, under, overwrite=overwrite, send=send)
        try:
            with click.progressbar(done, length=len(files), label=chosen.name, file=sys.stderr) as bar:
                told = [outcome for outcome in bar if outcome.put in (Put.DIFFERS, Put.MISSING, Put.FAILED)]
        except KeyboardInterrupt:
            click.echo("\nStopped. Run it again: it goes on where it stopped.", err=True)
            return _INTERRUPTED
        counted = Counter(outcome.put for outcome in told)
    for outcome in told[:100]:
        click.echo(_line(f"{outcome.put:<8} {outcome.name} {outcome.reason}".rstrip()))
    if len(told) > 100:
        click.echo(f"… and {len(told) - 100:,} more")
    good = len(files) - len(told)
    rest = "".join(f", {number:,} {put}" for put, number in counted.items())
    click.echo(f"{good:,} of {len(files):,} are there{rest}", err=True)
    if send and counted[Put.DIFFERS]:
        click.echo("What differs was left alone; --overwrite replaces it.", err=True)
    return int(bool(told))


def _chosen(bucket: str | None, prefix: str | None) -> tuple[CloudBucket, str]:
    told: tuple[str, str, Access] = current_app.extensions[CLOUD]
    name = (bucket or told[0]).removeprefix("gs://").rstrip("/")
    if not name:
        raise click.UsageError("Name the bucket with --bucket, or set GCS_BUCKET_NAME.")
    return CloudBucket(name, told[2]), told[1] if prefix is None else prefix


def _line(text: str) -> str:
    """``text`` as a terminal may show it: a name may hold what would steer one, or be no text at all."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


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
