"""The makers of a settings class's fields: each carries its key's help, what it takes, and how its text is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from typing import Any

_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


def setting(
    default: Any,
    read: Callable[[str], Any],
    allowed: str,
    about: str,
    *,
    secret: bool = False,
    group: str = "",
    shown_default: str | None = None,
) -> Any:
    """A field. ``read`` turns text into the value or raises ``ValueError``; ``allowed`` says in words what it takes."""
    metadata = {
        "read": read,
        "allowed": allowed,
        "about": about,
        "secret": secret,
        "group": group,
        "shown_default": str(default) if shown_default is None else shown_default,
    }
    if callable(default):
        return field(default_factory=default, metadata=metadata, repr=not secret)
    return field(default=default, metadata=metadata, repr=not secret)


def whole(default: int, low: int, high: int, about: str, **more: Any) -> Any:
    """A whole number with bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII) or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return setting(default, read, f"a whole number from {low} to {high}", about, **more)


def amount(default: float, low: float, high: float, about: str, **more: Any) -> Any:
    """An amount with bounds, such as of money."""

    def read(text: str) -> float:
        if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text, re.ASCII) or not low <= float(text) <= high:
            raise ValueError(text)
        return float(text)

    return setting(default, read, f"an amount from {low:g} to {high:g}", about, shown_default=f"{default:g}", **more)


def choice(default: str, choices: tuple[str, ...], about: str, **more: Any) -> Any:
    """One of a few words, however it is capitalised."""

    def read(text: str) -> str:
        for one in choices:
            if text.casefold() == one.casefold():
                return one
        raise ValueError(text)

    return setting(default, read, "one of " + ", ".join(choices), about, **more)


def truth(default: bool, about: str, **more: Any) -> Any:
    """Yes or no, in one of the ways to write it."""

    def read(text: str) -> bool:
        if text.casefold() not in _YES | _NO:
            raise ValueError(text)
        return text.casefold() in _YES

    return setting(default, read, "true or false", about, shown_default=str(default).lower(), **more)


def text(default: str, about: str, high: int = 500, **more: Any) -> Any:
    """One line of text."""

    def read(text: str) -> str:
        if len(text) > high or not text.isprintable():
            raise ValueError(text)
        return text

    return setting(default, read, f"one line of at most {high} characters", about, **more)


def token(about: str, high: int = 500, **more: Any) -> Any:
    """A secret that travels in a header: such have neither blanks nor the quotation marks of a word processor."""

    def read(text: str) -> str:
        if not re.fullmatch(rf"[!-~]{{0,{high}}}", text):
            raise ValueError(text)
        return text

    return setting("", read, f"at most {high} plain characters without blanks", about, secret=True, **more)


def path(default: str | None, about: str, **more: Any) -> Any:
    """A path; nothing named is ``None``."""

    def read(text: str) -> Path:
        if "\0" in text:
            raise ValueError(text)
        try:
            return Path(text).expanduser()
        except RuntimeError as error:  # ~nobody-of-that-name
            raise ValueError(text) from error

    more.setdefault("shown_default", default or "")
    return setting(Path(default) if default else None, read, "a path", about, **more)
