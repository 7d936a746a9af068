"""llama.cpp behind a few checked calls: load, tokenise, encode a tile, decode rows, keep and restore states.

The only file that imports llama_cpp. Everything here runs in the model process, on one thread: a context used from two
threads, a batch above its size or a wrong file ends the process without an exception, so sizes are checked before each
call. Measured behaviour of every failure is in docs/smolvlm.md.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analyzer.models.smolvlm.prompt import AROUND, END_OF_TURN
from analyzer.models.smolvlm.tiles import TileShape
from core.errors import ModelUnavailable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

log = logging.getLogger(__name__)

_BATCH_TOKENS = 2048
_UBATCH_TOKENS = 512
_WARNING, _ERROR = 3, 4  # of ggml's log levels


@dataclass(frozen=True, slots=True)
class Tuning:
    """How the model is run. ``context_tokens`` is shared by all ``sequences``. ``spinning`` threads wait for each other
    by turning: a little faster on a machine of their own, and many times slower where others want its cores."""

    threads: int = 2
    flash_attention: bool = True
    spinning: bool = True
    context_tokens: int = 4096
    sequences: int = 16

    @property
    def environment(self) -> dict[str, str]:
        """What a process must be started with to run the model so."""
        # When llama.cpp aborts it would start a debugger, if there is one, and hang for seconds.
        return {"GGML_NO_BACKTRACE": "1"} | ({} if self.spinning else {"OMP_WAIT_POLICY": "passive"})


@dataclass(frozen=True, slots=True)
class Row:
    """One position of one sequence; ``wanted`` asks for the scores of what comes after it."""

    position: int
    sequence: int
    wanted: bool = False


class NativeError(RuntimeError):
    """llama.cpp said no. The context is still usable after :meth:`Native.clear`."""


class Native:
    """A text model and its eyes. Close it; it holds memory that Python doesn't see."""

    def __init__(self, text: Path, mmproj: Path, tuning: Tuning) -> None:
        import llama_cpp
        from llama_cpp import mtmd_cpp

        self._llama, self._mtmd = llama_cpp, mtmd_cpp
        _quiet()
        self.tuning = tuning
        self._model: Any = None
        self._context: Any = None
        self._eyes: Any = None
        self._batches: list[Any] = []
        try:
            self._open_text(text)
            self.tile = _tile_shape(mmproj)
            self._open_eyes(mmproj)
        except BaseException:
            self.close()
            raise
        self._embeddings = _embedding_rows(text)
        self._check_words(text)

    def _open_text(self, text: Path) -> None:
        llama = self._llama
        params = llama.llama_model_default_params()
        params.n_gpu_layers = 0
        self._model = llama.llama_model_load_from_file(str(text).encode(), params)
        if not self._model:
            raise ModelUnavailable(f"{text.name} can't be loaded: it is cut short or no model.", _AGAIN)
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self.vocabulary_size: int = llama.llama_vocab_n_tokens(self._vocabulary)
        self.width: int = llama.llama_model_n_embd(self._model)
        settings = llama.llama_context_default_params()
        settings.n_ctx = self.tuning.context_tokens
        settings.n_batch = min(_BATCH_TOKENS, self.tuning.context_tokens)
        settings.n_ubatch = _UBATCH_TOKENS
        settings.n_seq_max = self.tuning.sequences
        settings.n_threads = settings.n_threads_batch = self.tuning.threads
        settings.flash_attn_type = 1 if self.tuning.flash_attention else 0
        # One pool of positions for all sequences: a long question may take what short ones leave.
        settings.kv_unified = True
        settings.no_perf = True
        self._context = llama.llama_init_from_model(self._model, settings)
        if not self._context:
            raise ModelUnavailable("There is not enough memory for SmolVLM.", "Free some, or choose smolvlm-256m.")
        self._memory = llama.llama_get_memory(self._context)
        self.batch_tokens: int = settings.n_batch
        self._token_batch = llama.llama_batch_init(self.batch_tokens, 0, 1)
        self._batches.append(self._token_batch)
        self._row_batch = llama.llama_batch_init(self.batch_tokens, self.width, 1)
        self._batches.append(self._row_batch)

    def _open_eyes(self, mmproj: Path) -> None:
        mtmd = self._mtmd
        params = mtmd.mtmd_context_params_default()
        params.use_gpu = False
        params.print_timings = False
        params.warmup = False
        params.n_threads = self.tuning.threads
        params.flash_attn_type = 1 if self.tuning.flash_attention else 0
        # One tile: what is handed in is a square of its size already, and mtmd shall not split it again.
        params.image_max_tokens = self.tile.tokens
        if mmproj.is_file():
            self._eyes = mtmd.mtmd_init_from_file(str(mmproj).encode(), self._model, params)
        if not self._eyes:
            raise ModelUnavailable(_NO_EYES.format(name=mmproj.name), _AGAIN)

    def _check_words(self, text: Path) -> None:
        """Another model of the same width would answer, too, and see nothing: to it our marks are mere letters."""
        if any(len(self.tokens(word, special=True)) != 1 for word in (AROUND, END_OF_TURN)):
            self.close()
            raise ModelUnavailable(f"{text.name} is a language model without SmolVLM's words for pictures.", _AGAIN)

    def tokens(self, text: str, *, special: bool) -> list[int]:
        """``text`` as tokens. ``special`` lets control tokens be meant; never for what a person or a picture says."""
        raw = text.encode("utf-8", "replace")
        buffer = (self._llama.llama_token * (len(raw) + 8))()
        number = self._llama.llama_tokenize(self._vocabulary, raw, len(raw), buffer, len(buffer), False, special)
        if number < 0:
            raise NativeError("the text can't be tokenised")
        return list(buffer[:number])

    def text(self, tokens: Sequence[int]) -> str:
        """Tokens as text; control tokens are left out."""
        return b"".join(self._piece(token) for token in tokens).decode("utf-8", "replace")

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(128)
        number = self._llama.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(number, 0)]

    def ends(self, token: int) -> bool:
        """Whether ``token`` ends an answer."""
        return bool(self._llama.llama_vocab_is_eog(self._vocabulary, token))

    def rows(self, tokens: Sequence[int]) -> Rows:
        """The model's own input rows of ``tokens``, float32 of shape (tokens, width)."""
        return self._embeddings(tuple(tokens))

    def encode(self, tile: NDArray[np.uint8]) -> Rows:
        """What the eyes make of one RGB tile of their size: float32 of shape (tokens, width)."""
        side = self.tile.side_px
        if tile.shape != (side, side, 3) or tile.dtype != np.uint8:
            raise ValueError(f"a tile must be {side} by {side} RGB, not {tile.shape}")
        mtmd = self._mtmd
        pixels = np.ascontiguousarray(tile)
        bitmap = mtmd.mtmd_bitmap_init(side, side, pixels.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8)))
        chunks = mtmd.mtmd_input_chunks_init()
        try:
            self._split(bitmap, chunks)
            return self._encode_last(chunks)
        finally:
            mtmd.mtmd_input_chunks_free(chunks)
            mtmd.mtmd_bitmap_free(bitmap)

    def _split(self, bitmap: Any, chunks: Any) -> None:
        mtmd = self._mtmd
        marker = mtmd.mtmd_default_marker()
        prompt = mtmd.mtmd_input_text()
        prompt.text, prompt.text_len = marker, len(marker)
        prompt.add_special, prompt.parse_special = False, True
        bitmaps = (mtmd.mtmd_bitmap_p_ctypes * 1)(bitmap)
        if mtmd.mtmd_tokenize(self._eyes, chunks, ctypes.byref(prompt), bitmaps, 1) != 0:
            raise NativeError("the picture can't be prepared")

    def _encode_last(self, chunks: Any) -> Rows:
        """The last picture chunk is the whole picture; those before it repeat its pixels."""
        mtmd = self._mtmd
        found = [mtmd.mtmd_input_chunks_get(chunks, i) for i in range(mtmd.mtmd_input_chunks_size(chunks))]
        pictures = [c for c in found if mtmd.mtmd_input_chunk_get_type(c) == mtmd.MTMD_INPUT_CHUNK_TYPE_IMAGE]
        if not pictures or mtmd.mtmd_input_chunk_get_n_tokens(pictures[-1]) != self.tile.tokens:
            raise NativeError(f"the eyes' file is not SmolVLM's: a tile does not come to {self.tile.tokens} tokens")
        if mtmd.mtmd_encode_chunk(self._eyes, pictures[-1]) != 0:
            raise NativeError("the picture can't be encoded")
        pointer = ctypes.cast(mtmd.mtmd_get_output_embd(self._eyes), ctypes.POINTER(ctypes.c_float))
        return np.ctypeslib.as_array(pointer, (self.tile.tokens, self.width)).copy()

    def decode_rows(self, rows: Rows, places: Sequence[Row]) -> Rows:
        """Run ``rows`` through the model; the scores at the wanted places, float32 of shape (wanted, vocabulary)."""
        self._check_size(len(places))
        if rows.shape != (len(places), self.width):
            raise ValueError(f"{len(places)} places and rows of shape {rows.shape}")
        values = np.ascontiguousarray(rows, dtype=np.float32)
        ctypes.memmove(self._row_batch.embd, values.ctypes.data, values.nbytes)
        return self._decode(self._row_batch, places)

    def decode_tokens(self, tokens: Sequence[int], places: Sequence[Row]) -> Rows:
        """As :meth:`decode_rows`, for tokens."""
        self._check_size(len(places))
        for index, token in enumerate(tokens):
            if not 0 <= token < self.vocabulary_size:
                raise ValueError(f"{token} is no token")
            self._token_batch.token[index] = token
        return self._decode(self._token_batch, places)

    def _decode(self, batch: Any, places: Sequence[Row]) -> Rows:
        batch.n_tokens = len(places)
        for index, place in enumerate(places):
            batch.pos[index] = place.position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = place.sequence
            batch.logits[index] = place.wanted
        result = self._llama.llama_decode(self._context, batch)
        if result != 0:
            raise NativeError(f"llama_decode gave {result}: the context is full or a place is wrong")
        wanted = [index for index, place in enumerate(places) if place.wanted]
        scores = np.empty((len(wanted), self.vocabulary_size), np.float32)
        for number, index in enumerate(wanted):
            pointer = self._llama.llama_get_logits_ith(self._context, index)
            scores[number] = np.ctypeslib.as_array(pointer, (self.vocabulary_size,))
        if np.isnan(scores).any():  # compared with a threshold it would pass for "no"
            raise NativeError("the model's scores are no numbers")
        return scores

    def _check_size(self, number: int) -> None:
        if not 0 < number <= self.batch_tokens:  # more would abort the process
            raise ValueError(f"a batch of {number} places, {self.batch_tokens} fit")

    def grammar(self, rules: str | None) -> Grammar:
        """Chooses tokens by ``rules`` (GBNF); without rules, the likeliest. Raises ``ValueError`` for bad rules."""
        return Grammar(self._llama, self._vocabulary, rules)

    def keep(self, sequence: int) -> bytes:
        """The state of a sequence, to be restored later under any number."""
        size = self._llama.llama_state_seq_get_size(self._context, sequence)
        buffer = (ctypes.c_uint8 * size)()
        written = self._llama.llama_state_seq_get_data(self._context, buffer, size, sequence)
        if written != size:
            raise NativeError("the state can't be kept")
        return bytes(buffer)

    def restore(self, sequence: int, state: bytes) -> None:
        """Put a kept state in the place of ``sequence``."""
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if self._llama.llama_state_seq_set_data(self._context, buffer, len(state), sequence) != len(state):
            raise NativeError("the state can't be restored")

    def forget(self, sequence: int, start: int = 0) -> None:
        """Drop a sequence's positions from ``start`` on."""
        self._llama.llama_memory_seq_rm(self._memory, sequence, start, -1)

    def copy(self, sequence: int, to: int) -> None:
        """Let another sequence begin as this one; costs nothing."""
        self._llama.llama_memory_seq_cp(self._memory, sequence, to, -1, -1)

    def clear(self) -> None:
        """Forget all sequences."""
        self._llama.llama_memory_clear(self._memory, False)

    def close(self) -> None:
        """Give the memory back."""
        for batch in self._batches:
            self._llama.llama_batch_free(batch)
        self._batches = []
        if self._eyes:
            self._mtmd.mtmd_free(self._eyes)
        if self._context:
            self._llama.llama_free(self._context)
        if self._model:
            self._llama.llama_model_free(self._model)
        self._eyes = self._context = self._model = None


