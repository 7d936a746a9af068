"""Who asks, and what they may reach.

Once there are people, every route but a few needs one of them, and the ids of sessions, messages and runs in an address
must be those of what that person may see. How somebody signs in is :mod:`web.signing_in`'s business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import cast

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from core.errors import Forbidden, SightlineError
from core.people import Person, SignIn
from web.errors import wants_page
from web.security import SAFE_METHODS, is_loopback
from web.services import Door, services

# What may be reached by somebody who has not signed in. Everything else needs a person.
PUBLIC = frozenset(
    {
        "static",
        "assets.vendor_file",
        "health.health",
        "health.ready",
        "signing_in.form",
        "signing_in.sign_in",
    }
)
# What whoever has the address of a link may look at: the address itself is the leave, and the route asks it.
BY_LINK = frozenset({"shared.answer", "shared.picture", "shared.thumbnail"})
# What somebody who may only look may change nevertheless: their own way in and out.
ALSO_FOR_VIEWERS = frozenset({"signing_in.sign_out", "signing_in.sign_out_everywhere", "signing_in.change_password"})


class SignInNeeded(SightlineError):
    """Nobody is signed in, or no longer."""

    code = "sign_in_needed"
    status = 401


def register_access(app: Flask, sign_in_days: int) -> None:
    """Let every request of ``app`` through the gate. A sign-in counts for ``sign_in_days``."""
    app.config["SIGN_IN_LIFETIME"] = timedelta(days=sign_in_days)
    app.before_request(_admit)
    app.add_template_global(current_person, "current_person")


def current_person() -> Person | None:
    """Who asks; ``None`` when no people are set up, and everything is allowed to everybody at this machine."""
    return cast("Person | None", g.get("person"))


def owner() -> str | None:
    """Whose a session becomes that is made by this request."""
    person = current_person()
    return person.id if person else None


def by_token() -> bool:
    """Whether a program asks with a token of its own, which no other site's page can make a browser send."""
    return bool(g.get("by_token", False))


def begin_change() -> None:
    """Said by a GET that changes something all the same: not for viewers, and it is put on record."""
    g.changes = True
    refuse_viewers()


def refuse_viewers() -> None:
    """Said by a route that is for operators only, such as one that tells how this Sightline is set up."""
    person = current_person()
    if person is not None and not person.may_change:
        raise Forbidden("You may look at what is shared, and at nothing else.", "Ask an operator.")


def require_own(**ids: str | None) -> None:
    """Refuse, as if there were nothing under such an id, what isn't this person's to change. For ids that stand in a
    body: ``require_own(session_id=body.session_id)``."""
    from sessions.audience import Part

    for name, value in ids.items():
        if value is not None:
            services().door.get().audience.require(current_person(), Part(name), value, change=True)


def admission() -> Callable[[], bool]:
    """A question for later, outside of this request: would whoever asks now still be let in, as the same person?"""
    door, person = services().door.get(), current_person()
    if person is None:
        return lambda: not door.people.anybody()
    sign_in, token = read_sign_in(), _bearer()
    if token is not None:
        return lambda: door.people.bearer(token) == person
    return lambda: sign_in is not None and door.people.signed_in(sign_in) == person


def remember(sign_in: SignIn, name: str) -> None:
    """Put a sign-in into the cookie, which begins anew: nothing of what it held before counts any more. That this
    browser was ``name``'s is remembered beyond the sign-out."""
    session.clear()
    session.permanent = True
    session["known"] = {"name": name, "id": sign_in.id}
    session["sign_in"] = asdict(sign_in) | {"at": services().clock.now().timestamp()}


def read_sign_in() -> SignIn | None:
    """The sign-in in the cookie, unless it is too old."""
    found = session.get("sign_in")
    if not found:
        return None
    age = services().clock.now() - datetime.fromtimestamp(found["at"], UTC)
    if age > current_app.config["SIGN_IN_LIFETIME"]:
        return None
    return SignIn(found["id"], found["person_id"], found["epoch"])


def identify() -> Person | None:
    """Who asks, by their token or else by their cookie. A token that is none is refused, whatever the cookie says."""
    people = services().door.get().people
    token = _bearer()
    if token is not None:
        person = people.bearer(token)
        if person is None and not people.anybody():
            return None  # programs that must send one send anything, and here nobody is asked for one
        if person is None:
            raise SignInNeeded("This token is not known here.", "Make one: flask --app flask_app user token NAME.")
        g.by_token = True
        return person
    sign_in = read_sign_in()
    return people.signed_in(sign_in) if sign_in is not None else None


def _bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _admit() -> ResponseReturnValue | None:
    if request.endpoint in PUBLIC or _is_mere_preflight():
        return None
    door = services().door.get()
    if request.endpoint in BY_LINK:
        if not door.people.anybody():
            _require_this_machine()
        return None
    person = identify()
    if person is None:
        if not door.people.anybody():
            _require_this_machine()
            g.let_in = True
            return None
        if request.method == "GET" and wants_page():
            return redirect(url_for("signing_in.form", next=request.full_path.rstrip("?")))
        raise SignInNeeded("You are not signed in.", "Sign in, or send a token: Authorization: Bearer TOKEN.")
    g.person, g.let_in = person, True
    changes = request.method not in SAFE_METHODS
    if changes and request.endpoint not in ALSO_FOR_VIEWERS:
        begin_change()
    _require_seen(door, person, changes=changes)
    return None


def _require_this_machine() -> None:
    """Without people nobody else is served: not through a proxy, nor under a server that skipped the start's check."""
    if not is_loopback(request.remote_addr or "") or "X-Forwarded-For" in request.headers:
        raise Forbidden(
            "Nobody is set up to sign in, so only this machine itself is served.",
            "On it, run: flask --app flask_app user add NAME.",
        )


def _require_seen(door: Door, person: Person, *, changes: bool) -> None:
    from sessions.audience import Part

    for name, value in (request.view_args or {}).items():
        if name in set(Part):
            door.audience.require(person, Part(name), value, change=changes)


def _is_mere_preflight() -> bool:
    """An OPTIONS that Flask answers itself: a browser sends it without cookie or token, and it tells nothing."""
    return request.method == "OPTIONS" and (
        request.url_rule is None or bool(getattr(request.url_rule, "provide_automatic_options", False))
    )
