"""The self-benchmark: how SmolVLM runs fastest on this machine, found by trying, once for each model and processor.

What wins differs: computing in bf16 halves the time where the processor has instructions for it and doubles it where it
has not; two threads on one core gain nothing. Each way is tried in a process of its own, which ends with its memory;
what was chosen, with all that was measured, stands in ``DATA_DIR/smolvlm/tuning.json``.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from analyzer.models.smolvlm.files import ModelFiles
from analyzer.models.smolvlm.native import Tuning
from analyzer.models.smolvlm.wire import Setup
from core.errors import ModelUnavailable

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[3]
_NOTE = Path("smolvlm", "tuning.json")
_PATIENCE_S = 300
# A way must win by this much to be preferred to the one before it: measuring is never exact.
_CLEARLY = 0.97
# Text weights of bf16 take twice the memory of Q8_0's; a machine with less than this keeps those.
_MEMORY_FOR_BF16_BYTES = 4_000_000_000
# What may be paid for threads that leave the cores to others: of a first answer, and of a token written.
_FOR_PATIENCE, _FOR_PATIENT_WRITING = 1.05, 1.5
# With so few cores, half of them is never faster.
_FEW = 2


@dataclass(frozen=True, slots=True)
class Trial:
    """One way and what it took: ``encode_s`` for a tile, ``read_s`` for a prompt, ``ask_s`` for another question,
    ``write_s`` for a token."""

    text: str
    mmproj: str
    threads: int
    flash_attention: bool
    encode_s: float
    read_s: float
    ask_s: float
    write_s: float
    spinning: bool = True

    @property
    def first_s(self) -> float:
        """A first answer."""
        return self.encode_s + self.read_s


@dataclass(frozen=True, slots=True)
class Choice:
    """The way that is taken, and why in a sentence."""

    text: Path
    mmproj: Path
    tuning: Tuning
    why: str


def tune(
    files: ModelFiles,
    data_dir: Path,
    base: Tuning,
    threads: int = 0,
    stopped: Callable[[], bool] = lambda: False,
) -> Choice:
    """The fastest way for ``files`` on this machine: what was found before, else what trying finds now.

    ``threads`` other than 0 are taken as given. Raises :class:`~core.errors.ModelUnavailable` where no way works.
    """
    if (found_before := known(files, data_dir, base, threads)) is not None:
        return found_before
    best: Trial | None = None
    tried: list[Trial] = []
    for text, mmproj, tuning in _ways(files, data_dir, base, threads, tried):
        if stopped():
            raise ModelUnavailable("Trying out SmolVLM was stopped.", "It is tried at the next start.")
        trial = _try(text, mmproj, tuning)
        if trial is None:  # there was no memory for it, or no instruction: the other ways are still good
            continue
        tried.append(trial)
        if best is None or trial.first_s < best.first_s * _CLEARLY:
            best = trial
    if best is not None and (patient := _patient(best, base)) is not None:
        tried.append(patient)
        best = patient if _may_be_patient(patient, best) else best
    if best is None:
        raise ModelUnavailable("SmolVLM can't be run on this machine.", _HINT)
    found = {**asdict(best), "why": _why(best, tried), "tried": [asdict(trial) for trial in tried]}
    note = data_dir / _NOTE
    _write(note, _read(note) | {_key(files, threads): found})
    return _choice(found, base)


def known(files: ModelFiles, data_dir: Path, base: Tuning, threads: int = 0) -> Choice | None:
    """What :func:`tune` found before; ``None`` where it would have to try."""
    found = _read(data_dir / _NOTE).get(_key(files, threads))
    if found is None or "spinning" not in found or not all(Path(found[part]).is_file() for part in ("text", "mmproj")):
        return None
    return _choice(found, base)


def _key(files: ModelFiles, threads: int) -> str:
    return f"{files.version} | {processor()} | {os.cpu_count()} | {threads}"


def _ways(
    files: ModelFiles, data_dir: Path, base: Tuning, threads: int, tried: Sequence[Trial]
) -> Iterator[tuple[Path, Path, Tuning]]:
    """What is worth trying: flash attention or not, threads for cores or for all that the processor runs at once, and,
    where the files as they are were ``tried`` rightly, weights in bf16 if the processor computes in it."""
    every = os.cpu_count() or 1
    counts = [threads] if threads else sorted({every, max(1, every // 2)} if every > _FEW else {every}, reverse=True)
    for flash in (True, False):
        yield files.text, files.mmproj, replace(base, threads=counts[0], flash_attention=flash)
    for count in counts[1:]:
        yield files.text, files.mmproj, replace(base, threads=count)
    if tried and computes_bf16():
        for text, mmproj in in_bf16(files, data_dir):
            yield text, mmproj, replace(base, threads=counts[0])


def _patient(best: Trial, base: Tuning) -> Trial | None:
    tuning = replace(base, threads=best.threads, flash_attention=best.flash_attention, spinning=False)
    return _try(Path(best.text), Path(best.mmproj), tuning) if best.threads > 1 else None


def _may_be_patient(patient: Trial, best: Trial) -> bool:
    """Threads that sleep while they wait are worth a little on a quiet machine: on a busy one they are many times
    faster, since nothing is lost by turning while another program has the core."""
    return patient.first_s < best.first_s * _FOR_PATIENCE and patient.write_s < best.write_s * _FOR_PATIENT_WRITING


def computes_bf16() -> bool:
    """Whether the processor has instructions for bf16; without them it is slower than anything else."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def in_bf16(files: ModelFiles, data_dir: Path) -> Sequence[tuple[Path, Path]]:
    """The files with their f16 and Q8_0 weights rewritten as bf16, made once: the eyes alone, then both. What is not
    rewritten, or finds no room on the disk, is left out; the text also where memory is short, for it grows by half."""
    folder = data_dir / "smolvlm" / f"bf16-{files.version}"
    eyes = _rewritten(files.mmproj, folder)
    text = _rewritten(files.text, folder) if _memory_bytes() >= _MEMORY_FOR_BF16_BYTES else None
    return [*([(files.text, eyes)] if eyes else []), *([(text, eyes or files.mmproj)] if text else [])]