class Grammar:
    """Chooses one token after another so that what is written obeys rules."""

    def __init__(self, llama: Any, vocabulary: Any, rules: str | None) -> None:
        self._llama = llama
        self._sampler: Any = None
        if rules is not None:
            self._sampler = llama.llama_sampler_init_grammar(vocabulary, rules.encode(), b"root")
            if not self._sampler:
                raise ValueError("the grammar is not valid GBNF")

    def choose(self, scores: NDArray[np.float32]) -> int:
        """The likeliest token that is allowed next."""
        if self._sampler is None:
            return int(scores.argmax())
        # The likeliest one is tried alone first: it nearly always obeys, and weighing all 49,000 costs milliseconds.
        for candidates in (np.array([scores.argmax()]), np.arange(len(scores))):
            token = self._allowed(candidates, scores)
            if token is not None:
                self._llama.llama_sampler_accept(self._sampler, token)
                return token
        raise NativeError("the grammar allows no token")

    def _allowed(self, tokens: NDArray[np.intp], scores: NDArray[np.float32]) -> int | None:
        data = np.zeros(len(tokens), dtype=[("id", np.int32), ("logit", np.float32), ("p", np.float32)])
        data["id"], data["logit"] = tokens, scores[tokens]
        array = self._llama.llama_token_data_array()
        array.data = data.ctypes.data_as(ctypes.POINTER(self._llama.llama_token_data))
        array.size, array.selected, array.sorted = len(tokens), -1, False
        self._llama.llama_sampler_apply(self._sampler, ctypes.byref(array))
        best = int(data["logit"].argmax())
        return int(data["id"][best]) if np.isfinite(data["logit"][best]) else None

    def close(self) -> None:
        """Give the memory back."""
        if self._sampler:
            self._llama.llama_sampler_free(self._sampler)
            self._sampler = None


