"""From a question to a plan, by rules: no model, no network. The order of the steps is the only thing decided here."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Plan, Previous, Scope, Task, View
from analyzer.planner import followups
from analyzer.planner.conditions import hold_measures, hold_non_conditions, take_condition
from analyzer.planner.grouping import ANY_NOUN, Figures, take_figures
from analyzer.planner.phrase import NUMBER, PLACE, Phrase
from analyzer.planner.places import Place, PlaceIndex, PlaceKind, mended
from analyzer.planner.targets import Sought, ask_for, take_choices, take_sought
from analyzer.planner.times import When, take_times
from analyzer.planner.views import matches_only, take_view, takes_pictures
from analyzer.planner.words import Speller, Token, cut
from core.errors import UnplannableQuestion
from storage.register import Register

LONGEST = 2_000
_CONNECTIVES = r"^(?:(?:and|what about|how about|what of|now|also|then|ok|okay|but|or|so|same for|same in|same at|same again|the same|likewise|similarly|again|plus|just|only|as for|instead|try|same question|ditto|repeat|do the same|do that|and what about)(?! \d| one\b| two\b| three\b| a\b) )+"
# "queue longer than ten people" counts the people.
_LONG_QUEUE = (
    rf"\b(?P<t>queues?|lines?|crowds?|groups?|gatherings?)(?: (?:is|are|of|with|that is))* (?:longer|bigger|larger|more) than "
    rf"(?P<n>{NUMBER}) (?P<of>people|persons|customers|cars|vehicles|trucks|students)\b"
)
_HAVING = r"\b(?:have|has|had|having|show|shows|with|there|see|sees|contain|contains)\b"
_LEFT_BY_VIEW = (
    r"^(?:(?:(?:please|can|could|you|i|want|need|show|see|give|get|display|list|me|us|the|a|and|with) )+(?=\|))?(?:\| ?)*"
    r"(?:(?:of|for|showing) (?:(?:the|all|any) )*)?"
)
_REPEATS = r"\b(?:(?:do |show |give |tell )?(?:me )?(?:the )?same(?: (?:thing|question|again|analysis|count|query|figures?|numbers?))?(?: (?:for|in|at|on|but))?|ditto|instead|repeat(?: (?:it|that|this))?(?: for)?|again)\b"

Covered = Callable[[Plan], bool]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One question taken apart, before it is read against earlier ones."""

    sought: Sought
    scope: Scope
    figures: Figures
    condition: Condition | None
    view: View
    when: When
    elliptical: bool
    pronoun: bool
    pictures_view: bool
    copula: bool

    @property
    def asks_figures(self) -> bool:
        return self.figures.aggregate is not None or self.condition is not None or self.figures.group_by is not None

    @property
    def names_scope(self) -> bool:
        return self.scope.names_place or self.scope.names_time


