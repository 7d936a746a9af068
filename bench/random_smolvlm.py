"""SmolVLM files with random weights: the real shapes for benches, tiny ones for tests. Their answers mean nothing.

    python -m bench.random_smolvlm tiny|256m|500m FOLDER [--text bf16] [--mmproj f16]

What a computation costs does not depend on the weights' values, and code that reads, keeps and restores is right or
wrong with any. The shapes are those published for SmolVLM-256M and -500M; the tiny one has the same parts with one
layer of eyes and two of text.
"""

from __future__ import annotations

import argparse
import random
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as Kind
from gguf import GGUFWriter, TokenType, quants

_CONTROL_FIRST = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_CONTROL_LAST = (
    *(f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)),
    "<global-img>",
    "<fake_token_around_image>",
    "<image>",
    "<end_of_utterance>",
)
# Words that must be tokens of their own, as they are in SmolVLM's vocabulary.
_WORDS = (
    "yes",
    "no",
    "light",
    "moderate",
    "heavy",
    "the",
    "is",
    "a",
    "of",
    "person",
    "car",
    "street",
    "there",
    "how",
    "many",
)
# With these a vocabulary of the real size reads the benches' questions in as many tokens as SmolVLM's does; letter by
# letter they would cost three times what they cost people.
_ASKED_WITH = (
    *("Assistant", "describe", "picture", "answer", "night", "road", "with", "what", "User", "each", "show", "wet"),
    *("bus", "any", "or", "in", "it"),
)
_REAL_SIZE = 10_000
_TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}"
    "{% if message['content'] is string %}: {{ message['content'] }}{% else %}"
    "{% if message['content'][0]['type'] == 'image' %}:{% else %}: {% endif %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'text' %}{{ part['text'] }}{% elif part['type'] == 'image' %}<image>{% endif %}"
    "{% endfor %}{% endif %}<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a model: layers, width, heads, heads of keys and values, feed-forward; of the text and of the eyes. A
    tile comes to (tile / patch / shuffle) squared tokens: 64, and 81 with the eyes of SmolVLM 2.2B."""

    text_layers: int
    width: int
    heads: int
    key_heads: int
    feed_forward: int
    vocabulary: int
    context: int
    eye_layers: int
    eye_width: int
    eye_heads: int
    eye_feed_forward: int
    tile_px: int = 512
    patch_px: int = 16
    shuffle: int = 4


SHAPES: Mapping[str, Shape] = {
    "tiny": Shape(2, 64, 4, 2, 128, 768, 4096, 1, 32, 2, 64),
    "tiny-384": Shape(2, 64, 4, 2, 128, 768, 4096, 1, 32, 2, 64, 384, 14, 3),
    "256m": Shape(30, 576, 9, 3, 1536, 49280, 8192, 12, 768, 12, 3072),
    "500m": Shape(32, 960, 15, 5, 2560, 49280, 8192, 12, 768, 12, 3072),
}
_KINDS = {"f32": Kind.F32, "f16": Kind.F16, "bf16": Kind.BF16, "q8_0": Kind.Q8_0, "q4_0": Kind.Q4_0}
_FILE_TYPES = {Kind.F32: 0, Kind.F16: 1, Kind.Q4_0: 2, Kind.Q8_0: 7, Kind.BF16: 32}


def write_text(path: Path, shape: Shape, kind: str, seed: int = 1) -> Path:
    """Write the text model."""
    sink = _Sink(path, "llama", _KINDS[kind], seed)
    writer, width = sink.writer, shape.width
    head = width // shape.heads
    writer.add_name("random-smolvlm-text")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(width)
    writer.add_block_count(shape.text_layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(100000.0)
    writer.add_rope_dimension_count(head)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(_FILE_TYPES[_KINDS[kind]])
    _add_vocabulary(writer, shape.vocabulary)
    sink.weight("token_embd.weight", shape.vocabulary, width)
    sink.weight("output.weight", shape.vocabulary, width)  # the published ones don't tie the two
    sink.plain("output_norm.weight", np.ones(width, np.float32))
    for layer in range(shape.text_layers):
        block = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            sink.plain(f"{block}{norm}.weight", np.ones(width, np.float32))
        sink.weight(f"{block}attn_q.weight", width, width)
        for part in ("attn_k", "attn_v"):
            sink.weight(f"{block}{part}.weight", head * shape.key_heads, width)
        sink.weight(f"{block}attn_output.weight", width, width)
        for part in ("ffn_gate", "ffn_up"):
            sink.weight(f"{block}{part}.weight", shape.feed_forward, width)
        sink.weight(f"{block}ffn_down.weight", width, shape.feed_forward)
    return sink.close()


def write_mmproj(path: Path, shape: Shape, kind: str, seed: int = 2, longest_edge_px: int = 2048) -> Path:
    """Write the eyes. ``longest_edge_px`` 0 leaves the key out, as files made before autumn 2025 do."""
    sink = _Sink(path, "clip", _KINDS[kind], seed)
    writer, width = sink.writer, shape.eye_width
    writer.add_type("mmproj")
    writer.add_name("random-smolvlm-mmproj")
    writer.add_file_type(_FILE_TYPES[_KINDS[kind]])
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("idefics3")
    writer.add_vision_projection_dim(shape.width)
    writer.add_vision_image_size(shape.tile_px)
    writer.add_vision_patch_size(shape.patch_px)
    writer.add_vision_embedding_length(width)
    writer.add_vision_feed_forward_length(shape.eye_feed_forward)
    writer.add_vision_block_count(shape.eye_layers)
    writer.add_vision_head_count(shape.eye_heads)
    writer.add_vision_attention_layernorm_eps(1e-6)
    writer.add_vision_image_mean([0.5, 0.5, 0.5])
    writer.add_vision_image_std([0.5, 0.5, 0.5])
    writer.add_vision_projector_scale_factor(shape.shuffle)
    writer.add_vision_use_gelu(True)
    if longest_edge_px:
        writer.add_uint32("clip.vision.preproc_image_size", longest_edge_px)
    _add_eyes(sink, shape, _KINDS[kind])
    return sink.close()


def _add_eyes(sink: _Sink, shape: Shape, kind: Kind) -> None:
    width = shape.eye_width
    patches, side = (shape.tile_px // shape.patch_px) ** 2, shape.patch_px
    sink.weight("mm.model.fc.weight", shape.width, width * shape.shuffle**2)
    # llama.cpp takes the patches' kernel in half or full precision only.
    sink.weight("v.patch_embd.weight", width, 3, side, side, kind=Kind.F32 if kind is Kind.F32 else Kind.F16)
    sink.plain("v.patch_embd.bias", np.zeros(width, np.float32))
    sink.weight("v.position_embd.weight", patches, width, kind=Kind.F32)
    sink.norm("v.post_ln", width)
    for layer in range(shape.eye_layers):
        block = f"v.blk.{layer}."
        sink.norm(f"{block}ln1", width)
        sink.norm(f"{block}ln2", width)
        for part in ("attn_q", "attn_k", "attn_v", "attn_out"):
            sink.linear(f"{block}{part}", width, width)
        sink.linear(f"{block}ffn_up", shape.eye_feed_forward, width)
        sink.linear(f"{block}ffn_down", width, shape.eye_feed_forward)


class _Sink:
    """Writes random tensors of one kind."""

    def __init__(self, path: Path, architecture: str, kind: Kind, seed: int) -> None:
        self.writer = GGUFWriter(str(path), architecture)
        self._path = path
        self._kind = kind
        self._random = np.random.default_rng(seed)

    def weight(self, name: str, *shape: int, kind: Kind | None = None) -> None:
        """A weight of ``shape``, row-major."""
        values = self._random.standard_normal(shape, dtype=np.float32) * np.float32(0.02)
        kind = self._kind if kind is None else kind  # F32 is 0
        if kind not in (Kind.F32, Kind.F16) and shape[-1] % 32:
            kind = Kind.F16
        if kind is Kind.F32:
            self.plain(name, values)
        elif kind is Kind.F16:
            self.plain(name, values.astype(np.float16))
        else:
            self.writer.add_tensor(name, quants.quantize(values, kind), raw_dtype=kind)

    def plain(self, name: str, values: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> None:
        """A tensor as it is."""
        self.writer.add_tensor(name, values)

    def norm(self, name: str, width: int) -> None:
        """A layer's normalisation."""
        self.plain(f"{name}.weight", np.ones(width, np.float32))
        self.plain(f"{name}.bias", np.zeros(width, np.float32))

    def linear(self, name: str, rows: int, columns: int) -> None:
        """A weight and its bias."""
        self.weight(f"{name}.weight", rows, columns)
        self.plain(f"{name}.bias", np.zeros(rows, np.float32))

    def close(self) -> Path:
        """Write the file."""
        self.writer.write_header_to_file()
        self.writer.write_kv_data_to_file()
        self.writer.write_tensors_to_file()
        self.writer.close()
        return self._path


