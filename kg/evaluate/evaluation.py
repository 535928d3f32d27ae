"""Finds out what form gold has, and scores what ships with the package on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from kg.errors import UnreadableSource, UsageError
from kg.evaluate.articles import evaluate_articles
from kg.evaluate.gold import read_gold
from kg.evaluate.report import Options, Report
from kg.ontology import load_ontology

__all__ = ["FORMS", "evaluate", "guess_form"]

FORMS = ("articles", "redocred", "redocred-given", "knowledgenet", "core", "fire", "tekgen")
"""The forms of gold: our own, then those of the benchmarks."""

_SENTENCES = ("core", "fire", "tekgen")


def guess_form(path: Path) -> str:
    """Return the form that the folder of the gold is named after, else our own."""
    folder = path.absolute() if path.is_dir() else path.absolute().parent
    return folder.name if folder.name in FORMS else FORMS[0]


def evaluate(path: Path, *, form: str = "", options: Options | None = None) -> Report:
    """Return the scores of what ships with the package on one set of gold.

    Our own form is scored by the pipeline, from raw text to facts; a benchmark by the
    model, in the labels of the benchmark. `form` is guessed where it is empty. Raises
    UsageError for a form that there is not, SourceError where the gold cannot be read.
    """
    form, options = form or guess_form(path), options or Options()
    if form not in FORMS:
        raise UsageError(f"there is no form {form!r}: choose from {', '.join(FORMS)}")
    if not path.exists():
        raise UnreadableSource(str(path), "there is no such file or folder")
    score = _score_articles if form == FORMS[0] else partial(_score_benchmark, form=form)
    parts = path.absolute().parts
    return replace(score(path, options), gold="/".join(parts[-1:] if path.is_dir() else parts[-2:]))


def _score_articles(path: Path, options: Options) -> Report:
    from kg import nlp

    ontology = options.ontology or load_ontology()
    gold = read_gold(path, split=options.split)[: options.limit]
    report = evaluate_articles(
        gold,
        extract=partial(
            nlp.extract,
            ontology=ontology,
            min_confidence=options.min_confidence,
            model=options.model,
        ),
        ontology=ontology,
        seed=options.seed,
    )
    return replace(report, checksum=_digest(article.checksum for article in gold))


def _score_benchmark(path: Path, options: Options, *, form: str) -> Report:
    from kg.evaluate.knowledgenet import evaluate_knowledgenet
    from kg.evaluate.redocred import evaluate_redocred
    from kg.evaluate.sentences import evaluate_sentences
    from kg.nlp.encoder import load_model

    model = load_model(options.model)
    if form in _SENTENCES:
        folder = path if path.is_dir() else path.parent
        report = evaluate_sentences(folder, model, form=form, options=options)
    elif form == "knowledgenet":
        report = evaluate_knowledgenet(path, model, options=options)
    else:
        report = evaluate_redocred(path, model, given=form != "redocred", options=options)
    files = sorted(f for f in path.rglob("*") if f.is_file()) if path.is_dir() else [path]
    contents = (hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    return replace(report, checksum=_digest([*contents, str(options.limit)]))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
