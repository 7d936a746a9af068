"""The template's report reads naturally whatever there is to say, and passes the check that models are held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Scope
from analyzer.report.check import faults, register_names
from analyzer.report.template import by_template, districts_of
from storage.figures import Viewpoint
from tests.analyzer.report.places import COUNT, FIND, GUNTUR, THREE, camera, facts

NOWHERE = register_names(iter(()))


def said(seen: Sequence[Viewpoint], plan: Plan = COUNT) -> list[str]:
    return list(by_template(facts(seen, plan)).draft.parts)


def test_s2_15_the_report_has_introduction_findings_conclusion_and_the_districts() -> None:
    report = by_template(facts())
    assert report.as_json() == {
        "introduction": (
            "This report is about people. It rests on 12 pictures of 3 cameras. 11 are readable, 1 of these is unsure "
            "and 1 is unreadable."
        ),
        "findings": ["21 people at 3 locations. 1 of 12 pictures is unreadable.", "Most: Clock Tower, 12."],
        "conclusion": (
            "5 of 11 readable pictures match, 45 %. What is unsure or unreadable is not counted as a no."
        ),
        "districts": [
            {"label": "Guntur", "pictures": 8, "readable": 7, "match": 5},
            {"label": "Krishna", "pictures": 4, "readable": 4, "match": 0},
        ],
        "writer": "template",
        "note": "Written from the figures by a template.",
        "cost_usd": 0.0,
    }  # fmt: skip


def test_a_tie_is_a_tie() -> None:
    tied = (camera("a", "East", "D", 4, match=1), camera("b", "West", "D", 4, match=1))
    assert said(tied, replace(COUNT, aggregate=Aggregate.MOST))[1:] == [
        "East and West tie for the most people, with 4 each.",
        "2 of 2 readable pictures match, 100 %.",
    ]


def test_nothing_in_scope_is_said_and_nothing_else() -> None:
    plan = replace(COUNT, scope=Scope(districts=("Guntur",)))
    assert said((), plan) == [
        "This report is about people in Guntur.",
        "There is no picture of that place.",
        "Ask without it, or name another.",
        "Without a picture nothing can be said.",
    ]


def test_what_could_not_be_read_is_no_no() -> None:
    dark = (camera("a", "East", "D", None, unreadable=2), camera("b", "West", "D", None, unreadable=1))
    assert said(dark) == [
        "This report is about people. It rests on 3 pictures of 2 cameras. None of them could be read.",
        "None of the 2 locations could be read.",
        "Nothing can be told from what could not be read.",
    ]


def test_one_camera_with_one_picture_reads_naturally() -> None:
    one = (camera("a", "East", "D", 3, match=1),)
    assert said(one) == [
        "This report is about people. It rests on 1 picture of 1 camera. It could be read.",
        "3 people at East.",
        "1 of 1 readable picture matches. What lies outside the view of 1 camera can not be told.",
    ]


def test_unsure_only_is_neither_yes_nor_no() -> None:
    assert said((camera("a", "East", "D", None, unsure=2),))[2:] == [
        "0 of 2 readable pictures match, 0 %. What is unsure is not counted as a no. What lies outside the view of 1 "
        "camera can not be told.",
    ]


def test_nothing_is_called_0_or_100_per_cent_that_only_comes_near() -> None:
    nearly = camera("a", "East", "D", 3, match=999, no_match=1)
    assert "99.9 %" in said((nearly,))[-1]
    hardly = camera("a", "East", "D", 0, match=1, no_match=999)
    assert "0.1 %" in said((hardly,))[-1]


def test_districts_are_listed_where_there_are_several_and_at_most_forty() -> None:
    assert districts_of(facts((GUNTUR,))) == ()
    many = [camera(f"c{n}", f"Place {n}", f"District {n:03d}", 1, match=1) for n in range(99)]
    assert len(districts_of(facts(many))) == 40


names = st.sampled_from(["Clock Tower", "Bazaar", "Gate 2", "12 Oaks", "St. Mary’s (North)", "पुराना बस स्टैंड", "A1"])
outcomes = st.integers(0, 4)


@st.composite
def tables(draw: st.DrawFn) -> list[Viewpoint]:
    return [
        camera(
            f"cam-{n}", draw(st.none() | names), draw(st.none() | st.sampled_from(["Guntur", "Krishna", "East 7"])),
            draw(st.integers(0, 30)), match=draw(outcomes), no_match=draw(outcomes), unsure=draw(outcomes),
            unreadable=draw(outcomes),
        )
        for n in range(draw(st.integers(0, 6)))
    ]  # fmt: skip


plans = st.builds(
    lambda base, aggregate, by, condition, scope: replace(
        base, aggregate=aggregate, group_by=by, condition=condition, scope=scope, limit=3
    ),
    st.sampled_from([COUNT, FIND, replace(COUNT, kind=Kind.RECALL, task=None)]),
    st.sampled_from(list(Aggregate)),
    st.sampled_from([None, GroupBy.IMAGE, GroupBy.CAMERA, GroupBy.LOCATION, GroupBy.DISTRICT]),
    st.none() | st.sampled_from([Condition(Op.GT, 5), Condition(Op.EQ, 0), Condition(Op.BETWEEN, (2, 9))]),
    st.sampled_from([Scope(), Scope(districts=("Guntur",)), Scope(districts=("Guntur", "Krishna"))]),
)


@settings(max_examples=150, deadline=None)
@given(tables(), plans)
def test_the_template_keeps_to_what_models_are_held_to(seen: list[Viewpoint], plan: Plan) -> None:
    looked = plan if plan.task else COUNT
    known = facts(seen, plan, looked=looked)
    assert faults(by_template(known).draft, known, NOWHERE) == []


@pytest.mark.parametrize("seen", [THREE, ()])
def test_no_part_of_a_report_is_empty(seen: Sequence[Viewpoint]) -> None:
    assert all(said(seen))
