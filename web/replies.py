"""The replies of /api/v1 as shapes. What fills them is the ``as_json`` of the value that each describes."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from analyzer.models.catalogue import Activity, ModelState
from analyzer.plan import GroupBy, View
from core.people import Role
from core.states import Outcome, RunState
from storage.observations import OtherSide
from web.offer_replies import Estimate, Offer
from web.plan_replies import Chip, Plan
from web.report_replies import Report
from web.shapes import Id, Moment


class Problem(TypedDict):
    """What went wrong, for a program (the code) and for a person, with what to do next."""

    code: str
    message: str
    hint: str


class Error(TypedDict):
    """The one shape of every error."""

    error: Problem


class SnippetPart(TypedDict):
    """Some text of a snippet; a hit is one of the words that were looked for."""

    text: str
    hit: bool


class Session(TypedDict):
    """A session as lists show it. ``matched`` counts the pictures that match in its newest look."""

    id: Id
    title: str
    created_at: Moment
    updated_at: Moment
    questions: int
    running: bool
    imported: str | None
    shared: bool
    mine: bool
    matched: int | None
    deleted_at: Moment | None
    snippet: NotRequired[list[SnippetPart]]


class SessionPage(TypedDict):
    """Some of the sessions; ``next`` is what to give as ``after``."""

    sessions: list[Session]
    next: str | None


class Deleted(TypedDict):
    """It is gone."""

    deleted: bool


class ChosenModel(TypedDict):
    """The model that looked, and why it was this one."""

    name: str
    version: str
    why: str
    leaves_out: str
    estimate: NotRequired[Estimate]


class Counts(TypedDict):
    """How many ended how."""

    match: int
    no_match: int
    unsure: int
    unreadable: int


class Run(TypedDict):
    """Where a run stands."""

    id: Id
    state: RunState
    counts: Counts
    done: int
    listed: int
    listing: bool
    reused: int
    calls: int
    elapsed_s: float
    eta_s: float | None
    cost_usd: float
    tokens_in: int
    tokens_out: int
    error: str | None


class PictureFilter(TypedDict):
    """What /pictures would be asked with for the pictures behind a figure."""

    outcome: NotRequired[Outcome]
    places: NotRequired[Outcome]
    camera: NotRequired[str]
    location: NotRequired[str]
    district: NotRequired[str]
    side: NotRequired[OtherSide]


class Figure(TypedDict):
    """A number and what it is out of."""

    label: str
    value: float | None
    of: float | None
    unit: str
    filter: PictureFilter


class Group(TypedDict):
    """A place, an hour or a day with its figure."""

    label: str
    kind: GroupBy
    value: float | None
    outcome: Outcome
    counts: Counts
    filter: dict[str, str]
    latitude: float | None
    longitude: float | None
    text: str | None


class Groups(TypedDict):
    """An answer's figures by something that was chosen."""

    group_by: GroupBy | None
    unit: str | None
    groups: list[Group]


class Suggestion(TypedDict):
    """A question that may be asked next."""

    text: str


class Answer(TypedDict):
    """The answer, computed from observations; the one so far while a run is under way."""

    headline: str
    findings: list[str]
    view: View
    group_by: GroupBy | None
    unit: str | None
    figures: list[Figure]
    groups: list[Group]
    followups: list[Suggestion]
    report: NotRequired[Report]
    pictures: int
    counts: NotRequired[Counts]
    calls: int
    elapsed_s: float
    tokens_in: NotRequired[int]
    tokens_out: NotRequired[int]


class PlaceChoice(TypedDict):
    """One of the places that an ambiguous name may mean, and the question that means it."""

    label: str
    text: str


class MessageProblem(Problem):
    """Why a question has no answer."""

    offer: NotRequired[Offer]
    choices: NotRequired[list[PlaceChoice]]


class Statement(TypedDict):
    """A statement over the stored observations, and the values bound to its places."""

    sql: str
    parameters: dict[str, str | float | int | bool | list[str]]


