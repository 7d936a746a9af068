"""What each process that is started for SmolVLM does first: see to it that it doesn't outlive the app."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def end_with_the_app() -> None:
    """Whatever becomes of the app, nothing that computes for it goes on. Ctrl-C is the app's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)
