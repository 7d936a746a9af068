"""Nothing that computes for SmolVLM outlives the app, not even where the app is killed."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from analyzer.models.smolvlm import conversion, trial, worker

ROOT = Path(__file__).resolve().parents[4]
APP = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
CHILD = """
import threading
from analyzer.models.smolvlm.leash import end_with_the_app
end_with_the_app()
print("up", flush=True)
threading.Event().wait(20)
print("still here", flush=True)
"""


def test_what_it_started_ends_with_the_app() -> None:
    with subprocess.Popen([sys.executable, "-c", APP, CHILD], cwd=ROOT, stdout=subprocess.PIPE) as app:
        assert app.stdout is not None
        assert app.stdout.readline() == b"up\n"
        app.kill()
        assert app.stdout.read() == b""  # it ends when nobody holds the other end any more


@pytest.mark.parametrize("module", [conversion, trial, worker])
def test_every_process_of_its_own_is_on_the_leash(module: ModuleType) -> None:
    assert "    end_with_the_app()\n" in inspect.getsource(module)