class Workings(TypedDict):
    """How the figures of an answer are worked out."""

    statements: list[Statement]


class Message(TypedDict):
    """A question with all that became of it."""

    id: Id
    session_id: Id
    text: str
    asked_at: Moment
    plan: Plan | None
    chips: list[Chip]
    notes: list[str]
    model: ChosenModel | None
    of: Id | None
    run: Run | None
    answer: Answer | None
    error: MessageProblem | None
    instead_of: Id | None
    rating: int | None


class OpenSession(TypedDict):
    """A session with its messages as of an event; listen from there on, and nothing is missed."""

    session: Session
    messages: list[Message]
    last_event_id: int


class Asked(TypedDict):
    """What was understood, and in which session."""

    session: Session
    message: Message


class PictureRow(TypedDict):
    """One picture's outcome; boxes are [x0, y0, x1, y1, label, score] in fractions of the picture."""

    observation_id: str
    picture_id: Id
    name: str
    camera: str | None
    location: str | None
    district: str | None
    mandal: str | None
    latitude: float | None
    longitude: float | None
    taken_at: Moment | None
    outcome: Outcome
    count: int | None
    text: str | None
    score: float | None
    reason: str | None
    boxes: list[list[float | str]]
    width: int
    height: int
    model: str
    model_version: str
    elapsed_ms: float
    reused: bool
    observed_at: Moment


class PicturePage(TypedDict):
    """Some of a question's pictures, the next ones' cursor; how many lie below the least score; the range of scores."""

    pictures: list[PictureRow]
    next: str | None
    total: int
    hidden: int
    scores: list[float] | None


class Place(TypedDict):
    """One camera's part in an answer."""

    camera: str | None
    location: str | None
    district: str | None
    mandal: str | None
    latitude: float | None
    longitude: float | None
    outcome: Outcome
    value: float | None
    pictures: int
    picture_id: Id
    name: str
    observation_id: str
    taken_at: Moment | None


class Places(TypedDict):
    """Every camera of an answer."""

    places: list[Place]


class Site(TypedDict):
    """Whose cameras these are, and in which zone their days begin."""

    name: str
    timezone: str


class Person(TypedDict):
    """Who is signed in."""

    name: str
    role: Role


class LeftOut(TypedDict):
    """Files or folders among the pictures that no question reaches, for one reason; example is the name of one."""

    reason: str
    number: int
    example: str


class Source(TypedDict):
    """The pictures that are asked; their number is null until some have been counted, and grows while counting. What
    could be taken for a picture and is in no answer is left_out; undated ones have the time of their files."""

    name: str
    label: str
    sample: bool
    pictures: int | None
    counting: bool
    error: Problem | None
    left_out: list[LeftOut]
    undated: int


class RegisterSummary(TypedDict):
    """The register in numbers, and where it comes from; given is the file that the settings name."""

    name: str
    version: str
    rows: int
    cameras: int
    placed: int
    problems: int
    origin: Literal["upload", "settings", "sample", "none"]
    given: str | None


class Fetching(TypedDict):
    """How far a model's files are fetched; ``total_bytes`` is 0 while nobody has said."""

    done_bytes: int
    total_bytes: int


class Model(TypedDict):
    """A model that is known here, and whether it can be used now. One that runs in a process of its own says what that
    does and how much memory it holds; one whose files are missing says whether they can be fetched."""

    name: str
    label: str
    version: str
    state: ModelState
    sentence: str
    hint: str
    activity: Activity | None
    fetching: Fetching | None
    can_fetch: bool
    resident_bytes: int


class Models(TypedDict):
    """All models, the preferred first."""

    models: list[Model]


class State(TypedDict):
    """What a page begins with; ``next`` is where the list of sessions goes on."""

    warnings: list[str]
    site: Site
    person: Person | None
    last_event_id: int
    sessions: list[Session]
    next: str | None
    source: Source
    register: RegisterSummary | None
    models: list[Model]
    starters: list[Suggestion]
