"""The trained model: texts in, readings out. Needs ONNX Runtime, no PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from threadpoolctl import ThreadpoolController

from kg.nlp.encoder.coreference import link_mentions
from kg.nlp.encoder.phrases import find_phrases
from kg.nlp.encoder.pieces import ARTICLE, REFERENCE, Pieces, cut
from kg.nlp.encoder.placed import (
    PlacedMention,
    deciding_window,
    found_mentions,
    given_mentions,
    mention_types,
    mention_vectors,
)
from kg.nlp.encoder.reading import GivenMention, Reading, ReadMention, ReadRelation, Sentences
from kg.nlp.encoder.relations import score_relations
from kg.nlp.encoder.weights import Calibration, ModelFiles, open_files
from kg.nlp.encoder.windows import Window, encode_windows

__all__ = ["SHIPPED", "Model", "load_model"]

SHIPPED = Path(__file__).parent.parent / "model"
"""The folder of the model in the package."""

# Relations less probable than this are not worth a place in a quarantine.
_LEAST = 0.05


def load_model(path: Path | None = None, *, threads: int = 0) -> Model:
    """Return the model in a folder, the shipped one unless `path` names another.

    `threads` bounds the threads of ONNX Runtime; zero leaves the number to it. Raises
    ModelError when the model is missing, damaged or of another version.
    """
    return Model(open_files(path or SHIPPED, threads=threads))


class Model:
    """Reads mentions, coreference and relations; safe to use from several threads."""

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        # numpy's own threads would wait for one another while ONNX Runtime's do the work.
        self._threads = ThreadpoolController()

    @property
    def types(self) -> tuple[str, ...]:
        """The mention types, values, `Nominal` and `Pronoun` among them."""
        return self._files.types

    @property
    def labels(self) -> tuple[str, ...]:
        """The relation labels of the ontology."""
        return self._files.ontology

    @property
    def calibration(self) -> Mapping[str, Calibration]:
        """The calibration and the threshold of each label."""
        return self._files.calibration

    @property
    def threads(self) -> int:
        """How many threads the model computes in."""
        return self._files.threads

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits that change whenever a file of the model does."""
        return self._files.checksum[:12]

    def threshold(self, label: str, *, reference: bool = False) -> float:
        """Return the probability from which a relation of a label counts as read.

        `reference` asks for texts that were read as `benchmark`.
        """
        return self._files.calibrate(label, reference=reference).threshold

    def read(
        self,
        texts: Sequence[str],
        *,
        extra_mentions: Sequence[Sequence[tuple[int, int, str]]] | None = None,
        sentences: Sequence[Sentences] | None = None,
        benchmark: bool = False,
        unnamed: bool = False,
        least: float = _LEAST,
    ) -> list[Reading]:
        """Return one reading for each text.

        `extra_mentions` are spans with their type that rules found, such as values; they
        win over the model's own where the two overlap. `sentences` are the spans, in
        order, among which the focus of a relation is chosen. `benchmark` reads in the style
        of reference works, and scores the labels of the benchmarks too; relations below the
        probability `least` are left out. With `unnamed`, "he" is a cluster too where the
        text does not name him.
        """
        extras = extra_mentions or [()] * len(texts)
        bounds = sentences or [()] * len(texts)
        phrases = [find_phrases(text) for text in texts]

        def relate(number: int, pieces: Pieces, own: Sequence[Window]) -> Reading:
            mentions = found_mentions(self._files, pieces, own, extras[number], phrases[number])
            clusters = self._link(texts[number], own, mentions, unnamed=unnamed)
            relations = score_relations(
                self._files, pieces, own, mentions, clusters,
                sentences=bounds[number], benchmark=benchmark, least=least,
            )  # fmt: skip
            return _reading(mentions, clusters, relations)

        known = [
            [item[:2] for item in (*extra, *own)]
            for extra, own in zip(extras, phrases, strict=True)
        ]
        return self._read_all(texts, known, relate, reference=benchmark)

    def read_given(
        self,
        texts: Sequence[str],
        given: Sequence[Sequence[GivenMention]],
        *,
        sentences: Sequence[Sentences] | None = None,
        benchmark: bool = True,
        least: float = _LEAST,
    ) -> list[Reading]:
        """Return the relations between the clusters that the caller gives.

        The clusters of a reading have the numbers that were given.
        """
        bounds = sentences or [()] * len(texts)

        def relate(number: int, pieces: Pieces, own: Sequence[Window]) -> Reading:
            mentions, clusters = given_mentions(pieces, given[number])
            relations = score_relations(
                self._files, pieces, own, mentions, clusters,
                sentences=bounds[number], benchmark=benchmark, least=least,
            )  # fmt: skip
            return _reading(mentions, clusters, relations)

        known = [[(m.start, m.end) for m in own] for own in given]
        return self._read_all(texts, known, relate, reference=benchmark)

    def _read_all(
        self,
        texts: Sequence[str],
        known: Sequence[Sequence[tuple[int, int]]],
        relate: Callable[[int, Pieces, Sequence[Window]], Reading],
        *,
        reference: bool,
    ) -> list[Reading]:
        """Return what `relate` makes of the encoded windows of each text.

        `known` are spans at which mentions begin whatever the model says.
        """
        cuts = [cut(text, self._files.tokenizer) for text in texts]
        begins = [_begins(p, spans) for p, spans in zip(cuts, known, strict=True)]
        style = REFERENCE if reference else ARTICLE
        with (
            self._threads.limit(limits=1, user_api="blas"),
            ThreadPoolExecutor(self._files.threads) as pool,
        ):
            windows = encode_windows(self._files, cuts, begins, style=style, pool=pool)
            return list(pool.map(relate, range(len(texts)), cuts, windows))

    def _link(
        self,
        text: str,
        windows: Sequence[Window],
        mentions: Sequence[PlacedMention],
        *,
        unnamed: bool,
    ) -> list[int]:
        """Return the cluster of each mention."""
        if not mentions:
            return []
        vectors, types = [], []
        for window in windows:
            own = [m for m in mentions if deciding_window(windows, m.first) is window]
            if own:
                vectors.append(mention_vectors(self._files, window, own))
                types.append(mention_types(self._files, window, own))
        return link_mentions(
            self._files,
            text,
            mentions,
            np.concatenate(vectors),
            np.concatenate(types),
            unnamed=unnamed,
        )


def _begins(pieces: Pieces, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return the pieces at which the spans begin."""
    covered = (pieces.covering(start, end) for start, end in spans)
    return [c[0] for c in covered if c]


def _reading(
    mentions: Sequence[PlacedMention],
    clusters: Sequence[int],
    relations: tuple[ReadRelation, ...],
) -> Reading:
    """Return the reading that mentions, their clusters and relations make."""
    members: list[list[int]] = [[] for _ in range(max(clusters, default=-1) + 1)]
    for number, cluster in enumerate(clusters):
        if cluster >= 0:
            members[cluster].append(number)
    return Reading(
        mentions=tuple(
            ReadMention(m.start, m.end, m.type, m.confidence, m.named, cluster)
            for m, cluster in zip(mentions, clusters, strict=True)
        ),
        clusters=tuple(map(tuple, members)),
        relations=relations,
    )
