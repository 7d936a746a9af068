"""The index of pictures that were listed: the only way from an id to a file, and what is known of each one's bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from core.errors import NotFound
from core.picture import Identity, Picture
from storage.state import pictures


class PictureIndex:
    """Remembers listed pictures and the identities worked out for them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = postgresql_insert if engine.dialect.name == "postgresql" else sqlite_insert

    def list(self, page: Sequence[Picture]) -> list[Picture]:
        """Remember a page of a listing. A picture whose fingerprint has not changed gets the identity that was
        worked out before; one that has changed loses it."""
        known = self._identities([picture.id for picture in page])
        found = [_with_identity(picture, known.get(picture.id)) for picture in page]
        statement = self._insert(pictures)
        changing = {name: statement.excluded[name] for name in _COLUMNS if name != "id"}
        statement = statement.on_conflict_do_update(index_elements=["id"], set_=changing)
        with self._engine.begin() as connection:
            connection.execute(statement, [_values(picture) for picture in found])
        return found

    def identify(self, identities: Sequence[tuple[str, Identity]]) -> None:
        """Keep identities that were worked out by reading: ``(picture id, identity)``."""
        if not identities:
            return
        statement = (
            update(pictures)
            .where(pictures.c.id == bindparam("key"))
            .values(identity_kind=bindparam("kind"), identity=bindparam("value"))
        )
        with self._engine.begin() as connection:
            connection.execute(
                statement, [{"key": key, "kind": one.kind, "value": one.value} for key, one in identities]
            )

    def picture(self, picture_id: str) -> Picture:
        """A listed picture; :class:`NotFound` for anything else."""
        with self._engine.connect() as connection:
            row = connection.execute(select(pictures).where(pictures.c.id == picture_id)).first()
        if row is None:
            raise NotFound("There is no such picture.", "It may not have been listed yet.")
        return _picture(row)

    def names(self, source: str, limit: int) -> Sequence[str]:
        """Names of pictures of a source that were ever listed, at most ``limit``."""
        with self._engine.connect() as connection:
            query = select(pictures.c.name).where(pictures.c.source == source).limit(limit)
            return connection.execute(query).scalars().all()

    def count(self, source: str) -> int:
        """How many pictures of a source were ever listed."""
        with self._engine.connect() as connection:
            return connection.execute(
                select(func.count()).select_from(pictures).where(pictures.c.source == source)
            ).scalar_one()

    def _identities(self, ids: Sequence[str]) -> dict[str, tuple[str | None, Identity]]:
        columns = pictures.c
        query = select(columns.id, columns.fingerprint, columns.identity_kind, columns.identity).where(
            columns.id.in_(ids), columns.identity.is_not(None)
        )
        with self._engine.connect() as connection:
            return {
                row.id: (row.fingerprint, Identity(row.identity_kind, row.identity))
                for row in connection.execute(query)
            }


_COLUMNS = tuple(column.name for column in pictures.columns)


def _with_identity(picture: Picture, known: tuple[str | None, Identity] | None) -> Picture:
    if picture.identity is not None or picture.fingerprint is None or known is None:
        return picture
    fingerprint, identity = known
    return replace(picture, identity=identity) if fingerprint == picture.fingerprint else picture


def _values(picture: Picture) -> dict[str, Any]:
    return {
        "id": picture.id,
        "source": picture.source,
        "name": picture.name,
        "camera": picture.camera,
        "taken_at": picture.taken_at.isoformat() if picture.taken_at else None,
        "taken_from": picture.taken_from,
        "size_bytes": picture.size_bytes,
        "fingerprint": picture.fingerprint,
        "identity_kind": picture.identity.kind if picture.identity else None,
        "identity": picture.identity.value if picture.identity else None,
    }


def _picture(row: Row[Any]) -> Picture:
    return Picture(
        id=row.id,
        source=row.source,
        name=row.name,
        camera=row.camera,
        taken_at=datetime.fromisoformat(row.taken_at) if row.taken_at else None,
        taken_from=row.taken_from,
        size_bytes=row.size_bytes,
        identity=Identity(row.identity_kind, row.identity) if row.identity else None,
        fingerprint=row.fingerprint,
    )
