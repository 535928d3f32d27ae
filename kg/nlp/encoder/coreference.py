"""Links the mentions of a text into clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kg.nlp.encoder.likeness import KINDS, Form, distance_bucket, form, likeness
from kg.nlp.encoder.placed import PlacedMention
from kg.nlp.encoder.weights import ModelFiles

__all__ = ["link_mentions"]

FloatArray = npt.NDArray[np.float32]

# How many mentions back an antecedent is looked for; a name is also looked for by its form.
_REACH = 60


def link_mentions(
    files: ModelFiles,
    text: str,
    mentions: Sequence[PlacedMention],
    vectors: FloatArray,
    types: FloatArray,
) -> list[int]:
    """Return the cluster number of each mention, -1 for pronouns and phrases that have none.

    Values are clusters of their own. Clusters are numbered by their first mention.
    """
    parents = list(range(len(mentions)))
    chain = [n for n, m in enumerate(mentions) if not m.is_value]
    if chain:
        for later, earlier in _antecedents(files, text, mentions, chain, vectors, types):
            parents[later] = parents[earlier]
    named = {parents[n] for n, m in enumerate(mentions) if m.named}
    numbers: dict[int, int] = {}
    for root in parents:
        if root in named:
            numbers.setdefault(root, len(numbers))
    return [numbers.get(root, -1) for root in parents]


def _antecedents(
    files: ModelFiles,
    text: str,
    mentions: Sequence[PlacedMention],
    chain: Sequence[int],
    vectors: FloatArray,
    types: FloatArray,
) -> list[tuple[int, int]]:
    """Return the mentions that have an antecedent, each with its best one, in order."""
    heads = files.heads
    both = np.concatenate([vectors[chain], types[chain] @ heads["kind.weight"].T], axis=1)
    later = both @ heads["coreference.later.weight"].T + heads["coreference.later.bias"]
    earlier = both @ heads["coreference.earlier.weight"].T + heads["coreference.earlier.bias"]
    prior = both @ heads["coreference.prior.weight"][0] + heads["coreference.prior.bias"][0]
    alike = heads["coreference.alike.weight"][:, 0]
    distance = heads["coreference.distance.weight"][:, 0]
    forms = [form(text[mentions[n].start : mentions[n].end]) for n in chain]
    kinds = np.array([mentions[n].kind for n in chain])
    known: dict[tuple[str, str], int] = {}
    latest: dict[str, int] = {}
    links: list[tuple[int, int]] = []
    for i in range(len(chain)):
        candidates = list(range(max(0, i - _REACH), i))
        far = latest.get(forms[i].folded, i)
        if far < i - _REACH:
            candidates.insert(0, far)
        if kinds[i] == 0:
            latest[forms[i].folded] = i
        if not candidates:
            continue
        pairs = kinds[i] * KINDS + kinds[candidates]
        codes = np.array([_likeness(known, forms[i], forms[j]) for j in candidates])
        gaps = np.array([distance_bucket(i, j) for j in candidates])
        scores = earlier[candidates] @ later[i] / later.shape[1] ** 0.5 + prior[candidates]
        scores = scores + alike[codes * KINDS * KINDS + pairs]
        scores = scores + distance[gaps * KINDS * KINDS + pairs]
        best = int(scores.argmax())
        if scores[best] > 0:
            links.append((chain[i], chain[candidates[best]]))
    return links


def _likeness(known: dict[tuple[str, str], int], later: Form, earlier: Form) -> int:
    """Return the likeness of two forms, remembered."""
    key = (later.text, earlier.text)
    if key not in known:
        known[key] = likeness(later, earlier)
    return known[key]
