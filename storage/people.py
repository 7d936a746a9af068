"""People at rest: their passwords (hashed), the sign-ins that no longer count, and the tokens of their programs."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.clock import Clock
from core.errors import Conflict, InvalidRequest, NotFound, SettingsError
from core.ids import Ids
from core.people import Person, Role, SignIn
from storage.passwords import Passwords, normalised, require_good
from storage.state import people, sessions, signed_out, tokens

_LONGEST_NAME = 80
_TOKEN_START = "sightline_"  # noqa: S105  (what a token begins with, so that it is known where it turns up)
# A token's last use is told to the hour: a program that asks every second must not write every second.
_USE_IS_NEWS_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Account:
    """A person as they are kept."""

    id: str
    name: str
    role: Role
    password: str
    epoch: int
    created_at: datetime

    @property
    def person(self) -> Person:
        """Who that is."""
        return Person(self.id, self.name, self.role)


@dataclass(frozen=True, slots=True)
class Token:
    """A program's leave to act for a person. The token itself was shown once and is not here."""

    id: str
    name: str
    created_at: datetime
    used_at: datetime | None


class PeopleStore:
    """Reads and writes people; every method is one transaction. Safe from any thread, and beside other processes."""

    def __init__(self, engine: Engine, passwords: Passwords, clock: Clock, ids: Ids) -> None:
        self.engine = engine
        self._passwords = passwords
        self._clock = clock
        self._ids = ids

    # People

    def anybody(self) -> bool:
        """Whether there is any person at all."""
        with self.engine.connect() as connection:
            return connection.execute(select(people.c.id).limit(1)).first() is not None

    def everybody(self) -> list[Account]:
        """All people by name."""
        with self.engine.connect() as connection:
            return [_account(row) for row in connection.execute(select(people).order_by(people.c.folded))]

    def find(self, name: str) -> Account:
        """Somebody by name, however it is capitalised; :class:`NotFound` if there is no such person."""
        folded = _folded(name)
        row = None
        if folded.isprintable() and len(folded) <= _LONGEST_NAME:  # or PostgreSQL would be asked for what it can't hold
            with self.engine.connect() as connection:
                row = connection.execute(select(people).where(people.c.folded == folded)).first()
        if row is None:
            raise NotFound("There is no person of that name.", "flask --app flask_app user list names them all.")
        return _account(row)

    def add(self, name: str, role: Role, password: str) -> Account:
        """A new person; :class:`InvalidRequest` for a bad name or password, :class:`Conflict` for a taken name."""
        shown = _shown(name)
        require_good(password, shown)
        account = Account(self._ids.new(), shown, role, self._passwords.hash(password), 0, self._clock.now())
        values = {"id": account.id, "name": shown, "folded": _folded(shown), "role": str(role)}
        kept = {"password": account.password, "epoch": 0, "created_at": account.created_at.isoformat()}
        try:
            with self.engine.begin() as connection:
                connection.execute(insert(people).values(values | kept))
        except IntegrityError as error:
            raise Conflict("There is a person of that name already.", "Choose another name.") from error
        return account

    def remove(self, account: Account) -> int:
        """Remove a person with their tokens. Their sessions become nobody's; returns how many those are."""
        with self.engine.begin() as connection:
            left = connection.execute(update(sessions).where(sessions.c.owner == account.id).values(owner=None))
            connection.execute(delete(tokens).where(tokens.c.person == account.id))
            connection.execute(delete(people).where(people.c.id == account.id))
        return int(left.rowcount)

    def change_password(self, account: Account, password: str) -> None:
        """Give somebody another password; whoever is signed in as them is so no longer."""
        require_good(password, account.name)
        hashed = self._passwords.hash(password)
        with self.engine.begin() as connection:
            connection.execute(
                update(people).where(people.c.id == account.id).values(password=hashed, epoch=people.c.epoch + 1)
            )

    def check(self, name: str, password: str) -> Account | None:
        """The person whose name and password these are. It takes as long for a name that nobody has."""
        try:
            account: Account | None = self.find(name)
        except NotFound:
            account = None
        if not self._passwords.matches(account.password if account else None, password) or account is None:
            return None
        if self._passwords.is_stale(account.password):
            self._keep_anew(account, password)
        return account

    # Sign-ins

    def sign_in(self, account: Account) -> SignIn:
        """A new sign-in of somebody whose password was right; void if that password was changed meanwhile."""
        return SignIn(self._ids.new(), account.id, account.epoch)

    def signed_in(self, sign_in: SignIn) -> Person | None:
        """Who that is, as long as it counts: neither signed out nor of an epoch that is over."""
        out = exists().where(signed_out.c.sign_in == sign_in.id)
        found = select(people).where(people.c.id == sign_in.person_id, people.c.epoch == sign_in.epoch, ~out)
        with self.engine.connect() as connection:
            row = connection.execute(found).first()
        return _account(row).person if row is not None else None

    def sign_out(self, sign_in: SignIn, forget_after: timedelta) -> None:
        """End one sign-in. What was signed out so long ago that its cookie has run out is forgotten."""
        now = self._clock.now()
        with self.engine.begin() as connection:
            connection.execute(delete(signed_out).where(signed_out.c.at < (now - forget_after).isoformat()))
            connection.execute(delete(signed_out).where(signed_out.c.sign_in == sign_in.id))
            connection.execute(insert(signed_out).values(sign_in=sign_in.id, at=now.isoformat()))

    def raise_epoch(self, person_id: str) -> None:
        """End all sign-ins of a person."""
        with self.engine.begin() as connection:
            connection.execute(update(people).where(people.c.id == person_id).values(epoch=people.c.epoch + 1))

    # Tokens

    def add_token(self, account: Account, name: str) -> str:
        """A new token for a program of theirs, to be shown once."""
        token = _TOKEN_START + secrets.token_urlsafe(32)
        values = {"id": self._ids.new(), "person": account.id, "name": _shown(name), "digest": _digest(token)}
        with self.engine.begin() as connection:
            connection.execute(insert(tokens).values(values | {"created_at": self._clock.now().isoformat()}))
        return token

    def tokens(self, account: Account) -> list[Token]:
        """A person's tokens, oldest first."""
        found = select(tokens).where(tokens.c.person == account.id).order_by(tokens.c.id)
        with self.engine.connect() as connection:
            return [_token(row) for row in connection.execute(found)]

    def remove_token(self, account: Account, name: str) -> None:
        """Take back the tokens of that name; :class:`NotFound` if there are none."""
        with self.engine.begin() as connection:
            gone = connection.execute(delete(tokens).where(tokens.c.person == account.id, tokens.c.name == name))
        if not gone.rowcount:
            raise NotFound("There is no token of that name.", "flask --app flask_app user list names them all.")

    def bearer(self, token: str) -> Person | None:
        """Who sent that token along."""
        digest = _digest(token)
        found = select(people, tokens.c.used_at).join(tokens, tokens.c.person == people.c.id)
        with self.engine.connect() as connection:
            row = connection.execute(found.where(tokens.c.digest == digest)).first()
        if row is None:
            return None
        now = self._clock.now()
        if row.used_at is None or now - datetime.fromisoformat(row.used_at) > _USE_IS_NEWS_AFTER:
            with self.engine.begin() as connection:
                connection.execute(update(tokens).where(tokens.c.digest == digest).values(used_at=now.isoformat()))
        return _account(row).person

    def _keep_anew(self, account: Account, password: str) -> None:
        """The same password under the parameters of now: no sign-in ends."""
        hashed = self._passwords.hash(password)
        with self.engine.begin() as connection:
            connection.execute(
                update(people)
                .where(people.c.id == account.id, people.c.password == account.password)
                .values(password=hashed)
            )