class Planner:
    """Plans questions over one register. Building it indexes the names; planning is pure. No timezone means the machine's."""

    def __init__(self, register: Register, timezone: ZoneInfo | None, speller: Speller | None = None) -> None:
        self._timezone = timezone
        self._speller = speller or Speller()
        self._index = PlaceIndex(register, self._speller)

    def plan(
        self,
        question: str,
        after: Sequence[str | Plan] = (),
        now: datetime | None = None,
        covered: Covered | None = None,
    ) -> Plan:
        """The plan of ``question`` after the earlier questions of its session, oldest first.

        ``now`` is local and naive, or aware; the machine's clock by default. ``covered`` says whether stored
        observations answer a ``look``; by default earlier questions have covered exactly their own scopes. Raises
        :class:`core.errors.UnplannableQuestion`.
        """
        local = self._local(now)
        earlier: list[Plan] = []
        for before in after:
            if isinstance(before, Plan):
                earlier.append(before)
                continue
            try:
                earlier.append(self._plan(before, earlier, local, None))
            except UnplannableQuestion:
                continue  # it was never answered either
        return self._plan(question, earlier, local, covered)

    def _local(self, now: datetime | None) -> datetime:
        if now is None:
            return datetime.now(self._timezone).replace(tzinfo=None)
        return now.astimezone(self._timezone).replace(tzinfo=None) if now.tzinfo else now

    def _plan(self, question: str, after: Sequence[Plan], now: datetime, covered: Covered | None) -> Plan:
        if len(question) > LONGEST:
            raise UnplannableQuestion(f"The question is longer than {LONGEST:,} characters.", "Ask a shorter one.")
        if not any(sign.isalnum() for sign in question):
            raise UnplannableQuestion("There is no question.", "Ask something like “How many cars are visible?”.")
        tokens = cut(question)
        if foreign := self._foreign(question, tokens):
            return foreign
        base = _base(after)
        reading = self._read(tokens, now, base.scope.start if base else None)
        covers = covered or followups.Coverage(after, self._index.rows).holds
        return _against(reading, after, covers, now)

    def _foreign(self, question: str, tokens: Sequence[Token]) -> Plan | None:
        """A language that the rules don't know goes to the model as it is, over the whole register."""
        letters = [sign for sign in question if sign.isalpha()]
        strange = sum(sign > "\u024f" for sign in letters)
        words = [token.word for token in tokens if token.word.isalpha() and not self._index.nearest(token.word)]
        unknown = sum(self._speller.frequency(self._speller.mend(word).split(" ")[0]) == 0 for word in words)
        if strange * 2 <= len(letters) and (len(words) < 4 or unknown * 2 <= len(words)):
            return None
        text = " ".join(question.split())
        return Plan(Kind.LOOK, Task.DESCRIBE, text, text)

    def _read(self, tokens: Sequence[Token], now: datetime, anchor: datetime | None) -> _Reading:
        marked, places = self._index.mark(mended(tokens, self._speller, self._index))
        phrase = Phrase(_text(marked))
        _drop_preamble(phrase)
        phrase.text = re.sub(_LONG_QUEUE, r"more than \g<n> \g<of> in the \g<t>", phrase.text)
        choices = take_choices(phrase)
        elliptical = _take_connectives(phrase)
        hold_non_conditions(phrase)
        when = take_times(phrase, now, anchor)
        hold_measures(phrase)
        condition = take_condition(phrase)
        pictures_view = takes_pictures(phrase)
        _take_places(phrase)
        only_matches = matches_only(phrase)
        view = take_view(phrase)
        copula = bool(phrase.search(r"\b(?:is|are|was|were)\b(?! there)")) and not phrase.search(_HAVING)
        reference = followups.take_reference(phrase)
        phrase.text = re.sub(_LEFT_BY_VIEW, "", phrase.text)
        if view is View.EXPORT:
            phrase.take(r"^(?:export|download|save|send|e-?mail)(?: me)?\b(?: the)?", leave="")
        figures = take_figures(phrase)
        sought = choices or take_sought(phrase, figures)
        previous = reference.previous or (Previous.MATCHES if only_matches else None)
        scope = _scope([places[int(index)] for index in re.findall(rf"{PLACE}(\d+)", _text(marked))], when, previous)
        return _Reading(
            sought, scope, figures, condition, view, when, elliptical, reference.pronoun, pictures_view, copula
        )


def _text(tokens: Sequence[Token]) -> str:
    """The question in lower case, its end marks as gaps."""
    words = [token.word for token in tokens]
    text = " ".join(
        {"?": "|", "!": "|", ".": "|", ";": "|", "(": "|", ")": "|", "&": "and", "/": "or", "#": "number of"}.get(
            word, word
        )
        for word in words
    )
    return re.sub(r"\bwith out\b", "without", text).strip("| ")


def _drop_preamble(phrase: Phrase) -> None:
    """ "I would be grateful if you could ...", "which mandal, sorry, which district ..."."""
    phrase.take(
        r"^(?:\S+ ){2,}?(?:,|\|)? ?(?:sorry|i mean|i meant|no wait|scratch that|make that|or rather) (?!to\b)(?:,|\|)? ?(?=(?:\S+ ){2,})",
        leave="",
    )
    phrase.take(
        r"^(?:(?!how\b|which\b|what\b|where\b|count\b|find\b)\S+ ){1,14}?(?:if you (?:could|can|would)|would you mind|could you|can you|would you|will you)(?: (?:please|kindly|possibly|just|help me|help|also|quickly))*(?: (?:and|to))? ",
        leave="",
    )


