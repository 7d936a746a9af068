"""The one tree of errors.

Every error that a person may see is a :class:`SightlineError`: a code for programs, an HTTP status, a
sentence that says what happened, and a hint that says what to do next.
"""

from __future__ import annotations

from typing import Any


class SightlineError(Exception):
    """What happened, in a sentence, with what to do next.

    Subclasses set ``code`` and ``status``; instances carry the sentence and the hint.
    """

    code = "internal"
    status = 500

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint

    def as_json(self) -> dict[str, Any]:
        """The one JSON shape of an error: ``{"code", "message", "hint"}``, and what a subclass offers."""
        return {"code": self.code, "message": self.sentence, "hint": self.hint}


class SettingsError(SightlineError):
    """A setting is unknown, malformed or out of range; the start stops."""

    code = "settings"


class InvalidRequest(SightlineError):
    """The request can't be understood; nothing was changed."""

    code = "invalid_request"
    status = 400


class Forbidden(SightlineError):
    """The request is understood and refused."""

    code = "forbidden"
    status = 403


class NotFound(SightlineError):
    """There is nothing under that id, or not for this person."""

    code = "not_found"
    status = 404


class Conflict(SightlineError):
    """The thing is in a state in which this can't be done."""

    code = "conflict"
    status = 409


class TooLarge(SightlineError):
    """The request carries more than is taken at once."""

    code = "too_large"
    status = 413


class TooMany(SightlineError):
    """A stated limit is reached; trying again later may succeed."""

    code = "too_many"
    status = 503


class AddressRefused(InvalidRequest):
    """An address that this server does not fetch from: its scheme, its host, its port, or how it is written."""

    code = "address_refused"


class FetchFailed(SightlineError):
    """What lies at an address could not be had; the sentence says why and names no more of it than its host."""

    code = "fetch_failed"
    status = 502


class UnplannableQuestion(InvalidRequest):
    """A question from which no plan can be made (empty, too long, a follow-up to nothing)."""

    code = "unplannable_question"


class RegisterUnreadable(InvalidRequest):
    """The sheet of locations can't be opened or understood at all."""

    code = "register_unreadable"


class SourceUnavailable(SightlineError):
    """The pictures' source can't be listed."""

    code = "source_unavailable"
    status = 503


class PictureUnreadable(SightlineError):
    """One picture can't be read or decoded; the sentence becomes the reason that the person sees."""

    code = "picture_unreadable"
    status = 422


class ModelUnavailable(SightlineError):
    """A vision model can't be used: not installed, no weights, or not able to answer this ask."""

    code = "model_unavailable"
    status = 503


class Standstill(SightlineError):
    """No more can be asked for now: the money set aside is spent, the key is refused. The run ends with this sentence;
    what it has is kept, and the pictures that were not asked stay unasked."""

    code = "standstill"
    status = 409


class ConfirmationNeeded(SightlineError):
    """Nothing was asked: the person must know something first, and say yes."""

    code = "confirmation_needed"
    status = 409


class StoreUnavailable(SightlineError):
    """A database can't be opened or written; what was acknowledged before stands."""

    code = "store_unavailable"
    status = 503
