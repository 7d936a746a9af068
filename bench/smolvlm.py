"""SmolVLM's engine beside the plain way, on files of the real shapes with random weights, all in one run.

    python -m bench.smolvlm [--quick] [--shape 500m|256m] [--kind q8_0|bf16|q4_0]

The plain way is ``create_chat_completion`` once a picture, as anybody would write it: at its defaults with a file made
after autumn 2025 (13 tiles), with an older file (2 tiles), and at its best (2 tiles, flash attention, the same
weights). The physical limit is the same encoding of a tile and the same reading of a prompt, called bare. What is
computed does not depend on the weights' values; the answers mean nothing.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from analyzer.models.smolvlm.engine import FRESH_AT_ONCE
from analyzer.models.smolvlm.native import Native, Row, Tuning
from analyzer.models.smolvlm.process import ModelProcess
from analyzer.models.smolvlm.prompt import Form, Query
from analyzer.models.smolvlm.reading import Reading
from analyzer.models.smolvlm.tiles import Splitting, cut
from analyzer.models.smolvlm.wire import Setup
from bench.random_smolvlm import SHAPES, write_mmproj, write_text
from bench.report import finish, versions
from core.errors import PictureUnreadable, SightlineError

FIRST = Query(Form.YES_NO, "Is there a person in the picture? Answer yes or no.")
SECOND = Query(Form.YES_NO, "Is the road wet? Answer yes or no.")
THIRD = Query(Form.YES_NO, "Is there a bus in the picture? Answer yes or no.")
WRITTEN = Query(Form.TEXT, "Describe the picture.", most_tokens=40, grammar="root ::= [a-z ]*")
CALLERS = 16


@dataclass(frozen=True)
class Files:
    """A model's files: the eyes as they are made now, and as they were before autumn 2025."""

    text: Path
    mmproj: Path
    older_mmproj: Path


def draw(count: int) -> list[bytes]:
    """JPEGs of 640 by 480, no two alike."""
    random = np.random.default_rng(5)
    pictures = []
    for _ in range(count):
        squares = Image.fromarray(random.integers(0, 255, (12, 16, 3), dtype=np.uint8))
        out = BytesIO()
        squares.resize((640, 480), Image.Resampling.BICUBIC).save(out, "JPEG")
        pictures.append(out.getvalue())
    return pictures


