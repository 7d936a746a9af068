"""``models list | pull | check``, from a hub on this machine and from a folder that was filled by hand."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from config import Settings
from flask_app import create_app
from tests.analyzer.models.smolvlm.conftest import Weights, engine_is_here, hub, weights  # noqa: F401 - fixtures
from tests.analyzer.models.smolvlm.hub import Hub

ROOT = Path(__file__).resolve().parents[3]


def run(data: Path, *words: str, **settings: Path) -> tuple[int, str]:
    """The command's exit status and what it said."""
    named = {name: str(value) for name, value in settings.items()}
    runner = create_app(Settings.load({"DATA_DIR": str(data), **named})).test_cli_runner()
    done = runner.invoke(args=["models", *words])
    return done.exit_code, done.output


def test_without_any_each_is_said_with_its_size_and_the_way_to_it(tmp_path: Path) -> None:
    status, said = run(tmp_path, "list")
    assert status == 0
    assert said.splitlines()[1:] == [
        "smolvlm-256m   not here (about 365 MB): models pull smolvlm-256m",
        "smolvlm-500m   not here (about 636 MB): models pull smolvlm-500m",
        "smolvlm-2.2b   not here (about 1,980 MB): models pull smolvlm-2.2b",
    ]
    status, said = run(tmp_path, "check", "smolvlm-256m")
    assert (status, said.count("\n")) == (1, 1)
    assert "mmproj-SmolVLM-256M-Instruct-f16.gguf can't be found" in said


def test_one_is_fetched_listed_and_checked(hub: Hub, tmp_path: Path) -> None:  # noqa: F811
    status, said = run(tmp_path, "pull")
    assert status == 0
    assert "100 %" in said
    assert "SmolVLM 500M is here" in said
    _, said = run(tmp_path, "list")
    assert f"here: {tmp_path / 'models/smolvlm-500m'}" in said
    status, said = run(tmp_path, "check")  # random weights see nothing
    assert status == 1
    assert "whole and belong together" in said
    assert "It failed its self-test" in said


def test_what_goes_wrong_is_one_line(hub: Hub, tmp_path: Path) -> None:  # noqa: F811
    hub.status = 429
    status, said = run(tmp_path, "pull")
    assert status == 1
    assert "The hub answered 429" in said.splitlines()[-1]


def test_a_wrong_file_brought_by_hand_is_named(weights: Weights, tmp_path: Path) -> None:  # noqa: F811
    given = tmp_path / "given"
    given.mkdir()
    shutil.copy(weights.text, given / weights.mmproj.name)
    shutil.copy(weights.mmproj, given / weights.text.name)
    for command in ("list", "check"):
        _, said = run(tmp_path, command, MODELS_DIR=given)
        assert f"{weights.text.name} is not what its name says" in said


def test_interrupted_it_says_that_it_goes_on_and_keeps_what_came(hub: Hub, tmp_path: Path) -> None:  # noqa: F811
    hub.halfway = threading.Event()
    command: list[Any] = [sys.executable, "-m", "flask", "--app", "flask_app", "models", "pull"]
    named = os.environ | {"HF_ENDPOINT": hub.url, "DATA_DIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=named, stderr=subprocess.PIPE) as pulling:
        assert pulling.stderr is not None
        assert any(b"%" in line for line in pulling.stderr)
        pulling.send_signal(signal.SIGINT)
        said = pulling.stderr.read().decode()
        hub.halfway.set()
    assert pulling.returncode == 1
    assert said.splitlines()[-1] == "Error: Stopped. What has come is kept: models pull smolvlm-500m goes on."
