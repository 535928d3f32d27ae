"""Precision, recall and F1 with intervals, and how far a confidence can be believed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Estimate", "Outcome", "Score", "Share", "Tally", "calibration_error"]

_Floats = npt.NDArray[np.float64]

_RESAMPLES = 1000
_BINS = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval, by the percentile bootstrap over articles."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tally:
    """What one article counts: how much of the prediction is right, of the gold found.

    `right` and `found` are the same for sets; measures that weigh or that match many to
    one tell them apart.
    """

    right: float = 0.0
    predicted: float = 0.0
    found: float = 0.0
    gold: float = 0.0

    @classmethod
    def of_sets(cls, predicted: Collection[Any], gold: Collection[Any]) -> Tally:
        """Return the tally of two sets, so that what was never proposed counts as missed."""
        shared = float(len(set(predicted) & set(gold)))
        return cls(shared, float(len(set(predicted))), shared, float(len(set(gold))))


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 over all articles (micro-averaged), with what they count."""

    precision: Estimate
    recall: Estimate
    f1: Estimate
    tally: Tally

    @classmethod
    def of(cls, tallies: Sequence[Tally], *, seed: int = 0) -> Score:
        """Return the score of articles, one tally each; the same for the same seed."""
        counts = np.array([[t.right, t.predicted, t.found, t.gold] for t in tallies], np.float64)
        counts = counts.reshape(-1, 4)
        total = counts.sum(axis=0)
        values = [float(np.nan_to_num(figure)[0]) for figure in _figures(total[None, :])]
        drawn = _figures(_resamples(len(tallies), seed) @ counts)
        precision, recall, f1 = (_estimate(v, d) for v, d in zip(values, drawn, strict=True))
        return cls(precision, recall, f1, Tally(*map(float, total)))


@dataclass(frozen=True, slots=True)
class Share:
    """How many of so many, over all articles."""

    estimate: Estimate
    part: float
    whole: float

    @classmethod
    def of(cls, counts: Sequence[tuple[float, float]], *, seed: int = 0) -> Share:
        """Return the share of articles, each given as part and whole."""
        table = np.array(counts, np.float64).reshape(-1, 2)
        part, whole = table.sum(axis=0)
        drawn = _resamples(len(counts), seed) @ table
        value = float(part / whole) if whole else 0.0
        return cls(_estimate(value, _divide(drawn[:, 0], drawn[:, 1])), float(part), float(whole))


@dataclass(frozen=True, slots=True, order=True)
class Outcome:
    """One prediction: how sure it was, and whether it was right."""

    confidence: float
    right: bool


def calibration_error(outcomes: Iterable[Outcome], *, bins: int = _BINS) -> float:
    """Return the expected calibration error over bins of equal mass, between 0 and 1.

    The distance between mean confidence and share of right predictions, weighed by the
    size of the bin. Predictions of one confidence are never parted, so that their order
    does not matter. (Nixon et al., Measuring Calibration in Deep Learning, 2019, sec. 3.)
    """
    pairs = sorted(outcomes)
    if not pairs:
        return 0.0
    confidence = np.array([o.confidence for o in pairs])
    right = np.array([o.right for o in pairs], np.float64)
    first = np.searchsorted(confidence, confidence, side="left")
    bin_ = first * bins // len(pairs)
    gaps = np.bincount(bin_, weights=confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(pairs))


def _figures(counts: _Floats) -> tuple[_Floats, _Floats, _Floats]:
    """Return precision, recall and F1 of rows of counts, NaN where there is nothing at all."""
    right, predicted, found, gold = counts.T
    empty = (predicted == 0) & (gold == 0)
    precision = np.where(empty, np.nan, np.nan_to_num(_divide(right, predicted)))
    recall = np.where(empty, np.nan, np.nan_to_num(_divide(found, gold)))
    f1 = _divide(2 * precision * recall, precision + recall)
    return precision, recall, np.where(empty, np.nan, np.nan_to_num(f1))


def _divide(part: _Floats, whole: _Floats) -> _Floats:
    """Return the quotients, NaN where the divisor is zero or NaN."""
    quotient = np.full_like(part, np.nan)
    np.divide(part, whole, out=quotient, where=whole > 0)
    return quotient


def _estimate(value: float, drawn: _Floats) -> Estimate:
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return Estimate(value, value, value)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(value, float(low), float(high))


@lru_cache(maxsize=4)
def _resamples(size: int, seed: int) -> _Floats:
    """Return how often each article is drawn, a row for each resample."""
    if not size:
        return np.zeros((1, 0))
    dice = np.random.default_rng(seed)
    return dice.multinomial(size, [1 / size] * size, size=_RESAMPLES).astype(np.float64)
