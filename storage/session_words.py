"""What a session is found by: its title, its questions and their answers' headlines, without case and accents.

Kept as one text for each session, written anew in the transaction that changes any of them, so that a search reads one
row a session and both databases do it alike. Which sessions are listed, and in which order, is
:mod:`storage.session_list`'s business.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from storage import state

# Only the marks of Latin, Greek and Cyrillic: in Indian scripts a mark is a vowel, and without it another word.
_MARKS = dict.fromkeys(range(0x0300, 0x0370))
_LETTERS = _MARKS | {ord(letter): plain for letter, plain in zip("øłđı", "oldi", strict=True)}
_BEFORE, _LONGEST = 30, 110


def fold(text: str) -> str:
    """``text`` as it is compared: "Café" and "CAFE" are one."""
    if text.isascii():  # which most is, and this is ten times as fast
        return text.lower()
    return unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)


def index(connection: Connection, session_id: str) -> None:
    """Write anew what a session is found by; called in the transaction that changed it."""
    table = state.session_words
    # Held, or two who change one session at a time would each miss what the other wrote.
    titled = select(state.sessions.c.title).where(state.sessions.c.id == session_id).with_for_update()
    title = connection.execute(titled).scalar()
    connection.execute(delete(table).where(table.c.session_id == session_id))
    if title is None:
        return
    found = [title, *(line for _, line in _lines(connection, [session_id]))]
    connection.execute(
        insert(table).values(session_id=session_id, title=fold(title), words="\n".join(fold(line) for line in found))
    )


def index_all(connection: Connection) -> None:
    """The same for every session."""
    for (session_id,) in connection.execute(select(state.sessions.c.id)).all():
        index(connection, session_id)


def snippets(
    connection: Connection, session_ids: Sequence[str], words: Sequence[str]
) -> dict[str, list[tuple[str, bool]]]:
    """For each session the line that has most of ``words``, in parts, each with whether it is one of the words."""
    best: dict[str, tuple[int, str]] = {}
    for session_id, line in _lines(connection, session_ids):
        folded = fold(line)
        hits = sum(word in folded for word in words)
        if hits > best.get(session_id, (0, ""))[0]:
            best[session_id] = hits, line
    return {session_id: snippet(line, words) for session_id, (_, line) in best.items()}


def snippet(line: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """``line``, cut to what is near the first of ``words`` (folded), in parts that are hits or not."""
    hit = _hits(line, words)
    first = hit.index(True) if True in hit else 0
    start = 0 if first <= _BEFORE else line.rfind(" ", 0, first - _BEFORE) + 1
    stop = min(len(line), start + _LONGEST)
    parts: list[tuple[str, bool]] = [("…", False)] if start else []
    for place in range(start, stop):
        if parts and parts[-1][1] == hit[place]:
            parts[-1] = (parts[-1][0] + line[place], hit[place])
        else:
            parts.append((line[place], hit[place]))
    return [*parts, ("…", False)] if stop < len(line) else parts


def _hits(line: str, words: Sequence[str]) -> list[bool]:
    """For each character of ``line`` whether it is in one of the words. Folding changes lengths, so it is done by
    character, remembering where each came from."""
    folded = [(letter, place) for place, character in enumerate(line) for letter in fold(character)]
    text = "".join(letter for letter, _ in folded)
    hit = [False] * len(line)
    for word in words:
        at = text.find(word)
        while at >= 0:
            for _, place in folded[at : at + len(word)]:
                hit[place] = True
            at = text.find(word, at + len(word))
    return hit


def _lines(connection: Connection, session_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Session and line: questions and headlines, oldest first. Of an answer, which is long, only its headline."""
    table = state.messages
    headline: Any = table.c.answer["headline"].as_string()
    rows = connection.execute(
        select(table.c.session_id, table.c.text, headline.label("headline"))
        .where(table.c.session_id.in_(session_ids))
        .order_by(table.c.id)
    ).all()
    return [(row.session_id, " ".join(line.split())) for row in rows for line in (row.text, row.headline) if line]