def _take_connectives(phrase: Phrase) -> bool:
    """ "And ...", "what about ...": whether the question leans on the one before."""
    phrase.text = phrase.text.strip("| ,")
    led = phrase.take(_CONNECTIVES, leave="") is not None
    repeats = (
        phrase.take(
            _REPEATS
            + r"(?! (?:places?|locations?|cameras?|pictures?|images?|areas?|junctions?|spots?|sites?|photos?|frames?|shops?|stores?|districts?|feeds?|set|scope|period|time|day|ones|scenes?|stations?))",
            leave="",
        )
        if phrase.search(r"\bsame\b|\bditto\b|\binstead\b|\brepeat\b|\bagain$")
        else None
    )
    phrase.text = phrase.text.strip("| ,")
    return led or repeats is not None


def _take_places(phrase: Phrase) -> None:
    """Lists of places become one mark, with the preposition before."""
    one = rf"{PLACE}\d+"
    lead = r"(?:\b(?:in front of|next to|close to|opposite to|adjacent to|by the side of|at the back of|outside of|in and around|in|at|on|near|from|of|for|around|outside|inside|within|across|along|to|by|opposite|between|behind|towards|about|over|under) (?:the |old |new |both |all of |only |just )*)?"
    nouns = r"(?:(?:cameras?|cams?|locations?|districts?|mandals?|junctions?|places?|areas?|stations?|city|town|village|cities|towns|sites?)(?: (?:of|named|called|no|number|nos|id|ip|address|like|such as))* )?"
    joint = r"(?: ?, ?(?:and )?| and | or | & )"
    listed = rf"{lead}{nouns}{one}(?:{joint}(?:in |at |near |the )*{one})*(?: (?:in|at|near|on|of) (?:the )?{one})*"
    # "which Guntur cameras" asks cameras in Guntur
    asked = rf"\b(which|what|all|any|every|each|the)(?: of)?(?: the)? ({one}) (?=(?:{ANY_NOUN})\b)(\w+)"
    phrase.text = re.sub(asked, r"\1 \3 in \2", phrase.text)
    versus = phrase.search(rf"{one} (?:vs|versus|against|compared (?:to|with)|v|with|to) {one}|\bcompar")
    if versus is None:
        phrase.take_all(listed)


def _scope(places: Sequence[Place], when: When, previous: Previous | None) -> Scope:
    named: dict[str, tuple[str, ...]] = {
        kind.value: tuple(dict.fromkeys(name for place in places if place.kind is kind for name in place.names))
        for kind in PlaceKind
    }
    return Scope(**named, start=when.start, end=when.end, hours=when.hours, previous=previous)


def _against(reading: _Reading, after: Sequence[Plan], covers: Covered, now: datetime) -> Plan:
    """The plan of a reading, given the earlier ones."""
    base = _base(after)
    if not reading.sought.target and reading.figures.busiest and not (base and _counted(base, after)):
        reading = replace(
            reading, sought=Sought(Task.COUNT, "people and vehicles", ask_for(Task.COUNT, "people and vehicles"))
        )
    if not reading.sought.target:
        if base is None:
            raise UnplannableQuestion(
                "This seems to follow up an earlier question, and there is none.",
                "Say what to look for, for example “How many cars are at each location?”.",
            )
        return _without_target(reading, base, after, covers, now)
    if base is not None and reading.pronoun and reading.scope.previous:
        return _of_those(reading, base)
    if reading.sought.task is not None and base is not None:
        plan = _repeat(reading, base, after, covers)
        if plan is not None:
            return plan
        if reading.elliptical and not reading.asks_figures and _bare(reading):
            return _like_before(reading, base, after)
    plan = _look(reading)
    if reading.scope.previous and base is not None:
        return replace(plan, scope=followups.carried(reading.scope, base.scope))
    return plan


def _base(after: Sequence[Plan]) -> Plan | None:
    """The answer that a follow-up leans on: another view of it is none."""
    return next((plan for plan in reversed(after) if plan.kind is not Kind.SHOW), None)


