"""Run-time inference of the trained model with ONNX Runtime and numpy."""

from __future__ import annotations

from kg.nlp.encoder.model import SHIPPED, Model, load_model
from kg.nlp.encoder.reading import GivenMention, Reading, ReadMention, ReadRelation

__all__ = [
    "SHIPPED",
    "GivenMention",
    "Model",
    "ReadMention",
    "ReadRelation",
    "Reading",
    "load_model",
]
