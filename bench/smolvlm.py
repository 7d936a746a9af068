"""SmolVLM's engine beside the plain way, on files of the real shapes with random weights, all in one run.

    python -m bench.smolvlm [--quick] [--shape 500m|256m] [--page] [--llama-server PROGRAM]

The files are those of the hub (text in Q8_0, eyes in f16), and the self-benchmark chooses what becomes of them, as
it does for everybody. The plain way is ``create_chat_completion`` once a picture: at its defaults on the hub's files,
made after autumn 2025 (13 tiles) and before (2 tiles), and at its best (2 tiles, flash attention, the weights that were
chosen). The physical limit is the same encoding of a tile and the same reading of a prompt, called bare. What is
computed does not depend on the weights' values; the answers mean nothing. ``--page`` asks in the real page and nothing
else; ``--llama-server`` measures that program beside, where somebody has built it.
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
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from analyzer.models.smolvlm.conversion import to_bf16
from analyzer.models.smolvlm.engine import FRESH_AT_ONCE
from analyzer.models.smolvlm.files import RELEASES, find_files
from analyzer.models.smolvlm.native import Native, Row, Tuning
from analyzer.models.smolvlm.process import ModelProcess
from analyzer.models.smolvlm.prompt import Form, Query
from analyzer.models.smolvlm.reading import Reading
from analyzer.models.smolvlm.tiles import Splitting, cut
from analyzer.models.smolvlm.tuning import Choice, computes_bf16, in_bf16, tune
from analyzer.models.smolvlm.wire import Setup
from bench import smolvlm_page as page
from bench.llama_server import beside_llama_server
from bench.random_smolvlm import SHAPES, write_mmproj, write_text
from bench.report import finish, versions
from bench.smolvlm_writing import rates
from core.errors import PictureUnreadable, SightlineError

FIRST = Query(Form.YES_NO, "Is there a person in the picture? Answer yes or no.")
SECOND = Query(Form.YES_NO, "Is the road wet? Answer yes or no.")
THIRD = Query(Form.YES_NO, "Is there a bus in the picture? Answer yes or no.")
FURTHER = (SECOND, THIRD)
FOURTH = Query(Form.YES_NO, "Is it night in the picture? Answer yes or no.")
CALLERS = 16


@dataclass(frozen=True)
class Files:
    """A model's files as the hub has them, what the self-benchmark made of them, and the eyes as they were made before
    autumn 2025: both in the hub's way and in the chosen one. ``data`` holds what was made."""

    text: Path
    mmproj: Path
    older_mmproj: Path
    chosen: Choice
    chosen_older_mmproj: Path
    data: Path

    @property
    def kind(self) -> str:
        """Of the text's weights, as chosen."""
        return "q8_0" if self.chosen.text == self.text else "bf16"


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


def prepare(folder: Path, shape: str, *, quick: bool) -> Files:
    """Write what is missing, the same seed giving the same files, and let the self-benchmark choose; ``quick`` takes
    what it would choose by the processor's name alone."""
    release = RELEASES[f"smolvlm-{shape}"]
    models, data = folder / shape, folder / f"{shape}-data"
    models.mkdir(parents=True, exist_ok=True)
    text, mmproj = models / release.text[0], models / release.mmproj[0]
    older = models / "older-mmproj-f16.gguf"
    if not text.exists():
        write_text(text, SHAPES[shape], "q8_0")
    if not mmproj.exists():
        write_mmproj(mmproj, SHAPES[shape], "f16")
    if not older.exists():
        write_mmproj(older, SHAPES[shape], "f16", longest_edge_px=0)
    found = find_files(release, models, data)
    if found is None:
        raise SystemExit("the files were not written")
    base = Tuning(threads=os.cpu_count() or 1)
    if quick:
        ways = in_bf16(found, data) if computes_bf16() else []
        way = ways[-1] if ways else (text, mmproj)
        choice = Choice(*way, replace(base, spinning=False), "by the processor's name; threads sleep while they wait")
    else:
        choice = tune(found, data, base)
    fine = None if choice.mmproj == mmproj else to_bf16(older, data / "older-mmproj-bf16.gguf")
    return Files(text, mmproj, older, choice, fine or older, data)


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


def bare(files: Files, pictures: Sequence[bytes]) -> float:
    """Seconds a picture of encoding one tile and reading one prompt, four at a call, and nothing else."""
    native = Native(files.chosen.text, files.chosen.mmproj, files.chosen.tuning)
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


