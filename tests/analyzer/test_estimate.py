"""What a question will take, also where listing is broken off: then the count of all says how many there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from analyzer.ask import Ask
from analyzer.estimate import Estimate, estimate
from analyzer.plan import Scope
from analyzer.run import Question
from analyzer.scope import ScopeFilter
from storage.census import Count
from tests.analyzer.test_run import PLAN, REGISTER, Bench, NumberModel
from tests.analyzer.test_run import bench as bench
from tests.conftest import MemorySource

Estimated = Callable[..., Estimate]


@pytest.fixture
def estimated(bench: Bench) -> Estimated:
    def estimating(count: Count | None, scope: Scope | None = None) -> Estimate:
        """The estimate of a hundred pictures, of which a page of sixteen is listed in time."""
        only = ScopeFilter(scope or Scope(), ZoneInfo("UTC"))
        question = Question(Ask.of(PLAN), NumberModel(), MemorySource(100), REGISTER, only)
        return estimate(question, bench.row(), replace(bench.means, counted=lambda: count), patience_s=-1.0)

    return estimating


def test_without_a_count_it_says_at_least(estimated: Estimated) -> None:
    told = estimated(None)
    assert (told.pictures, told.more) == (16, True)
    assert told.sentence.startswith("At least 16 pictures")


def test_a_whole_count_is_the_number_and_one_that_grows_is_the_least(estimated: Estimated) -> None:
    assert (estimated(Count(100, whole=True)).pictures, estimated(Count(100, whole=True)).more) == (100, False)
    assert (estimated(Count(70, whole=False)).pictures, estimated(Count(70, whole=False)).more) == (70, True)


def test_a_count_that_lags_behind_the_listing_is_not_taken(estimated: Estimated) -> None:
    assert (estimated(Count(10, whole=True)).pictures, estimated(Count(10, whole=True)).more) == (16, True)


def test_a_question_about_some_places_goes_by_what_was_listed(estimated: Estimated) -> None:
    told = estimated(Count(100, whole=True), Scope(districts=("D0",)))
    assert told.more
    assert told.pictures < 16
