"""From a question to a plan, by rules: no model, no network. The order of the steps is the only thing decided here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from analyzer.plan import Aggregate, GroupBy, Kind, Plan, Previous, Scope, Task, View
from analyzer.planner import followups
from analyzer.planner.choices import Unclear, unclear
from analyzer.planner.conditions import hold_measures, hold_non_conditions, take_condition
from analyzer.planner.conversation import Covered, against, base_of
from analyzer.planner.corrections import take_correction
from analyzer.planner.difference import take_difference
from analyzer.planner.exceptions import Remainders, take_exceptions
from analyzer.planner.framing import (
    HAVING,
    LEFT_BY_VIEW,
    LONG_QUEUE,
    WHOLE,
    drop_every,
    drop_preamble,
    joined,
    names_a_thing,
    take_connectives,
    take_places,
)
from analyzer.planner.grouping import take_figures
from analyzer.planner.languages import LITTLE, foreign_language
from analyzer.planner.mending import mended
from analyzer.planner.nouns import PlaceNouns
from analyzer.planner.numbered import each_in_full
from analyzer.planner.outside import (
    refuse_growth,
    refuse_how_cameras_fare,
    refuse_two_things,
    refuse_what_is_outside,
    refuse_what_is_usual,
)
from analyzer.planner.phrase import PLACE, Phrase
from analyzer.planner.place import Place, PlaceKind
from analyzer.planner.places import PlaceIndex
from analyzer.planner.reading import Reading
from analyzer.planner.states import take_choices
from analyzer.planner.targets import take_sought
from analyzer.planner.times import When, take_times
from analyzer.planner.views import matches_only, take_view, takes_pictures
from analyzer.planner.words import Speller, Token, cut
from core.errors import UnplannableQuestion
from storage.register import Register

LONGEST = 2_000
# "a table with districts": what the view is of, and nothing to look for.
_GROUPINGS = {"districts": GroupBy.DISTRICT, "hours": GroupBy.HOUR, "days": GroupBy.DAY, "dates": GroupBy.DAY}


class Planner:
    """Plans questions over one register. Building it indexes the names; planning is pure. No timezone means the
    machine's."""

    def __init__(self, register: Register, timezone: ZoneInfo | None, speller: Speller | None = None) -> None:
        self._timezone = timezone
        self._speller = speller or Speller()
        self._index = PlaceIndex(register, self._speller)
        self._nouns = PlaceNouns(register, self._speller)
        self._remainders = Remainders(register.cameras)

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

    def holds(self, level: str, name: str) -> bool:
        """Whether the register has a place of that name, spelt so; ``level`` is the field of a scope."""
        return bool(self._index.rows(level, name))

    def names_place(self, text: str) -> bool:
        """Whether ``text`` has a name of the register in it."""
        _, places = self._index.mark(cut(text))
        return any(place.kind is not PlaceKind.UNKNOWN for place in places)

    def covers(self, look: Plan, wanted: Plan) -> bool:
        """Whether what was seen for ``look`` answers ``wanted`` too."""
        return followups.Coverage([look], self._index.rows).holds(wanted)

    def unclear(self, question: str, scope: Scope) -> Unclear | None:
        """A name of ``question`` that could be several of the places in ``scope``, the scope of its plan."""
        marked, places = self._index.mark(self._spelt(cut(question)))
        self._nouns.understood(marked, places)
        return unclear(question, places, scope, self._index)

    def knows_language(self, question: str) -> bool:
        """Whether the rules read ``question`` at all; what they don't goes to the model as it is."""
        return self._foreign(question, cut(question)) is None

    def _local(self, now: datetime | None) -> datetime:
        if now is None:
            return datetime.now(self._timezone).replace(tzinfo=None)
        return now.astimezone(self._timezone).replace(tzinfo=None) if now.tzinfo else now

    def _plan(self, question: str, after: Sequence[Plan], now: datetime, covered: Covered | None) -> Plan:
        if len(question) > LONGEST:
            raise UnplannableQuestion(f"The question is longer than {LONGEST:,} characters.", "Ask a shorter one.")
        if not any(sign.isalnum() for sign in question):
            raise UnplannableQuestion("There is no question.", "Ask something like “How many cars are visible?”.")
        base = base_of(after)
        refuse_what_is_outside(question, found_some=base is not None and base.task is Task.FIND)
        tokens = cut(question)
        if foreign := self._foreign(question, tokens):
            return foreign
        reading = self._read(tokens, now, base)
        reading = self._left_out(reading, base)
        covers = covered or followups.Coverage(after, self._index.rows).holds
        return against(reading, after, covers, now)

    def _left_out(self, reading: Reading, base: Plan | None) -> Reading:
        """With what is left out taken from the places that are meant: those named, else those of the answer before."""
        known = [place for place in reading.left_out if place.kind is not PlaceKind.UNKNOWN]
        if not known:
            return reading
        follows = base is not None and (not reading.sought.target or reading.elliptical)
        meant = reading.scope if reading.scope.names_place else base.scope if base and follows else Scope()
        kept = self._remainders.without(replace(meant, unknown=()), known)
        named = {level: getattr(kept, level) for level in ("districts", "mandals", "locations", "cameras")}
        return replace(reading, scope=replace(reading.scope, **named))

    def _foreign(self, question: str, tokens: Sequence[Token]) -> Plan | None:
        """A language that the rules don't know goes to the model as it is; of it only names in full are read."""
        letters = [sign for sign in question if sign.isalpha()]
        strange = sum(sign > "\u024f" for sign in letters)
        words = [token.word for token in tokens if token.word.isalpha() and not self._index.nearest(token.word)]
        unknown = sum(self._speller.frequency(self._speller.mend(word).split(" ")[0]) == 0 for word in words)
        if (
            strange * 2 <= len(letters)
            and (len(words) < 4 or unknown * 2 <= len(words))
            and foreign_language(words) is None
        ):
            return None
        text = " ".join(question.split())
        bare = [Token("in", "in") if token.word in LITTLE else token for token in tokens]
        named = [place for read in (tokens, bare) for place in self._index.mark(read)[1] if place.in_full]
        return Plan(Kind.LOOK, Task.DESCRIBE, text, text, self._index.beside(_scope(named, When(), None)))

    def _spelt(self, tokens: Sequence[Token]) -> list[Token]:
        return each_in_full(mended(tokens, self._speller, self._index), self._index)

    def _read(self, tokens: Sequence[Token], now: datetime, base: Plan | None) -> Reading:
        marked, places = self._index.mark(self._spelt(tokens))
        marked = self._nouns.understood(marked, places)
        phrase = Phrase(joined(marked))
        refuse_how_cameras_fare(phrase.text, places)
        left_out = take_exceptions(phrase, places)
        corrects = take_correction(phrase, base)
        drop_preamble(phrase)
        drop_every(phrase)
        phrase.text = re.sub(LONG_QUEUE, r"more than \g<n> \g<of> in the \g<t>", phrase.text)
        # before "up or down" is taken for two states
        of_two = base is not None and base.group_by is None and base.aggregate is Aggregate.TOTAL
        differs = base is not None and take_difference(phrase, of_two=of_two)
        choices = take_choices(phrase)
        elliptical = take_connectives(phrase) or corrects or names_a_thing(phrase)
        hold_non_conditions(phrase)
        differs = differs or take_difference(phrase, of_two=False)
        when = take_times(phrase, now, base.scope.start if base else None)
        hold_measures(phrase)
        condition = take_condition(phrase)
        pictures_view = takes_pictures(phrase)
        take_places(phrase)
        phrase.take(WHOLE, leave="")
        only_matches = matches_only(phrase)
        view = take_view(phrase)
        if not differs:
            refuse_what_is_usual(phrase)
            refuse_growth(phrase)
            refuse_two_things(phrase, has_condition=condition is not None)
        copula = bool(phrase.search(r"\b(?:is|are|was|were)\b(?! there)")) and not phrase.search(HAVING)
        reference = followups.take_reference(phrase)
        phrase.text = re.sub(LEFT_BY_VIEW, "", phrase.text)
        if view is View.EXPORT:
            phrase.take(r"^(?:export|download|save|send|e-?mail)(?: me)?\b(?: the)?", leave="")
        figures = take_figures(phrase)
        sought = choices or take_sought(phrase, figures)
        if view is not View.ANSWER and figures.aggregate is None and sought.target in _GROUPINGS:
            figures, sought = replace(figures, group_by=_GROUPINGS[sought.target]), replace(sought, target="")
        previous = reference.previous or (Previous.MATCHES if only_matches else None)
        excepted = [places[index] for index in left_out]
        said = [int(index) for index in re.findall(rf"{PLACE}(\d+)", joined(marked))]
        named = [places[index] for index in said if index not in left_out]
        unknown = [place for place in excepted if place.kind is PlaceKind.UNKNOWN]
        scope = self._index.beside(_scope([*named, *unknown], when, previous))
        return Reading(
            sought,
            scope,
            figures,
            condition,
            view,
            when,
            elliptical,
            reference.pronoun,
            pictures_view,
            copula,
            differs,
            tuple(excepted),
        )


def _scope(places: Sequence[Place], when: When, previous: Previous | None) -> Scope:
    named: dict[str, tuple[str, ...]] = {
        kind.value: tuple(dict.fromkeys(name for place in places if place.kind is kind for name in place.names))
        for kind in PlaceKind
    }
    return Scope(**named, start=when.start, end=when.end, hours=when.hours, previous=previous)
