"""What an evaluation found, for one set of gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from kg.evaluate.scores import Estimate, Outcome, Score, Share, Tally, calibration_error
from kg.evaluate.scoring import ArticleScore, Mistake

__all__ = ["Report", "combine", "to_record"]

# Fewer predictions than this tell nothing about a predicate's calibration.
_ENOUGH = 30


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of one set of gold.

    `checksum` is that of the gold, `extractor` names the model with its version. `scores`
    are by what is scored (`facts`), `predicates` are the same for facts by predicate or
    label, `shares` by what is shared (`evidence`). `calibration` holds expected
    calibration errors, in total (`total`) and by predicate where there are enough.
    """

    gold: str
    form: str
    checksum: str
    extractor: str
    articles: int
    scores: Mapping[str, Score]
    predicates: Mapping[str, Score] = field(default_factory=dict)
    shares: Mapping[str, Share] = field(default_factory=dict)
    calibration: Mapping[str, float] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()

    @property
    def name(self) -> str:
        """The form and the gold, which together tell one report from another."""
        return f"{self.form} {self.gold}"

    @property
    def figures(self) -> dict[str, float]:
        """The figures that a gate holds; more is better for all but calibration errors."""
        figures = {f"{name} F1": score.f1.value for name, score in self.scores.items()}
        figures |= {name: share.estimate.value for name, share in self.shares.items()}
        if "total" in self.calibration:
            figures["calibration error"] = self.calibration["total"]
        return figures


def combine(
    parts: Sequence[ArticleScore],
    *,
    gold: str,
    form: str,
    checksum: str,
    extractor: str,
    seed: int = 0,
) -> Report:
    """Return the report that articles add up to; the same for the same seed."""
    names = sorted({name for part in parts for name in part.predicates})
    outcomes = {name: [o for p in parts for o in p.outcomes.get(name, ())] for name in names}
    return Report(
        gold=gold,
        form=form,
        checksum=checksum,
        extractor=extractor,
        articles=len(parts),
        scores={
            "mentions": Score.of([p.mentions for p in parts], seed=seed),
            "entities": Score.of([p.entities for p in parts], seed=seed),
            "facts": Score.of([p.facts for p in parts], seed=seed),
        },
        predicates={
            name: Score.of([p.predicates.get(name, Tally()) for p in parts], seed=seed)
            for name in names
        },
        shares={
            "evidence": Share.of([p.evidence for p in parts], seed=seed),
            "modality": Share.of([p.modality for p in parts], seed=seed),
            "conformance": Share.of([p.conformance for p in parts], seed=seed),
        },
        calibration=calibrate(outcomes),
        mistakes=tuple(m for p in parts for m in p.mistakes),
    )


def calibrate(outcomes: Mapping[str, Sequence[Outcome]]) -> dict[str, float]:
    """Return the calibration error in total, and for each predicate with enough outcomes."""
    errors = {"total": calibration_error(o for found in outcomes.values() for o in found)}
    return errors | {n: calibration_error(f) for n, f in outcomes.items() if len(f) >= _ENOUGH}


def to_record(report: Report) -> dict[str, Any]:
    """Return the report as plain data for JSON, figures to four places, no mistakes."""
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