def _counted(base: Plan, after: Sequence[Plan]) -> bool:
    look = followups.look_of(base, after)
    return look is not None and look.task is Task.COUNT


def _bare(reading: _Reading) -> bool:
    """Only a new thing to look for: no asking words of its own."""
    return reading.sought.task is Task.FIND and not reading.figures.places


def _look(reading: _Reading) -> Plan:
    sought, figures = reading.sought, reading.figures
    aggregate = figures.aggregate or _plain_aggregate(sought.task)
    if sought.task in (Task.CLASSIFY, Task.DESCRIBE) and figures.aggregate is None:
        aggregate = Aggregate.NONE
    counted_anywhere = figures.places and sought.task is Task.COUNT and figures.aggregate is None
    group = None if counted_anywhere else figures.group_by or _implied_group(reading, aggregate)
    view = View.IMAGES if reading.pictures_view and figures.group_by is GroupBy.IMAGE else reading.view
    return Plan(
        kind=Kind.LOOK,
        task=sought.task,
        target=sought.target,
        ask=sought.ask,
        scope=reading.scope,
        aggregate=aggregate,
        group_by=group,
        condition=reading.condition,
        limit=figures.limit,
        view=view,
        choices=sought.choices,
        archive=reading.when.archive,
        peak=figures.peak or (aggregate is Aggregate.MOST and group is None),
        lowest=figures.lowest and figures.aggregate is Aggregate.RANK,
    )


def _plain_aggregate(task: Task | None) -> Aggregate:
    return Aggregate.TOTAL if task is Task.COUNT else Aggregate.NONE


def _implied_group(reading: _Reading, aggregate: Aggregate) -> GroupBy | None:
    """What is compared where no noun says it, and where "the most" is."""
    scope = reading.scope
    if aggregate is Aggregate.COMPARE:
        if reading.when.parts:
            return GroupBy.HOUR
        if reading.when.periods > 1:
            return GroupBy.DAY
        named = [(scope.districts, GroupBy.DISTRICT), (scope.mandals, GroupBy.LOCATION), (scope.locations, GroupBy.LOCATION),
                 (scope.cameras, GroupBy.CAMERA)]  # fmt: skip
        return next(
            (group for names, group in named if len(names) > 1),
            GroupBy.DISTRICT if scope.districts else GroupBy.LOCATION,
        )
    if aggregate in (Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK):
        over_time = aggregate is Aggregate.MOST and reading.figures.one and scope.names_time
        return None if over_time or reading.figures.peak and not reading.figures.busiest else GroupBy.LOCATION
    return None


def _without_target(reading: _Reading, base: Plan, after: Sequence[Plan], covers: Covered, now: datetime) -> Plan:
    """A view, a figure, or a change of place or time of what was answered before."""
    if reading.view is not View.ANSWER and not reading.asks_figures and not reading.sought.counted:
        return Plan(Kind.SHOW, scope=reading.scope, view=reading.view)
    if (
        reading.figures.places
        and reading.figures.group_by is GroupBy.IMAGE
        and not reading.names_scope
        and reading.figures.aggregate is None
        and reading.condition is None
    ):
        return Plan(Kind.SHOW, scope=reading.scope, view=View.IMAGES)
    look = followups.look_of(base, after)
    scope = followups.carried(reading.scope, base.scope)
    if reading.figures.aggregate is Aggregate.COMPARE:
        scope = followups.set_against(reading.scope, base.scope, now)
    changed = replace(
        base,
        kind=Kind.LOOK,
        task=look.task if look else base.task,
        target=look.target if look else base.target,
        ask=look.ask if look else base.ask,
        scope=scope,
        view=reading.view,
        archive=base.archive or reading.when.archive,
    )
    if reading.asks_figures or reading.sought.counted:
        changed = _with_figures(changed, reading)
    if not reading.names_scope or covers(replace(changed, scope=scope)):
        return replace(changed, kind=Kind.RECALL, task=None, ask=None)
    return changed


