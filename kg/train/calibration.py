"""Turns raw scores into probabilities, and finds the probability from which each label counts.

Scores are read from articles that were held back from training. A label's probability is
a logistic function of its score (Platt 1999, "Probabilistic outputs for support vector
machines"); slope and offset are those of all labels together, and each label moves the
offset as far as its own examples outweigh a prior that holds it in place.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kg.model import Article
from kg.nlp import load_pipeline
from kg.nlp.document import make_doc
from kg.nlp.encoder import GivenMention, Model, Reading, load_model
from kg.nlp.encoder.weights import REFERENCE_STYLE
from kg.ontology import Ontology
from kg.train.datasets.scheme import load_mapping
from kg.train.example import Example
from kg.train.export import write_checksums

__all__ = ["Scored", "calibrate", "fit", "score_articles", "score_given", "score_passages"]

FloatArray = npt.NDArray[np.float64]

# Pairs less sure than this are left out: there are a hundred of them for each of the others.
_LEAST_SCORE = -8.0
# How much a label's own examples must weigh against the offset of all labels (inverse variance).
_PRIOR = 2.0
# A label with fewer right examples than this shares the threshold of all labels.
_ENOUGH = 20
_GRID = np.arange(0.05, 0.96, 0.01)
# No fact of an article is told below this. F1 alone would tell facts that are more likely wrong
# than right: on held-back articles it is as good as level from 0.3 to here (0.65 to 0.64), while
# precision rises from 0.66 to 0.74.
_LEAST_TOLD = 0.42


@dataclass(frozen=True, slots=True)
class Scored:
    """What the model says of one pair and label, and whether the annotation says so too."""

    label: str
    score: float
    right: bool


def calibrate(
    folder: Path,
    articles: Sequence[Example],
    *,
    given: Sequence[Example] = (),
    passages: Sequence[Example] = (),
    ontology: Ontology | None = None,
) -> None:
    """Write the calibration of a model into its folder.

    `articles` are read from raw text. For the style of reference works, `given` are read
    with their entities given, and `passages`, whose names are not all marked, from raw text.
    `ontology` is the one of the articles, by default the bundled one.
    """
    (folder / "thresholds.json").write_text("{}\n", encoding="utf-8")
    write_checksums(folder)
    scored, missed = score_articles(folder, articles, ontology=ontology)
    table = fit(scored, missed)
    for values in table.values():
        values["threshold"] = max(values["threshold"], _LEAST_TOLD)
    model = load_model(folder)
    # Of a label that both have, the passages know more: they are read as users' texts are.
    reference = fit(*score_given(model, given)) | fit(*score_passages(model, passages))
    table |= {f"{REFERENCE_STYLE}{label}": values for label, values in reference.items()}
    content = json.dumps(table, indent=1, sort_keys=True)
    (folder / "thresholds.json").write_text(f"{content}\n", encoding="utf-8")
    write_checksums(folder)


def score_articles(
    folder: Path, examples: Sequence[Example], *, ontology: Ontology | None = None
) -> tuple[list[Scored], Counter[str]]:
    """Return what is read from raw texts, and by label how many relations were never scored."""
    nlp = load_pipeline(ontology, model=folder, min_confidence=0.0)
    nlp.remove_pipe("kg_patterns")
    docs = nlp.pipe(make_doc(nlp, Article(e.id, e.text, "")) for e in examples)
    scored: list[Scored] = []
    missed: Counter[str] = Counter()
    for example, doc in zip(examples, docs, strict=True):
        found = list(_compare(example, doc._.reading, _match(example, doc._.reading)))
        scored += found
        missed += _count_missed(example, found)
    return scored, missed


def score_given(model: Model, examples: Sequence[Example]) -> tuple[list[Scored], Counter[str]]:
    """Return what is read between given entities; else as `score_articles`."""
    given = [
        [
            GivenMention(m.start, m.end, m.cluster, _widen(m.types), m.named)
            for m in example.mentions
            if m.cluster >= 0
        ]
        for example in examples
    ]
    readings = model.read_given([e.text for e in examples], given, benchmark=True, least=0.0)
    scored: list[Scored] = []
    missed: Counter[str] = Counter()
    for example, reading in zip(examples, readings, strict=True):
        same = {n: n for n in range(len(reading.clusters))}
        found = list(_compare(example, reading, same))
        scored += found
        missed += _count_missed(example, found)
    return scored, missed


def _widen(types: frozenset[str]) -> frozenset[str]:
    """Return all types of the coarse label of a mention.

    Readers narrow the types by the facts, which a text to be read does not tell.
    """
    labels = (frozenset(own) for own in load_mapping("redocred")["types"].values())
    return types.union(*(own for own in labels if types & own))


def score_passages(model: Model, examples: Sequence[Example]) -> tuple[list[Scored], Counter[str]]:
    """Return what is read from raw text in the style of reference works; else as above."""
    readings = model.read([e.text for e in examples], benchmark=True, unnamed=True, least=0.0)
    scored: list[Scored] = []
    missed: Counter[str] = Counter()
    for example, reading in zip(examples, readings, strict=True):
        found = list(_compare(example, reading, _match(example, reading)))
        scored += found
        missed += _count_missed(example, found)
    return scored, missed


def _match(example: Example, reading: Reading) -> dict[int, int]:
    """Return the annotated cluster that most names of each cluster read belong to."""
    gold = {(m.start, m.end): m.cluster for m in example.mentions if m.cluster >= 0}
    votes: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for mention in reading.mentions:
        cluster = gold.get((mention.start, mention.end))
        if cluster is not None:
            votes[mention.cluster][cluster] += 1
    return {cluster: counted.most_common(1)[0][0] for cluster, counted in votes.items()}


def _compare(example: Example, reading: Reading, match: Mapping[int, int]) -> Iterator[Scored]:
    """Yield what the model says of the labels that the example annotates."""
    stated = {(r.subject, r.label, r.object) for r in example.relations}
    for relation in reading.relations:
        if relation.label in example.relation_labels and relation.score > _LEAST_SCORE:
            ends = match.get(relation.subject, -1), match.get(relation.object, -1)
            right = (ends[0], relation.label, ends[1]) in stated
            yield Scored(relation.label, relation.score, right)


def _count_missed(example: Example, found: Iterable[Scored]) -> Counter[str]:
    stated = Counter({(r.subject, r.label, r.object): 1 for r in example.relations})
    return Counter(label for _, label, _ in stated) - Counter(s.label for s in found if s.right)


def fit(scored: Sequence[Scored], missed: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """Return the calibration of each label that was scored."""
    if not scored:
        return {}
    labels = sorted({s.label for s in scored})
    index = {label: number for number, label in enumerate(labels)}
    scores = np.array([s.score for s in scored])
    right = np.array([s.right for s in scored])
    of = np.array([index[s.label] for s in scored])
    slope, offsets = _fit_logistic(scores, right, of, len(labels))
    probability = _logistic(slope * scores + offsets[of])
    shared = _find_threshold(probability, right, sum(missed.values()))
    table = {}
    for label, number in index.items():
        own = of == number
        examples = int(right[own].sum())
        enough = examples >= _ENOUGH
        threshold = (
            _find_threshold(probability[own], right[own], missed.get(label, 0), prior=shared)
            if enough
            else shared
        )
        values = {"slope": slope, "offset": offsets[number], "threshold": threshold}
        table[label] = {name: round(float(value), 4) for name, value in values.items()}
        table[label]["examples"] = examples
    return table


def _logistic(x: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))))


def _fit_logistic(
    scores: FloatArray, right: npt.NDArray[np.bool_], of: npt.NDArray[np.int64], labels: int
) -> tuple[float, FloatArray]:
    """Return the slope and each label's offset, by Newton's method with halved steps."""
    # Slope, offset of all, what each label adds.
    weights = np.zeros(2 + labels)
    weights[0] = 1.0
    prior = np.concatenate(([1e-3, 1e-3], np.full(labels, _PRIOR)))

    def loss(w: FloatArray) -> float:
        x = w[0] * scores + w[1] + w[2 + of]
        return float(np.logaddexp(0, np.where(right, -x, x)).sum() + (prior * w * w).sum() / 2)

    for _ in range(100):
        p = _logistic(weights[0] * scores + weights[1] + weights[2 + of])
        wrong, spread = p - right, p * (1 - p)
        sums = np.concatenate(([wrong @ scores, wrong.sum()], np.bincount(of, wrong, labels)))
        gradient = sums + prior * weights
        step = np.linalg.solve(_hessian(scores, spread, of, labels) + np.diag(prior), gradient)
        size = 1.0
        while size > 1e-6 and loss(weights - size * step) > loss(weights):
            size /= 2
        weights = weights - size * step
        if np.abs(size * step).max() < 1e-6:
            break
    return float(weights[0]), weights[1] + weights[2:]


def _hessian(
    scores: FloatArray, spread: FloatArray, of: npt.NDArray[np.int64], labels: int
) -> FloatArray:
    """Return the second derivatives of the loss without its prior."""
    upper = np.zeros((2 + labels, 2 + labels))
    upper[0, 0], upper[0, 1], upper[1, 1] = spread @ scores**2, spread @ scores, spread.sum()
    upper[0, 2:] = np.bincount(of, spread * scores, labels)
    upper[1, 2:] = np.bincount(of, spread, labels)
    own = np.arange(2, 2 + labels)
    upper[own, own] = upper[1, 2:]
    return upper + np.triu(upper, 1).T


def _find_threshold(
    probability: FloatArray,
    right: npt.NDArray[np.bool_],
    missed: int,
    *,
    prior: float | None = None,
) -> float:
    """Return the threshold with the best F1; with a prior, the best within 0.15 of it."""
    grid = _GRID if prior is None else _GRID[np.abs(_GRID - prior) <= 0.15]
    total = int(right.sum()) + missed
    best, chosen = -1.0, 0.5
    for threshold in grid:
        kept = probability >= threshold
        found = int((right & kept).sum())
        f1 = 2 * found / max(1, int(kept.sum()) + total)
        if f1 > best:
            best, chosen = f1, float(threshold)
    return chosen
