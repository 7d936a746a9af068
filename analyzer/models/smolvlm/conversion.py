"""Rewriting f16 and Q8_0 weights as bf16, for processors that compute in it: the same file but for the tensors' type.

    python -m analyzer.models.smolvlm.conversion SOURCE TARGET

makes ``TARGET`` unless it is there, in a process of its own, since it passes a gigabyte through its memory.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from analyzer.models.smolvlm.leash import end_with_the_app


def to_bf16(source: Path, target: Path) -> Path | None:
    """``target``, made from ``source`` unless it is there; ``None`` where ``source`` has no weights to rewrite.

    The patches' kernel and all that is one-dimensional stay as they are: llama.cpp takes those in full or half only.
    """
    from gguf import GGMLQuantizationType as Kind
    from gguf import GGUFReader, GGUFWriter, quants

    if target.is_file():
        return target
    reader = GGUFReader(str(source))
    moved = {tensor.name for tensor in reader.tensors if _is_moved(tensor)}
    if not moved:
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    writer = GGUFWriter(str(part), str(reader.fields["general.architecture"].contents()), use_temp_file=True)
    _copy_fields(reader, writer)
    for tensor in reader.tensors:
        if tensor.name in moved:
            rows = quants.quantize(quants.dequantize(tensor.data, tensor.tensor_type), Kind.BF16)
            writer.add_tensor(tensor.name, rows, raw_dtype=Kind.BF16)
        else:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return part.replace(target)


def size_bytes(source: Path) -> int:
    """How large ``source`` would be as bf16; 0 where it has no weights to rewrite."""
    from gguf import GGUFReader

    tensors = GGUFReader(str(source)).tensors
    if not any(_is_moved(tensor) for tensor in tensors):
        return 0
    return sum(2 * int(tensor.n_elements) if _is_moved(tensor) else int(tensor.n_bytes) for tensor in tensors)


def _is_moved(tensor: Any) -> bool:
    is_coarse_enough = tensor.tensor_type.name in ("F16", "Q8_0")
    return is_coarse_enough and len(tensor.shape) == 2 and "patch_embd" not in tensor.name


def _copy_fields(reader: Any, writer: Any) -> None:
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        kinds = field.types
        writer.add_key_value(name, field.contents(), kinds[0], kinds[1] if len(kinds) > 1 else None)


if __name__ == "__main__":
    end_with_the_app()
    to_bf16(Path(sys.argv[1]), Path(sys.argv[2]))
