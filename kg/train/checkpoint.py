"""A network as a training left it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from kg.errors import ModelError
from kg.train.network import Network, Sizes

__all__ = ["Checkpoint", "load_checkpoint"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network with averaged weights, and the names of its types and labels."""

    network: Network
    types: tuple[str, ...]
    labels: tuple[str, ...]
    step: int


def load_checkpoint(path: Path) -> Checkpoint:
    """Return the network of a checkpoint with its averaged weights, ready to be used."""
    if not path.exists():
        raise ModelError(f"{path}: no checkpoint there: run `kg train` first")
    state = torch.load(path, weights_only=True)
    network = Network(Sizes(**state["sizes"]))
    network.load_state_dict({**state["network"], **state["average"]})
    network.eval()
    return Checkpoint(network, tuple(state["types"]), tuple(state["labels"]), int(state["step"]))