def ensure(store: PeopleStore, name: str, password: str) -> None:
    """That an operator of that name and password is there, as the settings say. Raises :class:`SettingsError`."""
    if not (name and password):
        raise SettingsError("APP_USERNAME and APP_PASSWORD go together.", "Set both, or leave both out.")
    try:
        _ensure(store, name, password)
    except InvalidRequest as error:
        raise SettingsError(f"APP_USERNAME or APP_PASSWORD: {error.sentence}", error.hint) from error


def _ensure(store: PeopleStore, name: str, password: str) -> None:
    try:
        account = store.find(name)
    except NotFound:
        store.add(name, Role.OPERATOR, password)
        return
    if store.check(name, password) is None:
        store.change_password(account, password)


def _shown(name: str) -> str:
    """A name as it is shown, if it can be one."""
    shown = " ".join(normalised(name).split())
    if not 1 <= max(len(shown), len(_folded(name))) <= _LONGEST_NAME or not shown.isprintable():
        raise InvalidRequest(f"A name is one line of 1 to {_LONGEST_NAME} characters.")
    return shown


def _folded(name: str) -> str:
    return " ".join(normalised(name).split()).casefold()


def _digest(token: str) -> str:
    """Without salt or slowness: a token is random and can't be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.name, Role(row.role), row.password, row.epoch, datetime.fromisoformat(row.created_at))


def _token(row: Row[Any]) -> Token:
    used_at = None if row.used_at is None else datetime.fromisoformat(row.used_at)
    return Token(row.id, row.name, datetime.fromisoformat(row.created_at), used_at)