def _with_figures(base: Plan, reading: _Reading) -> Plan:
    """The figures that a follow-up asks for; what it doesn't name stays as it was."""
    figures = reading.figures
    aggregate = _asked_aggregate(base, reading)
    return replace(
        base,
        aggregate=aggregate,
        group_by=_asked_group(base, reading, aggregate),
        condition=reading.condition or (None if figures.aggregate else base.condition),
        limit=figures.limit,
        peak=figures.peak,
        lowest=figures.lowest and aggregate is Aggregate.RANK,
    )


def _asked_aggregate(base: Plan, reading: _Reading) -> Aggregate:
    figures = reading.figures
    if figures.aggregate is not None:
        return figures.aggregate
    if reading.sought.counted or figures.counted:
        return Aggregate.TOTAL
    plain = base.aggregate in (Aggregate.EACH, Aggregate.NONE, Aggregate.AVERAGE)
    if figures.group_by is not None:
        return (
            base.aggregate
            if plain and base.kind is not Kind.RECALL
            else Aggregate.NONE
            if figures.places
            else Aggregate.EACH
        )
    return base.aggregate if plain else Aggregate.NONE


def _asked_group(base: Plan, reading: _Reading, aggregate: Aggregate) -> GroupBy | None:
    if reading.figures.group_by is not None:
        return reading.figures.group_by
    if aggregate is Aggregate.COMPARE:
        named = _implied_group(reading, aggregate)
        return GroupBy.DAY if reading.scope.names_time and not reading.scope.names_place else named
    if aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE) and reading.condition is None:
        return None
    return base.group_by or (None if aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE) else GroupBy.LOCATION)


def _repeat(reading: _Reading, base: Plan, after: Sequence[Plan], covers: Covered) -> Plan | None:
    """A question about an answered target is a recall, where its scope was covered."""
    sought, figures = reading.sought, reading.figures
    counting = figures.aggregate is None and sought.task is Task.COUNT
    look = followups.answered(sought.target, sought.task, counting, after)
    if look is None:
        return None
    plan = _look(reading)
    if reading.elliptical and not reading.asks_figures and _bare(reading):
        plan = replace(_like_before(reading, base, after), scope=reading.scope)
    inherits = not reading.names_scope and figures.aggregate in (
        Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK, Aggregate.AVERAGE, Aggregate.SHARE)  # fmt: skip
    if inherits and not (figures.group_by is GroupBy.DISTRICT and look.scope.names_place):
        plan = replace(plan, scope=followups.carried(plan.scope, look.scope))
    elif not covers(replace(plan, task=look.task)):
        return None
    return replace(plan, kind=Kind.RECALL, task=None, ask=None)


def _of_those(reading: _Reading, base: Plan) -> Plan:
    """ "how many of them are red": a word of kind joins the target before; a thing of its own stands alone."""
    sought = reading.sought
    target = sought.target
    noun = base.target or ""
    if noun and reading.copula and reading.figures.aggregate is None:
        first = target.split()[0]
        if first.endswith("ing") or first in ("with", "without", "not", "on", "in", "at", "near", "parked"):
            target = f"{noun} {target}"
        elif " " not in target and (not target.endswith("s") or reading.sought.task is Task.COUNT):
            target = f"{target} {noun}"
    plan = _look(replace(reading, sought=replace(sought, target=target, ask=sought.ask.replace(sought.target, target))))
    group = plan.group_by or (base.group_by if plan.task is Task.FIND else None)
    return replace(plan, group_by=group, scope=followups.carried(reading.scope, base.scope))


def _like_before(reading: _Reading, base: Plan, after: Sequence[Plan]) -> Plan:
    """ "And buses?": the question before with another thing to look for; its scope is not inherited."""
    look = followups.look_of(base, after)
    task = look.task if look else base.task
    target = reading.sought.target
    if task is not Task.COUNT and task is not Task.FIND:
        return replace(_look(reading), group_by=base.group_by)
    return replace(
        base,
        kind=Kind.LOOK,
        task=task,
        target=target,
        ask=ask_for(task, target),
        scope=reading.scope,
        view=reading.view,
        archive=reading.when.archive,
    )
