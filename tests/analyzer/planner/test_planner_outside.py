"""What no picture tells: the cameras' own state, how many there are, small talk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analyzer.plan import Aggregate, GroupBy, Kind, Plan, Task, View
from core.errors import UnplannableQuestion


@pytest.mark.parametrize(
    "question",
    [
        "Which cameras are offline?",
        "are all cameras working",
        "which of the cameras don't work",
        "is CAM-07 down?",
        "any cameras offline right now?",
        "cameras with no picture",
        "Which cameras have no signal?",
        "find all cameras that are not working",
    ],
)
def test_how_the_cameras_fare_is_told_to_stand_elsewhere(ask: Callable[..., Plan], question: str) -> None:
    with pytest.raises(UnplannableQuestion, match="about the cameras themselves") as refused:
        ask(question)
    assert "under Cameras" in (refused.value.hint or "")


@pytest.mark.parametrize(
    "question",
    [
        "Which cameras are dark?",
        "which cameras show a broken street light",
        "is there a camera crew down at Benz Circle",
        "are the traffic lights working at Benz Circle",
        "cameras with no people",
    ],
)
def test_what_a_camera_sees_is_asked_of_its_pictures(ask: Callable[..., Plan], question: str) -> None:
    assert ask(question).kind is Kind.LOOK


def test_how_many_pictures_there_are_repeats_no_answer(ask: Callable[..., Plan]) -> None:
    with pytest.raises(UnplannableQuestion, match="about the pictures themselves"):
        ask("How many pictures are there?", "How many cars are at each location?")
    found = ask("How many pictures are there?", "Find pictures with dogs")
    assert (found.kind, found.aggregate, found.target) == (Kind.RECALL, Aggregate.TOTAL, "dogs")


@pytest.mark.parametrize("question", ["ok", "go ahead", "great, thanks a lot", "never mind"])
def test_small_talk_repeats_no_answer(ask: Callable[..., Plan], question: str) -> None:
    with pytest.raises(UnplannableQuestion, match="no question"):
        ask(question, "How many cars are at each location?")


@pytest.mark.parametrize("question", ["delete all pictures", "please turn off the lights", "reboot CAM-07"])
def test_a_question_changes_nothing(ask: Callable[..., Plan], question: str) -> None:
    with pytest.raises(UnplannableQuestion, match="only looks"):
        ask(question)
    assert ask("are the lights turned on").target == "lights turned on"


@pytest.mark.parametrize(
    "question", ["are there more cars than usual", "is that a lot?", "is that normal for a monday"]
)
def test_what_is_usual_is_not_known(ask: Callable[..., Plan], question: str) -> None:
    with pytest.raises(UnplannableQuestion, match="usual here isn't known"):
        ask(question, "How many cars are at each location?")


@pytest.mark.parametrize("question", ["is the queue at Benz Circle getting longer", "is Benz Circle getting busier?"])
def test_no_picture_shows_whether_something_grows(ask: Callable[..., Plan], question: str) -> None:
    with pytest.raises(UnplannableQuestion, match="whether something grows"):
        ask(question)
    assert ask("are they going down stairs", "Are there people?").kind is Kind.LOOK
    grown = ask("is it getting busier?", "How many cars are at each location?")
    assert (grown.kind, grown.aggregate, grown.group_by) == (Kind.RECALL, Aggregate.EACH, GroupBy.HOUR)


@pytest.mark.parametrize("question", ["what changed since this morning", "what's different from yesterday"])
def test_no_picture_shows_what_has_changed(ask: Callable[..., Plan], question: str) -> None:
    with pytest.raises(UnplannableQuestion, match="what has changed"):
        ask(question, "Is anyone running?")


def test_nothing_is_sent_to_anybody(ask: Callable[..., Plan]) -> None:
    with pytest.raises(UnplannableQuestion, match="sends nothing"):
        ask("send it to my boss", "Is anyone running?")


def test_of_what_a_list_is_may_be_said_last(ask: Callable[..., Plan]) -> None:
    listed = ask("graffiti on walls, list the locations")
    assert (listed.target, listed.group_by) == ("graffiti on walls", GroupBy.LOCATION)


def test_how_often_is_in_what_share_of_the_pictures(ask: Callable[..., Plan]) -> None:
    asked = ask("how often are there queues at Benz Circle")
    assert (asked.target, asked.aggregate, asked.group_by) == ("queues", Aggregate.SHARE, GroupBy.IMAGE)
    after = ask("how often yesterday", "Are there queues?")
    assert (after.target, after.aggregate, after.group_by) == ("queues", Aggregate.SHARE, GroupBy.IMAGE)


def test_since_when_asks_for_the_hours(ask: Callable[..., Plan]) -> None:
    assert ask("since when", "Is there smoke?").group_by is GroupBy.HOUR


def test_how_many_times_counts_pictures(ask: Callable[..., Plan]) -> None:
    asked = ask("how many times did the dog go out today")
    assert (asked.task, asked.target, asked.aggregate, asked.group_by) == (
        *(Task.FIND, "dog"),
        *(Aggregate.TOTAL, GroupBy.IMAGE),
    )


def test_whether_it_is_the_same_one_no_picture_tells(ask: Callable[..., Plan]) -> None:
    with pytest.raises(UnplannableQuestion, match="the same one"):
        ask("same van as yesterday?", "Is there a van?")
    assert ask("same question for Benz Circle", "Is there a van?").target == "van"
    assert ask("are the guards wearing the same uniform as the staff").kind is Kind.LOOK
    assert ask("how many people at the same junction as before", "Is there a van?").kind is Kind.LOOK


def test_the_opposite_is_asked_in_full(ask: Callable[..., Plan]) -> None:
    with pytest.raises(UnplannableQuestion, match="isn't clear"):
        ask("and the opposite", "Where is nobody?")


def test_why_a_figure_is_high_shows_its_pictures(ask: Callable[..., Plan]) -> None:
    shown = ask("why is Benz Circle so high?", "How many cars are at each location?")
    assert (shown.kind, shown.view, shown.scope.locations) == (Kind.SHOW, View.IMAGES, ("Benz Circle",))


def test_zooming_in_is_asking_of_that_alone(ask: Callable[..., Plan]) -> None:
    zoomed = ask("zoom in on Benz Circle", "How many cars are at each location?")
    assert (zoomed.target, zoomed.scope.locations) == ("cars", ("Benz Circle",))


def test_more_damaged_than_others_is_no_comparison_of_two_things(ask: Callable[..., Plan]) -> None:
    assert ask("cars more damaged than others").target == "cars more damaged than others"


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("what does the sign say at Benz Circle", "What does the sign say?"),
        ("how long has the car been parked at Benz Circle", "How long has the car been parked?"),
        ("how far does the queue go", "How far does the queue go?"),
        ("how muddy is the road at Benz Circle", "How muddy is the road?"),
        ("has it snowed at Benz Circle", "Has it snowed?"),
        ("has the parcel been delivered", "Has the parcel been delivered?"),
        ("does the lawn need mowing", "Does the lawn need mowing?"),
        ("did the postman come today", "Is there any postman visible?"),
        ("is my bike still there", "Is there any bike visible?"),
        ("is there enough space to park", "Is there enough space to park visible?"),
        ("is it windy", "Is it windy here?"),
        ("is it raining", "Is it raining here?"),
        ("show me where it's flooded", "Is this place flooded?"),
        ("did anything unusual happen last night", "Is there anything unusual visible?"),
        ("find pictures too dark to use", "Is this picture too dark to use?"),
        ("can we check for smoke", "Is there any smoke visible?"),
        ("can we count the cars at Benz Circle", "How many cars are visible?"),
        ("are people getting together at Benz Circle", "Are people getting together?"),
        ("is anyone getting water", "Are there any people getting water visible?"),
        ("turn on red violations", "Is there any turn on red violations visible?"),
        ("where can I park", "Is there any place to park visible?"),
        ("can people cross safely at Benz Circle", "Is there any place to cross safely visible?"),
        ("which places have people sitting", "Are there any people sitting visible?"),
    ],
)
def test_a_question_of_its_own_is_put_as_it_is(ask: Callable[..., Plan], question: str, sentence: str) -> None:
    assert ask(question).ask == sentence
