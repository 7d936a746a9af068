"""Signing in and out, and one's own password: plain pages and plain forms, which need no scripts."""

from __future__ import annotations

import re
from typing import cast

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from core.errors import InvalidRequest, SightlineError
from core.people import Person
from web.access import current_person, identify, read_sign_in, remember
from web.services import Door, services
from web.throttle import TooManyAttempts

_LONGEST = 1000
# Where somebody may be sent after signing in: a path of ours, which no browser takes for another site's address.
_OURS = re.compile(r"/(?![/\\])[A-Za-z0-9_.~/-]*(\?[A-Za-z0-9_.~/=&%+:,-]*)?")
_REFUSED = "This name and password don't belong together."
_UNLIKE = "The two new passwords are not the same."

blueprint = Blueprint("signing_in", __name__)


@blueprint.get("/login")
def form() -> AnyResponse:
    """The form; whoever is signed in already is sent on."""
    following = _following(request.args.get("next", ""))
    if not _door().people.anybody() or identify() is not None:
        return redirect(following)
    return _sign_in_page(following)


@blueprint.post("/login")
def sign_in() -> AnyResponse:
    """Sign in, and go on to where one was going."""
    name, following, door = _field("name"), _following(_field("next")), _door()
    address, known = request.remote_addr or "", _known_browser(name)
    g.tried_as = None
    try:
        door.throttle.attempt(name, address, known)
    except TooManyAttempts as error:
        return _sign_in_page(following, name, error)
    account = door.people.check(name, _field("password"))
    if account is None:
        return _sign_in_page(following, name, InvalidRequest(_REFUSED, "Try again."), 401)
    door.throttle.succeeded(name, address, known)
    g.tried_as = account.name  # what is no name of anybody's may be a password in the wrong field
    remember(door.people.sign_in(account), account.name)
    return redirect(following, 303)


@blueprint.post("/logout")
def sign_out() -> AnyResponse:
    """Sign out in this browser."""
    found = read_sign_in()
    if found is not None:
        _door().people.sign_out(found, current_app.config["SIGN_IN_LIFETIME"])
    return _to_the_form()


@blueprint.post("/logout/everywhere")
def sign_out_everywhere() -> AnyResponse:
    """Sign out in every browser."""
    _door().people.raise_epoch(_myself().id)
    return _to_the_form()


@blueprint.get("/account")
def account() -> AnyResponse:
    """Who one is, with the form for another password."""
    return _account_page() if current_person() is not None else redirect("/")


@blueprint.post("/account/password")
def change_password() -> AnyResponse:
    """Another password of one's own. Every other browser is signed out by it; this one stays."""
    me, door = _myself(), _door()
    try:
        door.throttle.attempt(me.name, request.remote_addr or "", me.id)
        mine = door.people.check(me.name, _field("current"))
        if mine is None:
            raise InvalidRequest("The present password is another one.", "Type it as you did to sign in.")
        door.throttle.succeeded(me.name, request.remote_addr or "", me.id)
        if _field("new") != _field("again"):
            raise InvalidRequest(_UNLIKE, "Type the new one twice.")
        door.people.change_password(mine, _field("new"))
    except SightlineError as error:
        return _account_page(error)
    remember(door.people.sign_in(door.people.find(me.name)), me.name)
    return _account_page(done="Your password is changed. Every other browser is signed out.")


def _door() -> Door:
    return services().door.get()


def _myself() -> Person:
    person = current_person()
    if person is None:
        raise InvalidRequest("Nobody is set up to sign in here.", "Run: flask --app flask_app user add NAME.")
    return person


def _to_the_form() -> AnyResponse:
    """Signed out: of the cookie only that this browser has been known is left."""
    known = session.get("known")
    session.clear()
    if known:
        session.permanent = True
        session["known"] = known
    return redirect(url_for("signing_in.form"), 303)


def _known_browser(name: str) -> str | None:
    """By what the cookie remembers of an earlier sign-in under that name."""
    known = session.get("known")
    if known is None or known["name"].casefold() != " ".join(name.split()).casefold():
        return None
    return cast("str", known["id"])


def _sign_in_page(
    following: str, name: str = "", fault: SightlineError | None = None, status: int | None = None
) -> Response:
    page = render_template("login.html", site=services().site, following=following, name=name, fault=fault)
    reply = make_response(page, status or (fault.status if fault else 200))
    if isinstance(fault, TooManyAttempts):
        reply.headers["Retry-After"] = str(fault.wait_s)
    return reply


def _account_page(fault: SightlineError | None = None, done: str = "") -> Response:
    page = render_template("account.html", site=services().site, person=current_person(), fault=fault, done=done)
    reply = make_response(page, fault.status if fault else 200)
    if isinstance(fault, TooManyAttempts):
        reply.headers["Retry-After"] = str(fault.wait_s)
    return reply


def _field(name: str) -> str:
    """A field of the form; what is too long is no name and no password that anybody has."""
    value = request.form.get(name, "")
    return value if len(value) <= _LONGEST else ""


def _following(path: str) -> str:
    return path if _OURS.fullmatch(path) else "/"