def _add_vocabulary(writer: GGUFWriter, size: int) -> None:
    tokens, merges = _vocabulary(size)
    control = {*_CONTROL_FIRST, *_CONTROL_LAST}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if token in control else TokenType.NORMAL for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(size - 1)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_chat_template(_TEMPLATE)


def _vocabulary(size: int) -> tuple[list[str], list[str]]:
    """Tokens in order, and the merges that make words of letters; filled up with words that nothing is split into."""
    letters = _byte_letters()
    tokens = [*_CONTROL_FIRST, *letters.values()]
    merges: dict[str, None] = {}
    space = letters[ord(" ")]
    words = sorted({*_WORDS, *_ASKED_WITH}, key=lambda word: (-len(word), word)) if size > _REAL_SIZE else _WORDS
    for word in words:  # the longest first, in ranks as byte-pair merging needs them
        for written in dict.fromkeys((word, word.capitalize())):
            built = written[0]
            for letter in written[1:]:
                merges.setdefault(f"{built} {letter}")
                built += letter
                tokens.append(built)
            merges.setdefault(f"{space} {written}")
            tokens.append(space + written)
    newline = letters[ord("\n")]
    merges.setdefault(f"{newline} {newline}")
    tokens.append(newline * 2)
    known = dict.fromkeys(tokens)
    for word in _filler():
        if len(known) == size - len(_CONTROL_LAST):
            break
        known.setdefault(word)
    return [*known, *_CONTROL_LAST], list(merges)


def _filler() -> Iterator[str]:
    draw = random.Random(7)
    while True:
        yield "".join(draw.choices(string.ascii_lowercase, k=draw.randint(4, 10))) + "\u0120"


def _byte_letters() -> dict[int, str]:
    """GPT-2's printable letter for each byte."""
    kept = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = (byte for byte in range(256) if byte not in set(kept))
    return {byte: chr(byte) for byte in kept} | {byte: chr(256 + number) for number, byte in enumerate(moved)}


def main() -> None:
    """Write both files of one shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--text", choices=_KINDS, default="q8_0")
    parser.add_argument("--mmproj", choices=_KINDS, default="f16")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    shape = SHAPES[given.shape]
    print(write_text(given.folder / f"{given.shape}-text-{given.text}.gguf", shape, given.text))
    print(write_mmproj(given.folder / f"{given.shape}-mmproj-{given.mmproj}.gguf", shape, given.mmproj))


if __name__ == "__main__":
    main()
