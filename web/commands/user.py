"""``user ...``: the people who may sign in. The commands work beside the running Sightline, which knows at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from core.errors import SightlineError
from core.people import Role
from core.redaction import Redactor
from storage.passwords import require_good
from storage.people import PeopleStore
from web.audit import record_command, start_audit
from web.services import HOLDINGS, services

_FROM_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)


@click.group("user", help="The people who may sign in, and the tokens of their programs.")
def user() -> None:
    """Commands about people."""


def _with_people(command: Callable[..., None]) -> Callable[..., None]:
    """Hand the store of people to ``command``; what goes wrong is one line and status 1."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        start_audit(Redactor(), current_app.extensions[HOLDINGS].folder / "logs", rotates=False)
        try:
            command(services().door.get().people, *args, **options)
        except SightlineError as error:
            raise click.ClickException(f"{error.sentence} {error.hint}".rstrip()) from error
        finally:
            current_app.extensions["sightline.ground"].state.close()

    return with_appcontext(run)


@user.command("add")
@click.argument("name")
@click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default=str(Role.OPERATOR), show_default=True,
    help="An operator asks and changes; a viewer looks at what others share.",
)  # fmt: skip
@_FROM_STDIN
@_with_people
def add(people: PeopleStore, name: str, role: str, password_stdin: bool) -> None:
    """Add a person. From the first one on, everybody must sign in."""
    is_first = not people.anybody()
    account = people.add(name, Role(role), _password(name, from_stdin=password_stdin))
    record_command("user.add", account.name)
    click.echo(f"{account.name} may sign in as {role}.")
    if is_first:
        click.echo("From now on everybody must sign in. Sessions made before are every operator's.")


@user.command("list")
@_with_people
def list_people(people: PeopleStore) -> None:
    """List all people, and the tokens of each."""
    everybody = people.everybody()
    for account in everybody:
        click.echo(f"{account.name}\t{account.role}\tsince {account.created_at:%Y-%m-%d}")
        for token in people.tokens(account):
            used = f"last used {token.used_at:%Y-%m-%d}" if token.used_at else "never used"
            click.echo(f"    token {token.name}\tsince {token.created_at:%Y-%m-%d}, {used}")
    if not everybody:
        click.echo("Nobody is set up; only this machine is served. Add a person: user add NAME")


@user.command("password")
@click.argument("name")
@_FROM_STDIN
@_with_people
def password(people: PeopleStore, name: str, password_stdin: bool) -> None:
    """Give somebody another password, and sign them out everywhere."""
    account = people.find(name)
    people.change_password(account, _password(account.name, from_stdin=password_stdin))
    record_command("user.password", account.name)
    click.echo(f"{account.name} has another password and is signed out everywhere.")


@user.command("remove")
@click.argument("name")
@_with_people
def remove(people: PeopleStore, name: str) -> None:
    """Remove somebody and their tokens. Their sessions stay, and become every operator's."""
    account = people.find(name)
    sessions = people.remove(account)
    record_command("user.remove", account.name)
    click.echo(f"{account.name} is removed; {sessions} session(s) of theirs are every operator's now.")
    if not people.anybody():
        click.echo("Nobody is left: only this machine is served, without signing in.")


@user.command("token")
@click.argument("name")
@click.option("--label", required=True, help="What the token is for; it is taken back by this label.")
@click.option("--remove", "take_back", is_flag=True, help="Take back the token of that label.")
@_with_people
def token(people: PeopleStore, name: str, label: str, take_back: bool) -> None:
    """Make a token for a program of somebody's. It is printed once and kept nowhere."""
    account = people.find(name)
    if take_back:
        people.remove_token(account, label)
        record_command("user.token.remove", f"{account.name}: {label}")
        click.echo(f"The token {label} of {account.name} is taken back.")
        return
    made = people.add_token(account, label)
    record_command("user.token", f"{account.name}: {label}")
    click.echo(made)


@user.command("sign-out")
@click.argument("name")
@_with_people
def sign_out(people: PeopleStore, name: str) -> None:
    """Sign somebody out everywhere. Their tokens stay."""
    account = people.find(name)
    people.raise_epoch(account.id)
    record_command("user.sign-out", account.name)
    click.echo(f"{account.name} is signed out everywhere.")


def _password(name: str, *, from_stdin: bool) -> str:
    """Asked for twice, without being shown; never an argument, which everybody on this machine could read."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    given: str = click.prompt("Password", hide_input=True, value_proc=lambda text: _good(text, name))
    again: str = click.prompt("The same again", hide_input=True)
    if given != again:
        raise click.ClickException("The two passwords are not the same; nothing was changed.")
    return given


def _good(text: str, name: str) -> str:
    try:
        require_good(text, name)
    except SightlineError as error:
        raise click.UsageError(f"{error.sentence} {error.hint}".rstrip()) from error
    return text