def prepare(folder: Path, shape: str, kind: str) -> Files:
    """Write what is missing; the same seed gives the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    eyes = "bf16" if kind == "bf16" else "f16"
    text = folder / f"{shape}-{kind}.gguf"
    files = Files(text, folder / f"{shape}-mmproj-{eyes}.gguf", folder / f"{shape}-mmproj-{eyes}-older.gguf")
    if not files.text.exists():
        write_text(files.text, SHAPES[shape], kind)
    if not files.mmproj.exists():
        write_mmproj(files.mmproj, SHAPES[shape], eyes)
    if not files.older_mmproj.exists():
        write_mmproj(files.older_mmproj, SHAPES[shape], eyes, longest_edge_px=0)
    return files


def plain_loop(
    text: Path, mmproj: Path, pictures: Sequence[bytes], question: str, *, flash: bool, tokens: int
) -> float:
    """Seconds a picture of the plain way."""
    from llama_cpp import Llama
    from llama_cpp.llama_chat_format import MTMDChatHandler

    handler = MTMDChatHandler(clip_model_path=str(mmproj), verbose=False)
    model = Llama(str(text), chat_handler=handler, n_ctx=4096, flash_attn=flash, verbose=False)
    began = time.perf_counter()
    for content in pictures:
        url = "data:image/jpeg;base64," + base64.b64encode(content).decode()
        parts: Any = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": question}]
        messages: Any = [{"role": "user", "content": parts}]
        model.create_chat_completion(messages, max_tokens=tokens, temperature=0)
    took = time.perf_counter() - began
    model.close()
    return took / len(pictures)


def bare(files: Files, pictures: Sequence[bytes], tuning: Tuning) -> float:
    """Seconds a picture of encoding one tile and reading one prompt, four at a call, and nothing else."""
    native = Native(files.text, files.mmproj, tuning)
    tiles = [cut(content, Splitting.ONE).tiles[0] for content in pictures]
    prompt = native.tokens("<|im_start|>User:<fake_token_around_image><global-img>", special=True)
    rest = native.tokens(f"<fake_token_around_image>{FIRST.text}<end_of_utterance>\nAssistant:", special=True)
    began = time.perf_counter()
    encoded = [native.encode(tile) for tile in tiles]
    for start in range(0, len(encoded), FRESH_AT_ONCE):
        group = encoded[start : start + FRESH_AT_ONCE]
        native.clear()
        rows = [np.concatenate([native.rows(prompt), part, native.rows(rest)]) for part in group]
        places = [
            Row(position, sequence, position == len(part) - 1)
            for sequence, part in enumerate(rows)
            for position in range(len(part))
        ]
        native.decode_rows(np.concatenate(rows), places)
    took = time.perf_counter() - began
    native.close()
    return took / len(pictures)


def through(process: ModelProcess, pictures: Sequence[bytes], query: Query, callers: int = CALLERS) -> float:
    """Seconds a picture through the whole engine, asked by as many callers as a run has."""
    began = time.perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(lambda content: ask(process, content, query), pictures))
    return (time.perf_counter() - began) / len(pictures)


def ask(process: ModelProcess, content: bytes, query: Query) -> Reading:
    return process.ask(content, hashlib.sha256(content).hexdigest(), query)


def engine(files: Files, pictures: Sequence[bytes], tuning: Tuning, written: int) -> dict[str, float]:
    """The engine's figures: first and second question, after a restart, free text, memory."""
    figures: dict[str, float] = {}
    warm = draw(1)[0][:-2] + b"\0\xff\xd9"
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(files.text, files.mmproj, Path(folder), "bench", tuning)

        def process() -> ModelProcess:
            made = ModelProcess(setup)
            ask(made, warm, FIRST)
            return made

        running = process()
        figures["first_s"] = through(running, pictures, FIRST)
        figures["second_s"] = through(running, pictures, SECOND)
        figures["text_alone_s"] = through(running, pictures[:2], WRITTEN, callers=1)
        figures["text_together_s"] = through(running, pictures[:written], WRITTEN)
        figures["resident_mb"] = resident_mb(running.pid or 0)
        running.close()
        running = process()
        figures["after_restart_s"] = through(running, pictures, THIRD)
        running.close()
    return figures


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def survive(pictures: int) -> dict[str, float]:
    """A thousand pictures, one in a hundred of them corrupt, and the model killed three times: nothing is lost."""
    with tempfile.TemporaryDirectory() as folder:
        files = prepare(Path(folder), "tiny", "q8_0")
        process = ModelProcess(Setup(files.text, files.mmproj, Path(folder), "tiny", Tuning(threads=1)))
        drawn = draw(pictures)
        contents = [content[:500] if number % 100 == 7 else content for number, content in enumerate(drawn)]
        kills = {pictures // 4, pictures // 2, 3 * pictures // 4}

        def one(numbered: tuple[int, bytes]) -> str:
            number, content = numbered
            if number in kills:
                os.kill(process.pid or 0, signal.SIGABRT)
            try:
                ask(process, content, FIRST)
            except PictureUnreadable:
                return "unreadable"
            except SightlineError:
                return "lost"
            return "answered"

        with ThreadPoolExecutor(CALLERS) as pool:
            outcomes = list(pool.map(one, enumerate(contents)))
        process.close()
    corrupt = sum(number % 100 == 7 for number in range(pictures))
    print(f"{pictures} pictures, {corrupt} corrupt, 3 aborts: ", {name: outcomes.count(name) for name in set(outcomes)})
    return {"wrong_outcomes": float(abs(outcomes.count("unreadable") - corrupt) + outcomes.count("lost"))}


def timed(name: str, measure: Callable[[], float]) -> float:
    value = measure()
    print(f"{name:<52} {value:8.3f} s a picture", flush=True)
    return value


def main() -> int:
    """Run everything and print the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the 256M shape, few pictures")
    parser.add_argument("--shape", choices=("256m", "500m"))
    parser.add_argument("--kind", choices=("q8_0", "bf16", "q4_0"))
    given = parser.parse_args()
    shape = given.shape or ("256m" if given.quick else "500m")
    flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    bf16 = "avx512_bf16" in flags or "amx_bf16" in flags
    kind = given.kind or ("bf16" if bf16 else "q8_0")
    versions("llama_cpp_python", "gguf", "numpy")
    print(f"{shape} {kind}; the processor computes in bf16: {'yes' if bf16 else 'no'}")
    files = prepare(Path(tempfile.gettempdir()) / "sightline-bench-smolvlm", shape, kind)
    pictures, few = draw(6 if given.quick else 64), 1 if given.quick else 3
    tuning = Tuning(threads=os.cpu_count() or 1)
    text, question = files.text, FIRST.text
    plain = {
        "plain_best_s": timed(
            "plain loop, 2 tiles, flash attention, 1 token",
            lambda: plain_loop(text, files.older_mmproj, pictures[:few], question, flash=True, tokens=1),
        ),
        "plain_default_s": timed(
            "plain loop, 2 tiles, defaults, 1 token",
            lambda: plain_loop(text, files.older_mmproj, pictures[:few], question, flash=False, tokens=1),
        ),
    }
    if not given.quick:
        plain["plain_13_tiles_s"] = timed(
            "plain loop, 13 tiles, defaults, 1 token",
            lambda: plain_loop(text, files.mmproj, pictures[:2], question, flash=False, tokens=1),
        )
    limit = timed("one tile encoded and one prompt read, bare", lambda: bare(files, pictures[: few * 4], tuning))
    figures = plain | {"bare_s": limit} | engine(files, pictures, tuning, 8 if given.quick else 16)
    for name in ("first_s", "second_s", "after_restart_s", "text_alone_s", "text_together_s"):
        print(f"engine, {name:<44} {figures[name]:8.3f} s a picture")
    print(f"resident memory of the model process {figures['resident_mb']:.0f} MB")
    return finish("smolvlm", *judged(figures | survive(200 if given.quick else 1000), bf16=bf16, kind=kind))


def judged(
    figures: dict[str, float], *, bf16: bool, kind: str
) -> tuple[dict[str, float], dict[str, tuple[str, float]]]:
    """Figures with their ratios, and the goals that hold on this processor."""
    figures["first_beside_plain_best"] = figures["plain_best_s"] / figures["first_s"]
    figures["first_beside_plain_default"] = figures["plain_default_s"] / figures["first_s"]
    figures["first_beside_bare"] = figures["first_s"] / figures["bare_s"]
    figures["second_beside_plain_best"] = figures["plain_best_s"] / figures["second_s"]
    figures["second_beside_first"] = figures["first_s"] / figures["second_s"]
    figures["restart_beside_first"] = figures["first_s"] / figures["after_restart_s"]
    figures["text_together"] = figures["text_alone_s"] / figures["text_together_s"]
    goals = {
        "second_beside_plain_best": (">=", 40.0),
        "second_beside_first": (">=", 15.0),
        "restart_beside_first": (">=", 5.0),
        "first_beside_bare": ("<=", 1.15),
        "text_together": (">=", 2.3 if kind == "q8_0" else 3.0),
        "wrong_outcomes": ("<=", 0.0),
    }
    if bf16:
        goals |= {"first_beside_plain_best": (">=", 1.9), "first_beside_plain_default": (">=", 3.0)}
    if "plain_13_tiles_s" in figures:
        figures["first_beside_13_tiles"] = figures["plain_13_tiles_s"] / figures["first_s"]
        goals |= {"first_beside_13_tiles": (">=", 12.0)} if bf16 else {}
    return figures, goals


if __name__ == "__main__":
    sys.exit(main())
