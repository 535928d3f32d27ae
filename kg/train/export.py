"""Writes a trained network as the files that `kg.nlp.encoder` reads."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from kg.train.checkpoint import Checkpoint
from kg.train.graphs import encoder_graph, relation_graph
from kg.train.instances import MODALITIES
from kg.train.loop import minilm_folder

__all__ = ["export_model", "write_checksums"]

_FORMAT = 1
_FILES = (
    "encoder.onnx", "heads.npz", "labels.json", "relations.onnx", "thresholds.json",
    "tokenizer.json",
)  # fmt: skip


def export_model(checkpoint: Checkpoint, folder: Path, *, quantize: bool = True) -> Path:
    """Write the model's files into a folder and return it.

    The matrices of the encoder become 8-bit integers with `quantize`. Calibration that
    is there already is kept: run `kg.train.calibration` afterwards.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sizes = checkpoint.network.sizes
    weights = {k: v.float().numpy() for k, v in checkpoint.network.state_dict().items()}
    order = sorted(checkpoint.labels, key=lambda label: (":" in label, label))
    rows = [checkpoint.labels.index(label) for label in order]
    own = sum(":" not in label for label in order)
    encoder = encoder_graph(weights, layers=sizes.layers, heads=sizes.heads)
    _save_encoder(encoder, folder / "encoder.onnx", quantize=quantize)
    relations = relation_graph(
        weights, ontology=rows[:own], benchmark=rows[own:], block=sizes.block
    )
    (folder / "relations.onnx").write_bytes(relations.SerializeToString())
    _save_heads(weights, folder / "heads.npz")
    labels: dict[str, Any] = {
        "format": _FORMAT,
        "step": checkpoint.step,
        "types": list(checkpoint.types),
        "ontology": order[:own],
        "benchmark": order[own:],
        "modalities": list(MODALITIES),
    }
    _write_json(folder / "labels.json", labels)
    if not (folder / "thresholds.json").exists():
        _write_json(folder / "thresholds.json", {})
    _save_tokenizer(folder / "tokenizer.json")
    write_checksums(folder)
    return folder


def write_checksums(folder: Path) -> None:
    """Write the SHA-256 of every file that the model is made of."""
    lines = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in _FILES]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _save_encoder(model: onnx.ModelProto, path: Path, *, quantize: bool) -> None:
    """Write the encoder, its weight matrices in 8 bits if asked for."""
    if not quantize:
        path.write_bytes(model.SerializeToString())
        return
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        plain.write_bytes(model.SerializeToString())
        # It advises, on the root logger, a preparation that these graphs do not need.
        logging.disable(logging.WARNING)
        try:
            quantize_dynamic(
                plain,
                path,
                op_types_to_quantize=["MatMul"],
                per_channel=True,
                weight_type=QuantType.QInt8,
                extra_options={"MatMulConstBOnly": True},
            )
        finally:
            logging.disable(logging.NOTSET)


def _save_heads(weights: dict[str, npt.NDArray[np.float32]], path: Path) -> None:
    """Write the small matrices that numpy multiplies, in 16 bits."""
    kept = ("mention.", "kind.", "coreference.")
    arrays = {k: v.astype(np.float16) for k, v in weights.items() if k.startswith(kept)}
    np.savez(path, **arrays)  # type: ignore[arg-type] # its keywords are arrays


def _save_tokenizer(path: Path) -> None:
    """Write the tokenizer without truncation and padding."""
    data = json.loads((minilm_folder() / "tokenizer.json").read_text(encoding="utf-8"))
    data["truncation"] = data["padding"] = None
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _write_json(path: Path, data: dict[str, Any]) -> None:
    """Write readable JSON."""
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
