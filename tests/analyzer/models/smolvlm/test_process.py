"""The model process dies, hangs, grows and is stopped; pictures are answered all the same, and the guilty is named."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from analyzer.models.smolvlm.native import Tuning
from analyzer.models.smolvlm.process import Condition, Limits, ModelProcess
from analyzer.models.smolvlm.prompt import Form, Query
from analyzer.models.smolvlm.reading import Reading
from analyzer.models.smolvlm.wire import Setup
from core.errors import ModelUnavailable, PictureUnreadable, SightlineError
from tests.analyzer.models.smolvlm.conftest import COUNT, YES_NO, Weights, picture
from tests.analyzer.models.smolvlm.deadly_worker import ABORTS, GROWS, HANGS

TEXT_FILE = "SmolVLM-500M-Instruct-Q8_0.gguf"
DEADLY = "tests.analyzer.models.smolvlm.deadly_worker"
Start = Callable[..., ModelProcess]


@pytest.fixture
def start(weights: Weights, tmp_path: Path) -> Iterator[Start]:
    """Starts model processes, and ends them with the test."""
    started: list[ModelProcess] = []

    def begin(worker: str = DEADLY, **limits: float) -> ModelProcess:
        setup = Setup(weights.text, weights.mmproj, tmp_path / "tiles", "tiny", Tuning(threads=1))
        process = ModelProcess(setup, Limits(**limits), worker=worker)  # type: ignore[arg-type]
        started.append(process)
        return process

    yield begin
    for process in started:
        process.close()


def ask(process: ModelProcess, content: bytes, query: Query = YES_NO) -> Reading:
    return process.ask(content, hashlib.sha256(content).hexdigest(), query)


def ask_all(process: ModelProcess, contents: list[bytes]) -> list[Reading | SightlineError]:
    def one(content: bytes) -> Reading | SightlineError:
        try:
            return ask(process, content)
        except SightlineError as error:
            return error

    with ThreadPoolExecutor(8) as callers:
        return list(callers.map(one, contents))


def test_it_starts_when_it_is_first_asked_and_stands_ready_after(start: Start) -> None:
    process = start("analyzer.models.smolvlm.worker")
    before = process.condition
    assert ask(process, picture(1)).shares.keys() == {"yes", "no"}
    assert (before, process.condition) == (Condition.STOPPED, Condition.READY)
    assert ask(process, picture(1), COUNT).shares


def test_what_is_asked_by_many_at_once_is_answered_as_if_alone(start: Start) -> None:
    pictures = [picture(seed) for seed in range(8)]
    process = start()
    together = ask_all(process, pictures)
    alone = [ask(process, content) for content in pictures]
    for one, other in zip(together, alone, strict=True):
        assert isinstance(one, Reading)
        assert one.shares["yes"] == pytest.approx(other.shares["yes"], abs=0.005)


def test_a_broken_picture_is_unreadable_and_hurts_no_other(start: Start) -> None:
    results = ask_all(start(), [picture(1), b"junk", picture(2), picture(3)[:900], b""])
    assert [type(result) for result in results] == [
        Reading,
        PictureUnreadable,
        Reading,
        PictureUnreadable,
        PictureUnreadable,
    ]


def test_killed_from_outside_it_is_started_again_and_nothing_is_lost(start: Start) -> None:
    process = start()
    ask(process, picture(0))
    first = process.pid
    assert first is not None
    with ThreadPoolExecutor(6) as callers:
        asked = [callers.submit(ask, process, picture(seed)) for seed in range(6)]
        os.kill(first, signal.SIGKILL)
        assert all(one.result().shares for one in asked)
    assert process.pid != first


def test_a_picture_that_ends_the_model_twice_is_unreadable_and_its_neighbours_are_answered(start: Start) -> None:
    results = ask_all(start(), [picture(1), picture(2) + ABORTS, picture(3), picture(4)])
    assert [type(result) for result in results] == [Reading, PictureUnreadable, Reading, Reading]
    assert "ended twice" in str(results[1])


def test_why_it_ended_is_said_in_words(start: Start) -> None:
    process, told = start(), []
    process._changed = lambda: told.append(process.sentence)
    for sign in (signal.SIGKILL, signal.SIGABRT):
        ask(process, picture(0))
        os.kill(process.pid or 0, sign)
    ask(process, picture(1))
    said = [sentence for sentence in told if sentence]
    assert said == ["It was killed; memory may have been short.", "It ended by itself (SIGABRT)."]


def test_what_hangs_is_ended_and_named(start: Start) -> None:
    results = ask_all(start(silent_s=1.0), [picture(1), picture(2) + HANGS, picture(3)])
    assert [type(result) for result in results] == [Reading, PictureUnreadable, Reading]


def test_a_stopped_process_is_taken_for_hung(start: Start) -> None:
    process = start(silent_s=1.0)
    ask(process, picture(0))
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    assert ask(process, picture(1)).shares


def test_one_that_had_nothing_to_do_for_an_hour_is_not_taken_for_hung(start: Start) -> None:
    process = start()
    ask(process, picture(0))
    pid = process.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # as a machine that is busy with something else would
    process._heard_at -= 3600
    asked = process.submit(picture(1), "d" * 64, YES_NO)
    trouble = process._trouble()
    os.kill(pid, signal.SIGCONT)
    assert trouble is None
    assert asked.result().shares
    assert process.pid == pid


def test_what_outgrows_its_memory_is_ended_and_named(start: Start) -> None:
    results = ask_all(start(memory_bytes=1_000_000_000), [picture(1), picture(2) + GROWS, picture(3)])
    assert [type(result) for result in results] == [Reading, PictureUnreadable, Reading]


def test_s0_1_it_is_started_its_log_is_relayed_and_it_is_stopped(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "smolvlm"):
        process = start()
        ask(process, picture(1))
        pid = process.pid
        assert pid is not None
        os.kill(pid, signal.SIGABRT)
        ask(process, picture(2))  # by its successor
        process.close()
    relayed = [line.getMessage() for line in caplog.records if line.name == "smolvlm"]
    assert relayed[0].startswith(f"[smolvlm] {TEXT_FILE} is loaded, in ")
    assert process.condition is Condition.STOPPED


def test_one_that_never_becomes_ready_is_waited_for_so_long_and_no_longer(
    start: Start, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S0.1: a bounded wait, then a sentence."""
    monkeypatch.setattr("analyzer.models.smolvlm.process._RESTART_S", 0.01)
    monkeypatch.setattr("analyzer.models.smolvlm.process._MOST_DEATHS", 2)
    process = start("tests.analyzer.models.smolvlm.silent_worker", load_s=0.6)
    with caplog.at_level("INFO", "smolvlm"), pytest.raises(ModelUnavailable, match="no progress"):
        ask(process, picture(1))
    assert process.condition is Condition.FAILED
    assert "[smolvlm] llama.cpp is thinking" in caplog.text


