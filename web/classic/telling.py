"""A question's progress as the earlier analyser told it (S2.10): unnamed frames of ``{"type", "data"}``.

The run belongs to its session and not to this stream: who leaves loses nothing, and finds the answer in the session.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from analyzer.plan import Plan
from core.bus import Event
from core.states import Outcome, RunState
from web.classic.analysis import analysis
from web.classic.following import Following, is_over

if TYPE_CHECKING:  # they bring SQLAlchemy, which the first page need not wait for
    from sessions.export.spine_answer import SpineAnswer
    from sessions.views import MessageView

_HEARTBEAT = b": still here\n\n"


class Telling:
    """One open stream about ``message``, whose events ``following`` hears; ``answer`` gives it as it stands.

    It is an object with ``close`` and no generator: one that was never begun runs no ``finally``.
    """

    def __init__(self, message: MessageView, answer: Callable[[], SpineAnswer], following: Following) -> None:
        self._message = message
        self._answer = answer
        self._following = following

    def __iter__(self) -> Iterator[bytes]:
        message = self._message
        yield from _understood(message)
        if message.row.error is not None:
            yield frame("error", {"message": sentence(message.row.error)})
        elif message.run is None:
            yield from self._complete()
        else:
            yield _progress(message.run.as_json())
            so_far = self._answer()
            for event in self._following.until_over(message):
                yield from self._told(event, so_far)

    def close(self) -> None:
        """Leave; werkzeug and the server may both call."""
        self._following.close()

    def _told(self, event: Event | None, so_far: SpineAnswer) -> Iterator[bytes]:
        if event is None:
            yield _HEARTBEAT
        elif event.type == "seen":
            for row in so_far.matches(_candidates(event, conditional=so_far.bounds is not None)):
                yield frame("match", {"message": f"Match: {row['location_name']}", "result": row})
            yield _progress(event.data["run"])
        elif event.type == "run":
            yield _progress(event.data["run"])
        elif event.type == "session":
            yield frame("error", {"message": "The session was deleted meanwhile."})
        elif is_over(event):
            yield from self._ending(event.data["message"]["run"])
            yield from self._complete()

    def _ending(self, run: Mapping[str, Any]) -> Iterator[bytes]:
        if run["state"] == RunState.STOPPED:
            yield frame("log", {"message": f"Stopped after {run['done']} of {run['listed']} pictures."})
        if run["state"] == RunState.FAILED:
            yield frame("error", {"message": run["error"] or "The run failed; its reason is in the log."})

    def _complete(self) -> Iterator[bytes]:
        """In pieces, since the rows may be many: a frame ends where an empty line stands."""
        yield b'data: {"type":"complete","data":'
        yield from self._answer().document()
        yield b"}\n\n"


def frame(kind: str, data: Mapping[str, Any]) -> bytes:
    """One frame; JSON has no bare line ends, so it stays on its line."""
    text = json.dumps({"type": kind, "data": data}, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode("utf-8", "replace")


def sentence(error: Mapping[str, Any]) -> str:
    """An error in words, with what to do next."""
    return f"{error['message']} {error['hint']}".strip()


def _understood(message: MessageView) -> Iterator[bytes]:
    row, plan = message.row, Plan.from_stored(message.row.plan)
    about = {"session_id": row.session_id, "message_id": row.id}
    yield frame("start", {"message": "The question is understood.", "query": row.text} | about)
    model = [f"{row.model['name']}: {row.model['why']}"] if row.model and row.model.get("why") else []
    for line in (*row.notes, *model):
        yield frame("log", {"message": line})
    yield frame("query_analysis", {"message": plan.ask or row.text, "analysis": analysis(plan)})


def _progress(run: Mapping[str, Any]) -> bytes:
    done, listed = run["done"], run["listed"]
    percent = round(100 * done / listed) if listed else 0
    return frame("progress", {"current": done, "total": listed, "percent": percent})


def _candidates(event: Event, *, conditional: bool) -> list[str]:
    """The pictures of an event that may match: under a condition such as "none" also those without the target."""
    wanted = {Outcome.MATCH, Outcome.NO_MATCH} if conditional else {Outcome.MATCH}
    return [picture["picture_id"] for picture in event.data["pictures"] if picture["outcome"] in wanted]
