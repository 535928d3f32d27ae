"""From a configuration to the files of a model: train, export, calibrate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kg.ontology import Ontology
from kg.train.calibration import calibrate
from kg.train.checkpoint import load_checkpoint
from kg.train.example import Example
from kg.train.export import export_model
from kg.train.loop import train
from kg.train.settings import TrainingConfig, split_held_back

__all__ = ["make_model"]


def make_model(
    config: TrainingConfig,
    examples: Sequence[Example],
    *,
    output: Path,
    ontology: Ontology | None = None,
    quantize: bool = True,
    report: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """Return the folder of a model trained on examples: `model` in the folder `output`.

    `ontology` is the one of the articles, by default the bundled one. A run that was cut off
    goes on where it was. Where nothing is held back the scores stay
    as the training left them, with a threshold of one half.
    """
    checkpoint = load_checkpoint(train(config, examples, output=output, report=report))
    folder = export_model(checkpoint, output / "model", quantize=quantize)
    _, held = split_held_back(examples, config)
    articles = [example for example in held if example.source not in config.reference]
    reference = [example for example in held if example.source in config.reference]
    if held:
        calibrate(
            folder,
            articles,
            given=[e for e in reference if e.mention_types],
            passages=[e for e in reference if not e.mention_types],
            ontology=ontology,
        )
    return folder
