"""A model process that says something to its log and never becomes ready."""

from __future__ import annotations

import sys
import threading

if __name__ == "__main__":
    print("llama.cpp is thinking", file=sys.stderr, flush=True)
    threading.Event().wait()
