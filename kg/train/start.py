"""The weights that a training starts from: those of an earlier training or of a model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from kg.errors import ModelError
from kg.nlp.encoder import SHIPPED
from kg.nlp.encoder.pieces import ARTICLE, REFERENCE
from kg.train.checkpoint import Checkpoint, load_checkpoint
from kg.train.network import Network, Sizes

__all__ = ["carry_over", "read_model", "read_start"]

Array = npt.NDArray[Any]

# Weights with a row for each label.
_BY_LABEL = ("relations.product.weight", "relations.product.bias", "relations.sum.weight")
# Weights with a column for each type, once or, where there are two sides, twice.
_BY_TYPE = {
    "kind.weight": 1,
    "relations.subject_types.weight": 2,
    "relations.object_types.weight": 2,
}


def read_start(name: str) -> Checkpoint:
    """Return the network that a configuration names.

    `shipped` is the model in the package; else it is the folder of a model, or a checkpoint.
    """
    path = SHIPPED if name == "shipped" else Path(name)
    return read_model(path) if path.is_dir() else load_checkpoint(path)


def carry_over(
    checkpoint: Checkpoint, network: Network, *, types: Sequence[str], labels: Sequence[str]
) -> None:
    """Give a network the weights of another for all types and labels that the two share.

    What is new to the other keeps the weights that it has.
    """
    state, old = network.state_dict(), checkpoint.network.state_dict()
    own_types, their_types = _shared(types, checkpoint.types)
    own_labels, their_labels = _shared(labels, checkpoint.labels)
    for name, value in old.items():
        if name in _BY_LABEL:
            state[name][own_labels] = value[their_labels]
        elif name in _BY_TYPE:
            for side in range(_BY_TYPE[name]):
                own = [side * len(types) + n for n in own_types]
                theirs = [side * len(checkpoint.types) + n for n in their_types]
                state[name][:, own] = value[:, theirs]
        elif name.startswith("tags."):
            state[name][_tag_rows(own_types)] = value[_tag_rows(their_types)]
        else:
            state[name].copy_(value)
    # A network that knew one style only has nothing at the place of the other.
    shapes = state["encoder.shapes.weight"]
    if not shapes[REFERENCE].any():
        shapes[REFERENCE] = shapes[ARTICLE]
    network.load_state_dict(state)


def _shared(own: Sequence[str], theirs: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return the places of the names that both have, in the one and in the other."""
    common = [name for name in own if name in theirs]
    return [own.index(name) for name in common], [theirs.index(name) for name in common]


def _tag_rows(types: Sequence[int]) -> list[int]:
    """Return the tags of types, and the one for what lies outside (see `kg.nlp.encoder.tags`)."""
    return [0, *(1 + 4 * number + part for number in types for part in range(4))]


def read_model(folder: Path) -> Checkpoint:
    """Return the network of an exported model, as exactly as its 8-bit numbers tell.

    Raises ModelError where the files are not those of `export_model`.
    """
    try:
        labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        weights = _encoder(_constants(folder / "encoder.onnx"))
        with np.load(folder / "heads.npz", allow_pickle=False) as arrays:
            weights |= {name: arrays[name] for name in arrays.files}
        weights |= _relations(_constants(folder / "relations.onnx"))
        names = (*labels["ontology"], *labels["benchmark"])
        network = Network(Sizes(types=len(labels["types"]), labels=len(names)))
        state = {name: _tensor(value) for name, value in weights.items()}
        network.load_state_dict(state)
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{folder}: its weights cannot be read ({error}): start from a checkpoint, or from "
            "a model that this version exported"
        ) from error
    network.eval()
    return Checkpoint(network, tuple(labels["types"]), names, int(labels["step"]))


def _tensor(array: Array) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=np.float32))


def _constants(path: Path) -> dict[str, Array]:
    """Return the named constants of a graph; 8-bit ones with their scale applied."""
    graph = onnx.load(str(path)).graph
    raw = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
    found = {name: value for name, value in raw.items() if "_" not in name.rsplit(".", 1)[-1]}
    for name, value in raw.items():
        if name.endswith("_quantized"):
            whole = name.removesuffix("_quantized")
            zero = raw[f"{whole}_zero_point"].astype(np.float32)
            found[whole] = (value - zero) * raw[f"{whole}_scale"]
    if "words" in raw:
        found["words"] = raw["words"] * raw["words_scale"]
    return found


def _turn(name: str, value: Array) -> Array:
    """Return a constant as the network has it: matrices of products are turned in a graph."""
    return value if value.ndim == 1 or name.endswith(_TABLES) else value.T


_TABLES = ("shapes.weight", "positions.weight", "_gap.weight")


def _encoder(constants: Mapping[str, Array]) -> dict[str, Array]:
    """Return the weights of the encoder and of the tags."""
    weights = {"encoder.words.weight": constants["words"]}
    weights |= {name: _turn(name, v) for name, v in constants.items() if name != "words"}
    sizes = Sizes(types=1, labels=1)
    for number in range(sizes.layers):
        prefix = f"encoder.layers.{number}"
        for part in ("weight", "bias"):
            q, k, v = (weights.pop(f"{prefix}.{side}.{part}") for side in "qkv")
            q = q * np.float32((sizes.hidden // sizes.heads) ** 0.5)
            weights[f"{prefix}.qkv.{part}"] = np.concatenate([q, k, v])
    return weights


def _relations(constants: Mapping[str, Array]) -> dict[str, Array]:
    """Return the weights of the relation head, the labels of the ontology first."""
    weights = {name: _turn(name, value) for name, value in constants.items()}
    for part in ("product.weight", "product.bias", "sum.weight"):
        halves = [weights.pop(f"{name}.{part}") for name in ("ontology", "benchmark")]
        weights[f"relations.{part}"] = np.concatenate(halves)
    return weights
