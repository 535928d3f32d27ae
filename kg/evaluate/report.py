"""What an evaluation found, for one set of gold: the scores of its articles together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kg.evaluate.scores import Estimate, Outcome, Score, Share, Tally, calibration_error
from kg.ontology import Ontology

__all__ = ["ArticleScore", "Mistake", "Options", "Report", "combine", "to_record"]

# Fewer predictions than this tell nothing about a predicate's calibration.
_ENOUGH = 30


@dataclass(frozen=True, slots=True)
class Options:
    """How to evaluate.

    `ontology` is the bundled one where it is None. `min_confidence` replaces the
    threshold of every predicate, `limit` takes only so many articles, `split` those of
    one split where the gold has several (empty: all), `seed` draws the intervals, `model` is
    the folder of a model in place of the shipped one.
    """

    ontology: Ontology | None = None
    min_confidence: float | None = None
    limit: int | None = None
    split: str = "test"
    seed: int = 0
    model: Path | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A fact that was missed, or that is not in the gold (`wrong`), and what led to it.

    `evidence` is the sentence of the gold for a missed fact, else the one that was read.
    """

    article: str
    kind: str
    subject: str
    predicate: str
    object: str
    cause: str
    confidence: float
    evidence: str


@dataclass(frozen=True, slots=True)
class ArticleScore:
    """What one article counts.

    `scores` are by what is scored (`facts`), `predicates` and `outcomes` by predicate or
    label, `shares` are pairs of part and whole by what is shared (`evidence`).
    """

    scores: Mapping[str, Tally]
    predicates: Mapping[str, Tally] = field(default_factory=dict)
    outcomes: Mapping[str, Sequence[Outcome]] = field(default_factory=dict)
    shares: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of one set of gold, named as those of its articles.

    `checksum` is that of the gold, `extractor` names the model with its version.
    `calibration` holds expected calibration errors: `total`, and of each predicate with
    enough predictions.
    """

    gold: str
    form: str
    checksum: str
    extractor: str
    articles: int
    scores: Mapping[str, Score]
    predicates: Mapping[str, Score]
    shares: Mapping[str, Share]
    calibration: Mapping[str, float]
    mistakes: tuple[Mistake, ...] = ()

    @property
    def figures(self) -> dict[str, float]:
        """The figures that a gate holds: more is better for all but the calibration error."""
        figures = {f"{name} F1": score.f1.value for name, score in self.scores.items()}
        figures |= {name: share.estimate.value for name, share in self.shares.items()}
        return figures | {"calibration error": self.calibration["total"]}


def combine(parts: Sequence[ArticleScore], *, form: str, extractor: str, seed: int = 0) -> Report:
    """Return the report that articles add up to, without the name of the gold.

    The same articles in any order and the same seed give the same figures, up to the
    draw of the intervals, which follows the order.
    """
    predicates = _names(part.predicates for part in parts)
    outcomes = {
        name: [outcome for part in parts for outcome in part.outcomes.get(name, ())]
        for name in _names(part.outcomes for part in parts)
    }
    return Report(
        gold="",
        form=form,
        checksum="",
        extractor=extractor,
        articles=len(parts),
        scores={
            name: Score.of([part.scores.get(name, Tally()) for part in parts], seed=seed)
            for name in (parts[0].scores if parts else ())
        },
        predicates={
            name: Score.of([part.predicates.get(name, Tally()) for part in parts], seed=seed)
            for name in predicates
        },
        shares={
            name: Share.of([part.shares[name] for part in parts], seed=seed)
            for name in (parts[0].shares if parts else ())
        },
        calibration=_calibrate(outcomes),
        mistakes=tuple(mistake for part in parts for mistake in part.mistakes),
    )


def _names(mappings: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({name for mapping in mappings for name in mapping})


def _calibrate(outcomes: Mapping[str, Sequence[Outcome]]) -> dict[str, float]:
    errors = {"total": calibration_error(o for found in outcomes.values() for o in found)}
    return errors | {n: calibration_error(f) for n, f in outcomes.items() if len(f) >= _ENOUGH}


def to_record(report: Report) -> dict[str, Any]:
    """Return the report as plain data for JSON, figures to four places, without mistakes."""
    return {
        "gold": report.gold,
        "form": report.form,
        "checksum": report.checksum,
        "extractor": report.extractor,
        "articles": report.articles,
        "scores": {name: _plain(score) for name, score in report.scores.items()},
        "predicates": {name: _plain(score) for name, score in report.predicates.items()},
        "shares": {name: _plain_estimate(s.estimate) for name, s in report.shares.items()},
        "calibration": {name: round(error, 4) for name, error in report.calibration.items()},
    }


def _plain(score: Score) -> dict[str, Any]:
    return {
        "precision": _plain_estimate(score.precision),
        "recall": _plain_estimate(score.recall),
        "f1": _plain_estimate(score.f1),
        **{name: round(count, 4) for name, count in asdict(score.tally).items()},
    }


def _plain_estimate(estimate: Estimate) -> dict[str, float]:
    return {name: round(figure, 4) for name, figure in asdict(estimate).items()}
