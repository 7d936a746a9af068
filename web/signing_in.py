"""Signing in and out, and one's own password: plain pages and plain forms, which need no scripts."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from web.access import current_person, identify, read_sign_in, remember
from web.services import services

_LONGEST = 1000
# Where somebody may be sent after signing in: a path of ours, which no browser takes for another site's address.
_OURS = re.compile(r"/(?![/\\])[A-Za-z0-9_.~/-]*(\?[A-Za-z0-9_.~/=&%+:,-]*)?")
_REFUSED = "This name and password don't belong together."

blueprint = Blueprint("signing_in", __name__)


@blueprint.get("/login")
def form() -> ResponseReturnValue:
    """The form; whoever is signed in already is sent on."""
    following = _following(request.args.get("next", ""))
    if not services().door.get().people.anybody() or identify() is not None:
        return redirect(following)
    return _page(following)


@blueprint.post("/login")
def sign_in() -> ResponseReturnValue:
    """Sign in, and go on to where one was going."""
    name, password, following = _field("name"), _field("password"), _following(_field("next"))
    account = services().door.get().people.check(name, password)
    if account is None:
        return _page(following, name, _REFUSED), 401
    remember(services().door.get().people.sign_in(account))
    return redirect(following, 303)


@blueprint.post("/logout")
def sign_out() -> ResponseReturnValue:
    """Sign out here."""
    found = read_sign_in()
    if found is not None:
        lifetime: timedelta = current_app.config["SIGN_IN_LIFETIME"]
        services().door.get().people.sign_out(found, lifetime)
    session.clear()
    return redirect(url_for("signing_in.form"), 303)


@blueprint.post("/logout/everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign out in every browser."""
    person = current_person()
    if person is not None:
        services().door.get().people.raise_epoch(person.id)
    session.clear()
    return redirect(url_for("signing_in.form"), 303)


def _page(following: str, name: str = "", fault: str = "") -> str:
    house = services()
    return render_template("login.html", site=house.site, following=following, name=name, fault=fault)


def _field(name: str) -> str:
    """A field of the form; what is too long is no name and no password that anybody has."""
    value = request.form.get(name, "")
    return value if len(value) <= _LONGEST else ""


def _following(path: str) -> str:
    return path if _OURS.fullmatch(path) else "/"