def test_killed_it_is_there_again_within_five_seconds_and_its_load(start: Start) -> None:
    process = start()
    began = time.monotonic()
    ask(process, picture(0))
    load_s = time.monotonic() - began
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    began = time.monotonic()
    ask(process, picture(1))
    assert time.monotonic() - began < 5 + load_s


def test_a_missing_file_is_one_sentence_before_any_answer(weights: Weights, tmp_path: Path) -> None:
    setup = Setup(weights.text, tmp_path / "absent.gguf", tmp_path / "tiles", "tiny")
    process = ModelProcess(setup)
    with pytest.raises(ModelUnavailable, match=r"absent\.gguf can't be loaded"):
        ask(process, picture(1))
    assert process.condition is Condition.FAILED
    with pytest.raises(ModelUnavailable, match=r"absent\.gguf can't be loaded"):
        ask(process, picture(1))
    process.close()


def test_a_question_that_is_too_long_is_refused_with_a_sentence(start: Start) -> None:
    process = start()
    with pytest.raises(ModelUnavailable, match="too long"):
        ask(process, picture(1), Query(Form.YES_NO, "car " * 3000))
    assert ask(process, picture(1)).shares


def test_long_questions_that_fit_only_one_by_one_are_all_answered(start: Start) -> None:
    process, long = start(), Query(Form.YES_NO, "car " * 900)
    first = ask(process, picture(0), long)
    with ThreadPoolExecutor(4) as callers:
        asked = [callers.submit(ask, process, picture(seed), long) for seed in range(4)]
        asked.append(callers.submit(ask, process, picture(5), Query(Form.TEXT, "Describe it.", most_tokens=600)))
        readings = [one.result() for one in asked]
    assert readings[0].shares["yes"] == pytest.approx(first.shares["yes"], abs=0.005)
    assert readings[-1].text


def test_closing_tells_whoever_waits_and_leaves_no_process(start: Start) -> None:
    process = start()
    ask(process, picture(0))
    pid = process.pid
    assert pid is not None
    with ThreadPoolExecutor(1) as caller:
        waiting: Future[Reading] = caller.submit(ask, process, picture(1) + HANGS)
        process.close()
        with pytest.raises(ModelUnavailable):
            waiting.result(timeout=20)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not [thread for thread in threading.enumerate() if thread.name == "smolvlm"]
    with pytest.raises(ModelUnavailable):
        ask(process, picture(2))


def test_the_child_is_told_none_of_our_secrets(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    process = start()
    ask(process, picture(1))
    assert b"sk-secret" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"sk-secret" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()


def test_streamed_text_is_told_as_it_is_written(start: Start) -> None:
    process = start()
    heard: list[str] = []
    content = picture(1)
    query = Query(Form.TEXT, "Describe it.", most_tokens=8, streamed=True)
    reading = process.ask(content, hashlib.sha256(content).hexdigest(), query, heard.append)
    assert len(heard) == 8
    assert heard[-1].strip() == reading.text
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))


def test_what_was_said_before_changes_the_answer(start: Start) -> None:
    process = start()
    alone = ask(process, picture(1), Query(Form.YES_NO, "Is it red?"))
    after = ask(process, picture(1), Query(Form.YES_NO, "Is it red?", earlier=(("What is it?", "A car."),)))
    assert alone.shares != after.shares
