"""The files of a trained model: found, verified and opened."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from kg.errors import ModelError

__all__ = ["REFERENCE_STYLE", "Calibration", "ModelFiles", "open_files"]

# Before a label in the file of thresholds: its calibration in the style of reference works.
REFERENCE_STYLE = "reference:"
_FORMAT = 1
_FILES = (
    *("encoder.onnx", "relations.onnx", "heads.npz"),
    *("labels.json", "thresholds.json", "tokenizer.json"),
)
_FIX = "reinstall the package, or train and export the model again (kg train)"


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a raw score of one label becomes a probability, and from which it counts.

    `examples` is the number of right ones that this was learnt from.
    """

    slope: float = 1.0
    offset: float = 0.0
    threshold: float = 0.5
    examples: int = 0

    def probability(self, score: float) -> float:
        """Return the calibrated probability of a raw score."""
        return float(1 / (1 + np.exp(-np.clip(self.slope * score + self.offset, -30, 30))))


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Everything that the files of a model hold, opened."""

    encoder: onnxruntime.InferenceSession
    relations: onnxruntime.InferenceSession
    heads: Mapping[str, npt.NDArray[np.float32]]
    tokenizer: Tokenizer
    types: tuple[str, ...]
    ontology: tuple[str, ...]
    benchmark: tuple[str, ...]
    modalities: tuple[str, ...]
    calibration: Mapping[str, Calibration]
    checksum: str
    threads: int

    def calibrate(self, label: str, *, reference: bool) -> Calibration:
        """Return the calibration of a label for articles, or for the style of reference works.

        Where the latter has none of its own, that for articles serves.
        """
        own = self.calibration.get(label, Calibration())
        return self.calibration.get(f"{REFERENCE_STYLE}{label}", own) if reference else own


def open_files(folder: Path, *, threads: int) -> ModelFiles:
    """Return a model's files; ModelError when one is missing, damaged or of another version."""
    checksum = _verify(folder)
    try:
        labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        if labels.get("format") != _FORMAT:
            raise ModelError(
                f"{folder}: model format {labels.get('format')}, not {_FORMAT}: {_FIX}"
            )
        thresholds = json.loads((folder / "thresholds.json").read_text(encoding="utf-8"))
        with np.load(folder / "heads.npz", allow_pickle=False) as arrays:
            heads = {name: arrays[name].astype(np.float32) for name in arrays.files}
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return ModelFiles(
            encoder=_session(folder / "encoder.onnx"),
            relations=_session(folder / "relations.onnx"),
            heads=heads,
            tokenizer=tokenizer,
            types=tuple(labels["types"]),
            ontology=tuple(labels["ontology"]),
            benchmark=tuple(labels["benchmark"]),
            modalities=tuple(labels["modalities"]),
            calibration={name: Calibration(**values) for name, values in thresholds.items()},
            checksum=checksum,
            threads=threads or os.cpu_count() or 1,
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder}: the model cannot be read ({error}): {_FIX}") from error


def _verify(folder: Path) -> str:
    """Return the checksum of the checksums; ModelError where a file is not as it was made.

    A file without a checksum could be any, and so is refused too.
    """
    unlisted = set(_FILES)
    try:
        listed = (folder / "SHA256SUMS").read_text(encoding="utf-8")
        for line in listed.splitlines():
            expected, name = line.split("  ", 1)
            unlisted.discard(name)
            with (folder / Path(name).name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != expected:
                raise ModelError(
                    f"{folder / name}: the checksum is wrong, the file is damaged: {_FIX}"
                )
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: no complete model there ({error}): {_FIX}") from error
    if unlisted:
        raise ModelError(f"{folder}: SHA256SUMS lacks {', '.join(sorted(unlisted))}: {_FIX}")
    return hashlib.sha256(listed.encode()).hexdigest()


def _session(path: Path) -> Any:  # noqa: ANN401 - onnxruntime ships no types
    """Return a session that computes in the thread that calls it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
