"""The commands of ``flask --app flask_app`` by name, each imported when it is called, so that none pays for another."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click
from flask.cli import AppGroup

# A command's name, and the module that has a command of that name.
MODULES: Mapping[str, str] = {
    "backup": "web.commands.backup",
    "bundle": "web.commands.bundle",
    "cache": "web.commands.cache",
    "gcs": "web.commands.gcs",
    "housekeeping": "web.commands.housekeeping",
    "models": "web.commands.models",
    "ask": "web.commands.ask",
    "outgoing": "web.commands.outgoing",
    "plan": "web.commands.plan",
    "register": "web.commands.register",
    "restore": "web.commands.backup",
    "user": "web.commands.user",
}


class Commands(AppGroup):
    """A group that lists what it has not imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *MODULES})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return super().get_command(ctx, cmd_name)
        module: Any = importlib.import_module(MODULES[cmd_name])
        command: click.Command = getattr(module, cmd_name)
        return command