_NO_EYES = "{name} can't be loaded: it is cut short or of another model."
_AGAIN = "Fetch it again (flask --app flask_app models pull, with its name), or replace it in MODELS_DIR."


@cache
def _quiet() -> Any:
    """Send llama.cpp's messages to our log instead of the terminal. Once for the process, and what is returned lives as
    long: llama.cpp calls it whenever it likes."""
    import llama_cpp
    from llama_cpp import mtmd_cpp

    def listen(level: int, text: bytes, _data: Any) -> None:
        if level in (_WARNING, _ERROR):
            said = text.decode("utf-8", "replace").strip()
            log.log(logging.DEBUG if level == _WARNING else logging.WARNING, "%s", said)

    listener = llama_cpp.llama_log_callback(listen)
    llama_cpp.llama_log_set(listener, ctypes.c_void_p(0))
    mtmd_cpp.mtmd_helper_log_set(listener, ctypes.c_void_p(0))
    return listener


def _tile_shape(mmproj: Path) -> TileShape:
    """What the eyes look at, as their file says: 2.2B's are smaller than the others', and say more of it."""
    from gguf import GGUFReader

    def number(name: str) -> int:
        return int(reader.fields[f"clip.vision.{name}"].contents())

    try:
        reader = GGUFReader(str(mmproj))
        side = number("image_size")
        return TileShape(side, (side // number("patch_size") // number("projector.scale_factor")) ** 2)
    except (OSError, KeyError, ValueError, IndexError, OverflowError, ZeroDivisionError) as error:
        raise ModelUnavailable(_NO_EYES.format(name=mmproj.name), _AGAIN) from error


def _embedding_rows(text: Path) -> Callable[[tuple[int, ...]], Rows]:
    """Reads rows of the token table out of the file; llama.cpp has no call for it."""
    from gguf import GGUFReader
    from gguf.quants import dequantize

    table = next((t for t in GGUFReader(str(text)).tensors if t.name == "token_embd.weight"), None)
    if table is None:
        raise ModelUnavailable(f"{text.name} has no table of tokens.", _AGAIN)

    @lru_cache(maxsize=512)
    def rows(tokens: tuple[int, ...]) -> Rows:
        found = dequantize(table.data[list(tokens)], table.tensor_type).astype(np.float32, copy=False)
        found.setflags(write=False)
        return found

    return rows