def engine(files: Files, pictures: Sequence[bytes], limit: Callable[[], float]) -> dict[str, float]:
    """The engine's figures: first and second question, after a restart, memory; and the ``limit`` right after the first
    question, while the engine waits."""
    figures: dict[str, float] = {}
    warm, chosen = draw(1)[0][:-2] + b"\0\xff\xd9", files.chosen
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(chosen.text, chosen.mmproj, Path(folder), "bench", chosen.tuning)

        def process() -> ModelProcess:
            made = ModelProcess(setup)
            ask(made, warm, FIRST)
            return made

        running = process()
        figures["first_s"] = through(running, pictures, FIRST)
        figures["bare_s"] = limit()
        figures["second_s"] = min(through(running, pictures, query) for query in FURTHER)
        figures["resident_mb"] = running.resident_bytes / 1e6
        running.close()
        running = process()
        figures["after_restart_s"] = through(running, pictures, FOURTH)
        running.close()
    return figures


def written(folder: Path, files: Files, shape: str, kinds: Sequence[str]) -> dict[str, float]:
    """The rates of all ``kinds`` of weights that the text may have, and how much is gained by writing together."""
    figures: dict[str, float] = {}
    for kind in kinds:
        text = files.text if kind == "q8_0" else folder / f"{shape}-{kind}.gguf"
        if kind == files.kind:
            text = files.chosen.text
        elif not text.exists():
            write_text(text, SHAPES[shape], kind)
        figures |= {f"written_{kind}_{name}": value for name, value in rates(kind, text, files, draw(1)[0]).items()}
    return figures


def held(files: Files) -> float:
    """Megabytes that a model process holds after its first picture."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = files.chosen
        process = ModelProcess(Setup(chosen.text, chosen.mmproj, Path(folder), "bench", chosen.tuning))
        ask(process, draw(1)[0], FIRST)
        megabytes = process.resident_bytes / 1e6
        process.close()
    return megabytes


def survive(pictures: int) -> dict[str, float]:
    """A thousand pictures, one in a hundred of them corrupt, and the model killed three times: nothing is lost."""
    with tempfile.TemporaryDirectory() as folder:
        text = write_text(Path(folder) / "text.gguf", SHAPES["tiny"], "q8_0")
        mmproj = write_mmproj(Path(folder) / "mmproj.gguf", SHAPES["tiny"], "f16")
        process = ModelProcess(Setup(text, mmproj, Path(folder), "tiny", Tuning(threads=os.cpu_count() or 1)))
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
    print(f"{name:<60} {value:8.3f} s a picture", flush=True)
    return value


def plain(files: Files, pictures: Sequence[bytes], *, quick: bool) -> dict[str, float]:
    """The plain way in all its settings."""
    question, few, chosen = FIRST.text, 1 if quick else 3, files.chosen
    figures = {
        "plain_best_s": timed(
            f"plain loop, 2 tiles, flash attention, {files.kind}, 1 token",
            lambda: plain_loop(chosen.text, files.chosen_older_mmproj, pictures[:few], question, flash=True, tokens=1),
        ),
        "plain_default_s": timed(
            "plain loop, 2 tiles, defaults, q8_0 and f16, 1 token",
            lambda: plain_loop(files.text, files.older_mmproj, pictures[:few], question, flash=False, tokens=1),
        ),
    }
    if not quick:
        figures["plain_13_tiles_s"] = timed(
            "plain loop, 13 tiles, defaults, q8_0 and f16, 1 token",
            lambda: plain_loop(files.text, files.mmproj, pictures[:2], question, flash=False, tokens=1),
        )
    return figures


def questions(files: Files, *, quick: bool) -> dict[str, float]:
    """The plain way, the engine and its limit: first and further questions."""
    pictures = draw(5 if quick else 64)

    def limit() -> float:
        return timed("one tile encoded and one prompt read, bare", lambda: bare(files, pictures[: 2 if quick else 16]))

    figures = plain(files, pictures, quick=quick)
    # Bare on both sides of the engine: a machine that others use is not as fast from one minute to the next.
    before = limit()
    figures |= engine(files, pictures, limit)
    figures["bare_s"] = (before + figures["bare_s"]) / 2
    for name in ("first_s", "second_s", "after_restart_s"):
        print(f"{'engine, ' + name:<60} {figures[name]:8.3f} s a picture", flush=True)
    return figures


def others(folder: Path, files: Files, shape: str, *, quick: bool) -> dict[str, float]:
    """Memory, writing, and what a run survives."""
    figures: dict[str, float] = {}
    if not quick:
        figures["resident_256m_mb"] = held(prepare(folder, "256m", quick=True))
        print(f"resident memory of the model process, 256m: {figures['resident_256m_mb']:.0f} MB", flush=True)
    figures |= written(folder, files, shape, [files.kind] if quick else ["q8_0", "bf16", "q4_0"])
    return figures | survive(60 if quick else 1000)


def main() -> int:
    """Run everything and print the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the 256M shape, few pictures, no self-benchmark, no page")
    parser.add_argument("--shape", choices=("256m", "500m"))
    parser.add_argument("--page", action="store_true", help="only ask 24 pictures in the page")
    parser.add_argument("--llama-server", type=Path, help="a llama-server to measure beside")
    given = parser.parse_args()
    shape = given.shape or ("256m" if given.quick else "500m")
    versions("llama_cpp_python", "gguf", "numpy")
    print(f"{shape}; the processor computes in bf16: {'yes' if computes_bf16() else 'no'}")
    folder = Path(tempfile.gettempdir()) / "sightline-bench-smolvlm"
    files = prepare(folder, shape, quick=given.quick)
    print(f"chosen: {files.chosen.why}", flush=True)
    figures: dict[str, float] = {}
    if not given.page:
        figures |= questions(files, quick=given.quick)
        print(
            f"resident memory of the model process, {shape} {files.kind}: {figures['resident_mb']:.0f} MB", flush=True
        )
    if given.llama_server:
        asked = [query.text for query in (FIRST, *FURTHER)]
        figures |= beside_llama_server(given.llama_server, files.chosen.text, files.chosen.mmproj, draw(17), *asked)
    if not given.page:
        figures |= others(folder, files, shape, quick=given.quick)
    if given.page or not given.quick:
        figures |= page.measure(shape, files.text.parent, files.data, files.chosen, draw(6))
        for name in page.FIGURES:
            print(f"{name:<60} {figures[name]:8.3f}", flush=True)
    return finish("smolvlm", *judged(figures, bf16=computes_bf16()))


