"""A real PostgreSQL of the tests' own: Debian's, in a temporary folder, on a socket, thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

_USER = "postgres"
# The tests' data are thrown away, so nothing has to survive a power cut.
_FAST = "fsync=off\nsynchronous_commit=off\nfull_page_writes=off\nshared_buffers=16MB\nmax_connections=60\n"


@dataclass
class Cluster:
    """A server that runs until the context ends; it can be stopped and started in between."""

    bin: Path
    home: Path
    made: int = 0

    def start(self) -> None:
        self._run("pg_ctl", "start", "-w", "-D", self.home / "data", "-l", self.home / "log")

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-m", "fast", "-D", self.home / "data")

    def database(self) -> str:
        """The URL of a new, empty database."""
        self.made += 1
        name = f"test{self.made}"
        with psycopg.connect(host=str(self.home), user=_USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://{_USER}@/{name}?host={self.home}"

    def _run(self, program: str, *arguments: str | Path) -> None:
        # PostgreSQL refuses to be started by root.
        user = _USER if os.geteuid() == 0 else None
        words = [str(self.bin / program), *map(str, arguments)]
        subprocess.run(words, check=True, user=user, cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    def make(self) -> None:
        arguments = (
            "-D",
            self.home / "data",
            "-U",
            _USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        self._run("initdb", *arguments)
        with (self.home / "data" / "postgresql.conf").open("a") as file:
            file.write(f"{_FAST}listen_addresses=''\nunix_socket_directories='{self.home}'\n")


def installed() -> Path | None:
    """Where the server's programs are; Debian keeps them out of the path, a folder for each version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    elsewhere = shutil.which("initdb")
    return found[-1].parent if found else Path(elsewhere).parent if elsewhere else None


@contextmanager
def cluster(programs: Path) -> Iterator[Cluster]:
    # Not pytest's folder: a socket's path may have 107 characters, and its parents must be open to another user.
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, _USER)
        made = Cluster(programs, home)
        made.make()
        made.start()
        yield made
        with suppress(subprocess.CalledProcessError):  # a test may have left it stopped
            made.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
