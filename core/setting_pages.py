"""The generated pages about settings: ``.env.example`` and ``docs/ref/config.md``, written from its fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field
from typing import Any

Settings = tuple[Field[Any], ...]


def _groups(settings: Settings) -> Iterator[tuple[str, list[Field[Any]]]]:
    group: list[Field[Any]] = []
    title = ""
    for item in settings:
        if item.metadata["group"] and group:
            yield title, group
            group = []
        title = item.metadata["group"] or title
        group.append(item)
    yield title, group


def as_env(settings: Settings) -> str:
    """The text of ``.env.example``: every setting with its default, commented out."""
    lines = ["# Copy to .env and change what you need. Written by `python -m config --write`; do not edit."]
    for title, group in _groups(settings):
        lines += ["", f"# --- {title} ---"]
        for item in group:
            lines += [
                f"# {item.metadata['about']}",
                f"#   {_takes(item)}",
                f"#{item.name.upper()}={item.metadata['shown_default']}",
            ]
    return "\n".join(lines) + "\n"


def as_page(settings: Settings) -> str:
    """The text of ``docs/ref/config.md``."""
    lines = [
        "# Settings",
        "",
        "Written from `config.py` by `python -m config --write`; do not edit.",
        "",
        "Settings stand in `.env` beside `flask_app.py` or in the environment, which wins. A key in `.env` that is not",
        "listed here, or a value that is not allowed, stops the start with a sentence that says so. An empty value is",
        "the default.",
    ]
    for title, group in _groups(settings):
        lines += ["", f"## {title}", "", "| setting | default | takes | what it does |", "| --- | --- | --- | --- |"]
        for item in group:
            default = item.metadata["shown_default"]
            shown = f"`{default}`" if default else "empty"
            lines.append(f"| `{item.name.upper()}` | {shown} | {_takes(item)} | {item.metadata['about']} |")
    return "\n".join(lines) + "\n"


def _takes(item: Field[Any]) -> str:
    secret = " (secret: never shown or logged)" if item.metadata["secret"] else ""
    return f"Takes {item.metadata['allowed']}{secret}."