# What stands over what.
_RATIOS: Mapping[str, tuple[str, str]] = {
    "first_beside_plain_best": ("plain_best_s", "first_s"),
    "first_beside_plain_default": ("plain_default_s", "first_s"),
    "first_beside_13_tiles": ("plain_13_tiles_s", "first_s"),
    "first_beside_bare": ("first_s", "bare_s"),
    "second_beside_plain_best": ("plain_best_s", "second_s"),
    "second_beside_first": ("first_s", "second_s"),
    "restart_beside_first": ("first_s", "after_restart_s"),
    "first_beside_llama_server": ("llama_server_first_s", "first_s"),
    "second_beside_llama_server": ("llama_server_second_s", "second_s"),
}
_GOALS: Mapping[str, tuple[str, float]] = {
    "second_beside_plain_best": (">=", 40.0),
    "second_beside_first": (">=", 15.0),
    "restart_beside_first": (">=", 5.0),
    "first_beside_bare": ("<=", 1.15),
    "written_q8_0_together": (">=", 2.3),
    "written_bf16_together": (">=", 3.0),
    "written_q4_0_together": (">=", 3.0),
    "wrong_outcomes": ("<=", 0.0),
    "page_first_match_s": ("<=", 3.0),
    "page_time_left_off": ("<=", 0.35),
    "first_beside_llama_server": (">=", 1.5),
    "second_beside_llama_server": (">=", 1.5),
}
_GOALS_IN_BF16: Mapping[str, tuple[str, float]] = {
    "first_beside_plain_best": (">=", 1.9),
    "first_beside_plain_default": (">=", 3.0),
    "first_beside_13_tiles": (">=", 12.0),
}


def judged(figures: dict[str, float], *, bf16: bool) -> tuple[dict[str, float], dict[str, tuple[str, float]]]:
    """Figures with their ratios, and the goals that hold for them on this processor."""
    for name, (over, under) in _RATIOS.items():
        if over in figures and under in figures:
            figures[name] = figures[over] / figures[under]
    goals = {**_GOALS, **(_GOALS_IN_BF16 if bf16 else {})}
    return figures, {name: goal for name, goal in goals.items() if name in figures}


if __name__ == "__main__":
    sys.exit(main())
