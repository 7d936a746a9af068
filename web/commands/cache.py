"""``cache``: what is kept only to be quick, and letting it go. Nothing that was said or learnt is among it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

# Under DATA_DIR; both are made again when they are needed.
CACHES = {"thumbnails": "small pictures of a folder's pictures", "smolvlm/tiles": "pictures as SmolVLM has read them"}
_AGES = {"1h": 3600.0, "24h": 86_400.0, "all": 0.0}


@click.group("cache", help="What is kept only to be quick.")
def cache() -> None:
    """The commands below it."""


@cache.command("info")
@with_appcontext
def info() -> None:
    """How many files there are, how large they are, and how old the oldest is."""
    now = time.time()
    for name, about in CACHES.items():
        found = list(_files(_folder(name)))
        size = sum(size for _, _, size in found)
        oldest = max((now - at for _, at, _ in found), default=0.0)
        click.echo(f"{name:<14} {len(found):>8,} files {size / 1e6:>10,.1f} MB, oldest {oldest / 3600:.1f} h: {about}")


@cache.command("clean")
@click.option("--older-than", "age", type=click.Choice(list(_AGES)), default="24h", show_default=True, help="How old.")
@click.option("--dry-run", is_flag=True, help="Say what would go; remove nothing.")
@with_appcontext
def clean(age: str, dry_run: bool) -> None:
    """Remove what is older than an hour, a day, or all of it. Sightline may run meanwhile."""
    number = freed = 0
    before = time.time() - _AGES[age]
    for name in CACHES:
        for path, at, size in _files(_folder(name)):
            if at <= before:
                number, freed = number + 1, freed + size
                if not dry_run:
                    path.unlink(missing_ok=True)
    click.echo(f"{number:,} files, {freed / 1e6:,.1f} MB {'would go' if dry_run else 'removed'}.")


def _folder(name: str) -> Path:
    return Path(current_app.config["DATA_DIR"]) / name


def _files(folder: Path) -> Iterator[tuple[Path, float, int]]:
    """Each file with when it was made and its size; links are not followed."""
    for path in folder.rglob("*"):
        try:
            status = path.lstat()
        except OSError:  # it has just gone
            continue
        if path.is_file() and not path.is_symlink():
            yield path, status.st_mtime, status.st_size
