"""The report from a template: the same three parts, out of the same facts, in words that are always right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from analyzer.phrases import counted, listed, number
from analyzer.plan import Aggregate, GroupBy, Previous, Task
from analyzer.report.facts import NOT_A_NO, Facts
from analyzer.report.report import District, Draft, Report
from core.states import Outcome

MOST_DISTRICTS = 40
_RANKED = 5
_IN_ORDER = (Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK)


def by_template(facts: Facts) -> Report:
    """The report that stands where nobody writes another."""
    draft = Draft(_introduction(facts), tuple(_findings(facts)), _conclusion(facts))
    return Report(draft, districts_of(facts))


def districts_of(facts: Facts) -> tuple[District, ...]:
    """The pictures of each district, those with most matches first; none where there is only one."""
    pictures, readable, match = Counter[str](), Counter[str](), Counter[str]()
    for part in facts.viewpoints:
        if part.district is None:
            continue
        pictures[part.district] += part.pictures
        readable[part.district] += part.pictures - part.unreadable
        match[part.district] += part.match
    if len(pictures) < 2:
        return ()
    order = sorted(pictures, key=lambda label: (-match[label], label.casefold()))
    return tuple(District(one, pictures[one], readable[one], match[one]) for one in order[:MOST_DISTRICTS])


def _introduction(facts: Facts) -> str:
    about = f"This report is about {facts.target}{_where(facts)}."
    if not facts.pictures:
        return about
    of = f" of {counted(facts.cameras, GroupBy.CAMERA)}" if facts.cameras else ""
    return f"{about} It rests on {counted(facts.pictures, GroupBy.IMAGE)}{of}. {_read(facts)}"


def _where(facts: Facts) -> str:
    scope = facts.plan.scope
    where, when = facts.chips[1:3]
    if scope.previous is Previous.MATCHES:
        told = f" among {where}"
    elif scope.previous is Previous.ALL or scope.names_place:
        told = f" in {where}"
    else:
        told = ""
    return f"{told}, {when}" if scope.names_time else told


def _read(facts: Facts) -> str:
    """How many of the pictures could be read."""
    unsure, lost = facts.counts[Outcome.UNSURE], facts.counts[Outcome.UNREADABLE]
    if facts.pictures == 1:
        return "It could not be read." if lost else f"It could be read{', and is unsure' if unsure else ''}."
    if not facts.readable:
        return "None of them could be read."
    if not unsure and not lost:
        return "All of them could be read."
    parts = [f"{number(facts.readable)} {_are(facts.readable)} readable"]
    if unsure:
        parts.append(f"{number(unsure)} of these {_are(unsure)} unsure")
    if lost:
        parts.append(f"{number(lost)} {_are(lost)} unreadable")
    return f"{listed(parts)}."


def _findings(facts: Facts) -> Iterator[str]:
    yield facts.answer.headline
    yield from facts.answer.findings
    plan = facts.plan
    if plan.judged_as(facts.looked) is not Task.COUNT or plan.aggregate in _IN_ORDER:
        return
    ranked = sorted((group for group in facts.answer.groups if group.value), key=lambda group: -(group.value or 0))
    if len(ranked) > 2:
        first = islice(ranked, _RANKED)
        yield f"In order: {listed([f'{group.label} with {number(group.value or 0)}' for group in first])}."


def _conclusion(facts: Facts) -> str:
    return " ".join(_closing(facts))


def _closing(facts: Facts) -> Iterator[str]:
    match, unsure, lost = (facts.counts[one] for one in (Outcome.MATCH, Outcome.UNSURE, Outcome.UNREADABLE))
    if not facts.pictures:
        yield "Without a picture nothing can be said."
        return
    if not facts.readable:
        yield "Nothing can be told from what could not be read."
        return
    if facts.plan.judged_as(facts.looked) is not Task.DESCRIBE:
        share = f", {_percent(match / facts.readable)}" if facts.readable > 1 else ""
        verb = "matches" if match == 1 else "match"
        yield f"{number(match)} of {counted(facts.readable, GroupBy.IMAGE).replace(' ', ' readable ')} {verb}{share}."
    if unsure + lost:
        which = " or ".join(word for word, has in (("unsure", unsure), ("unreadable", lost)) if has)
        yield f"What is {which} is {NOT_A_NO}."
    if facts.cameras == 1:
        yield "What lies outside the view of 1 camera can not be told."


def _percent(share: float) -> str:
    """Nothing is called 0 or 100 % that only comes near."""
    texts = (f"{100 * share:.{decimals}f}" for decimals in range(7))
    return f"{next(text for text in texts if float(text) not in (0, 100) or share in (0, 1))} %"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
