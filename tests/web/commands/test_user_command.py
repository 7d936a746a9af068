"""`user ...`: people on the command line, beside a running Sightline too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

from config import Settings
from flask_app import create_app
from web.services import EXTENSION

GOOD = "seven green doors"


class Commands:
    """`flask --app flask_app` over one data folder; each call is a process of its own, as far as the data go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, said: str | None = None) -> Result:
        app = self.app()
        # flask's own group would load `.env` files and its own commands: ours are what is tried.
        told = ScriptInfo(create_app=lambda: app)
        return CliRunner().invoke(app.cli, list(words), obj=told, input=said, prog_name="flask_app.py")

    def app(self) -> Flask:
        return create_app(Settings(data_dir=self.folder))

    def add(self, name: str, role: str = "operator") -> None:
        assert self("user", "add", name, "--role", role, "--password-stdin", said=f"{GOOD}\n").exit_code == 0

    @property
    def record(self) -> str:
        return (self.folder / "logs" / "audit.log").read_text(encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Commands]:
    yield Commands(tmp_path / "data")


def test_the_first_person_closes_the_door(run: Commands) -> None:
    reply = run("user", "add", "Asha", "--password-stdin", said=f"{GOOD}\n")
    assert reply.output.splitlines() == [
        "Asha may sign in as operator.",
        "From now on everybody must sign in. Sessions made before are every operator's.",
    ]
    assert run("user", "add", "Eve", "--role", "viewer", "--password-stdin", said=f"{GOOD}\n").output == (
        "Eve may sign in as viewer.\n"
    )
    listed = run("user", "list").output
    assert [line.split("\t")[:2] for line in listed.splitlines()] == [["Asha", "operator"], ["Eve", "viewer"]]
    assert 'action=user.add subject="Asha" outcome=done' in run.record
    assert GOOD not in run.record + listed


def test_the_password_is_asked_for_twice_and_a_weak_one_again(run: Commands) -> None:
    reply = run("user", "add", "Asha", said=f"short\n{GOOD}\n{GOOD}\n")
    assert reply.exit_code == 0
    assert "A password has 10 to 256 characters." in reply.output
    assert GOOD not in reply.output
    unlike = run("user", "add", "Ben", said=f"{GOOD}\n{GOOD}x\n")
    assert unlike.exit_code == 1
    assert "are not the same; nothing was changed" in unlike.output
    assert "Ben" not in run("user", "list").output


@pytest.mark.parametrize(
    ("words", "said", "sentence"),
    [
        (("add", "Asha", "--password-stdin"), "short", "A password has 10 to 256 characters."),
        (("add", "ASHA", "--password-stdin"), GOOD, "There is a person of that name already."),
        (("add", " ", "--password-stdin"), GOOD, "A name is one line"),
        (("password", "Nobody", "--password-stdin"), GOOD, "There is no person of that name."),
        (("remove", "Nobody"), None, "There is no person of that name."),
        (("token", "Nobody", "--label", "x"), None, "There is no person of that name."),
        (("token", "Asha", "--label", "x", "--remove"), None, "There is no token of that name."),
        (("sign-out", "Nobody"), None, "There is no person of that name."),
    ],
)
def test_what_can_not_be_done_is_one_line_and_status_one(
    run: Commands, words: tuple[str, ...], said: str | None, sentence: str
) -> None:
    run.add("Asha")
    before = run.record
    reply = run("user", *words, said=said)
    assert reply.exit_code == 1
    assert sentence in reply.output
    assert "Traceback" not in reply.output
    assert run.record == before


def test_a_running_sightline_knows_at_once(run: Commands) -> None:
    """Its database is shared with the commands; nothing has to be started again."""
    app = run.app()
    people = app.extensions[EXTENSION].door.get().people
    assert not people.anybody()
    run.add("Asha")
    signed_in = people.sign_in(people.find("asha"))
    token = run("user", "token", "asha", "--label", "night job").output.strip()
    assert token.startswith("sightline_")
    assert people.bearer(token).name == "Asha"
    assert "    token night job\tsince" in run("user", "list").output
    run("user", "sign-out", "Asha")
    assert people.signed_in(signed_in) is None
    assert people.bearer(token) is not None
    again = people.sign_in(people.find("asha"))
    assert run("user", "password", "Asha", "--password-stdin", said="eight blue windows\n").exit_code == 0
    assert people.signed_in(again) is None
    assert people.check("asha", "eight blue windows") is not None
    assert run("user", "token", "asha", "--label", "night job", "--remove").exit_code == 0
    assert people.bearer(token) is None
    removed = run("user", "remove", "Asha").output
    assert "only this machine is served" in removed
    assert not people.anybody()
    assert token not in run.record
    close(app)


def test_the_person_of_the_settings_is_there_from_the_start(tmp_path: Path) -> None:
    """Parity S1.2."""
    told: dict[str, Any] = {"data_dir": tmp_path, "app_username": "desk"}
    for password in (GOOD, "eight blue windows"):
        app = create_app(Settings(**told, app_password=password))
        people = app.extensions[EXTENSION].door.get().people
        assert people.check("Desk", password) is not None
        close(app)


def close(app: Flask) -> None:
    app.extensions[EXTENSION].door.close()
    app.extensions["sightline.ground"].state.close()