def _rewritten(source: Path, folder: Path) -> Path | None:
    from analyzer.models.smolvlm.conversion import size_bytes

    target = folder / source.name
    if target.is_file():
        return target
    size = size_bytes(source)
    folder.mkdir(parents=True, exist_ok=True)
    if not size or shutil.disk_usage(folder).free < 3 * size:
        return None
    command = [sys.executable, "-m", "analyzer.models.smolvlm.conversion", str(source), str(target)]
    return target if _run(command) is not None and target.is_file() else None


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _try(text: Path, mmproj: Path, tuning: Tuning) -> Trial | None:
    setup = Setup(text, mmproj, Path(), "trial", tuning)
    done = _run([sys.executable, "-m", "analyzer.models.smolvlm.trial", setup.dump()], tuning.environment)
    if done is None:
        return None
    times = json.loads(done)
    return Trial(str(text), str(mmproj), tuning.threads, tuning.flash_attention, **times, spinning=tuning.spinning)


def _run(command: Sequence[str], environment: Mapping[str, str] = MappingProxyType({})) -> bytes | None:
    """What a command of ours says; ``None`` where it fails."""
    environment = {"PATH": os.environ.get("PATH", ""), **environment}
    try:
        done = subprocess.run(  # noqa: S603 - our own command, no shell
            command, cwd=_ROOT, env=environment, capture_output=True, timeout=_PATIENCE_S, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        log.warning("trying out SmolVLM: %s", getattr(error, "stderr", b"").decode("utf-8", "replace")[-500:] or error)
        return None
    return done.stdout


_HINT = "Its engine may be of another machine: pip install --force-reinstall --no-binary :all: llama-cpp-python."


def _why(best: Trial, tried: Sequence[Trial]) -> str:
    slowest = max(trial.first_s for trial in tried)
    flash, waits = "on" if best.flash_attention else "off", "spin" if best.spinning else "sleep while they wait"
    return (
        f"{best.threads} threads that {waits}, flash attention {flash}, "
        f"{_weights(Path(best.text))} and {_weights(Path(best.mmproj))}: "
        f"a first answer in {best.first_s:.2f} s; the slowest of {len(tried)} ways took {slowest:.2f} s."
    )


def _weights(path: Path) -> str:
    """A file as it came, or what became of it."""
    return f"{path.name} in bf16" if path.parent.name.startswith("bf16-") else path.name


def _choice(found: dict[str, Any], base: Tuning) -> Choice:
    how = {name: found[name] for name in ("threads", "flash_attention", "spinning")}
    tuning = replace(base, **how)
    return Choice(Path(found["text"]), Path(found["mmproj"]), tuning, found["why"])


def processor() -> str:
    """What this machine computes with, by name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _read(note: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _write(note: Path, values: dict[str, Any]) -> None:
    note.parent.mkdir(parents=True, exist_ok=True)
    part = note.with_suffix(".part")
    part.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    part.replace(note)
