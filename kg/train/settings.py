"""The settings of a training, read from YAML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from zlib import crc32

import yaml

from kg.errors import UsageError
from kg.train.example import Example

__all__ = ["SMALL", "TrainingConfig", "Weights", "read_config", "split_held_back"]

SMALL = Path(__file__).parent / "small.yaml"
"""The settings of a training of minutes, on a user's own articles."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each loss counts; `gold` and `teacher` weigh what the two say of each."""

    mentions: float = 3.0
    coreference: float = 0.3
    relations: float = 1.0
    evidence: float = 0.1
    modality: float = 0.1
    gold: float = 1.0
    teacher: float = 1.0


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """What a training run does; the fields of `config.yaml`.

    `repeats` says how often a round shows each data set; `modal` and `chained` name the
    sets whose modality and whose named clusters are annotated, `reference` those whose
    facts are in the style of reference works, `named` those to which the names that the
    model in the folder `named_by` reads are added. `held_back` is the share of the sets
    `calibrate` kept for calibration. The names of the share `swapped` of all instances are
    swapped. `encoder` is the folder of MPNet, of which a teacher is made, else the encoder
    is the smaller MiniLM that ships. `start` is a
    checkpoint whose weights are gone on with, `teachers` the checkpoints of networks that
    together tell what is not annotated. A run halts at the step `stop`, if there is one, as if it
    were cut off. `device` is `cpu`, `cuda` or, by default, what there is; `workers` are the
    processes that make its batches.
    """

    repeats: dict[str, float]
    steps: int
    reference: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    named_by: str = ""
    swapped: float = 0.0
    dropout: float = 0.1
    pair_dropout: float = 0.1
    stop: int = 0
    encoder: str = ""
    start: str = ""
    teachers: tuple[str, ...] = ()
    modal: tuple[str, ...] = ()
    chained: tuple[str, ...] = ()
    held_back: float = 0.1
    calibrate: tuple[str, ...] = ()
    pieces: int = 2048
    encoder_rate: float = 1.5e-4
    head_rate: float = 8e-4
    warm_up: int = 200
    decay: float = 0.01
    clip: float = 1.0
    average: float = 0.998
    save_every: int = 200
    seed: int = 7
    device: str = ""
    workers: int = 0
    threads: int = 2
    bfloat16: bool = True
    weights: Weights = field(default_factory=Weights)


def read_config(path: Path) -> TrainingConfig:
    """Return the configuration in a YAML file; UsageError where it is not one."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        known = {f.name for f in fields(TrainingConfig)}
        if unknown := set(data) - known:
            raise UsageError(f"{path}: no setting {', '.join(sorted(unknown))}: remove it")
        weights = Weights(**data.pop("weights", {}))
        lists = {k: tuple(v) for k, v in data.items() if isinstance(v, list)}
        return TrainingConfig(**{**data, **lists, "weights": weights})
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise UsageError(f"{path}: not a training configuration ({error})") from error


def split_held_back(
    examples: Sequence[Example], config: TrainingConfig
) -> tuple[list[Example], list[Example]]:
    """Return the examples to learn from and those held back for calibration."""
    every = max(2, round(1 / config.held_back)) if config.held_back else 0
    learn: list[Example] = []
    held: list[Example] = []
    for example in examples:
        kept = (
            every and example.source in config.calibrate and crc32(example.id.encode()) % every == 1
        )
        (held if kept else learn).append(example)
    return learn, held
