"""Steps that bring the state of an older version along, by Alembic: one file in ``versions`` for each.

Alembic is imported where a step is really due, since a fresh or a current database, which is the rule, needs none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

FIRST = "0001"
NEWEST = "0003"
_HERE = Path(__file__).parent


def mark_as_newest(engine: Engine) -> None:
    """Say of tables that were just made that they need no step."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": NEWEST})


def bring_up_to_date(engine: Engine) -> None:
    """Take the steps that are due, all or none."""
    if not inspect(engine).has_table("alembic_version"):
        found = FIRST  # what the first version left behind
    else:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    if found == NEWEST:
        return
    from alembic import command

    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        if not inspect(connection).has_table("alembic_version"):
            command.stamp(config, FIRST)
        command.upgrade(config, "head")


def alembic_config() -> Config:
    """Alembic, told where the steps are."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    return config
