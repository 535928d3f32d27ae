"""Links the mentions of a text into clusters.

Names find their antecedents by their form, with the model as the judge of forms that are
only alike; pronouns and noun phrases find theirs by the model alone, in the manner of
mention ranking (Lee et al. 2017, "End-to-end neural coreference resolution").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from kg.gazetteer import find_country
from kg.nlp.encoder.likeness import KINDS, Form, distance_bucket, form, likeness
from kg.nlp.encoder.phrases import find_phrase_class
from kg.nlp.encoder.placed import NOMINAL, PRONOUN, PlacedMention
from kg.nlp.encoder.weights import ModelFiles

__all__ = ["link_mentions"]

FloatArray = npt.NDArray[np.float32]

# How many mentions back the antecedent of a pronoun or noun phrase is looked for.
_REACH = 60
# How near, in mentions, and how surely of its class a name must be to be what "the
# company" means where the model finds nothing.
_NEAR, _SURELY = 6, 0.8
# The score from which the model is believed that two names alike mean the same, by
# likeness (see LIKENESSES); names that share nothing are never linked. Chosen on articles
# held back from training, see docs/model.md.
_LEAST = {1: -np.inf, 2: 0.0, 3: 0.0, 4: -2.0, 5: -4.0, 6: 1.0, 7: 1.0}
# Two names link only where this much of their types' probability is of one family.
_KINSHIP = 0.15
_FAMILIES = (
    ("Organization", "Company"),
    ("Person",),
    ("Place", "Country", "City"),
    ("Product",),
    ("Event",),
)


_PERSONS = (
    frozenset(("he", "him", "his", "himself")),
    frozenset(("she", "her", "hers", "herself")),
    frozenset(("it", "its", "itself")),
    frozenset(("they", "them", "their", "theirs")),
    frozenset(("i", "me", "my", "mine")),
    frozenset(("we", "us", "our", "ours")),
)


def link_mentions(
    files: ModelFiles,
    text: str,
    mentions: Sequence[PlacedMention],
    vectors: FloatArray,
    types: FloatArray,
    *,
    unnamed: bool = False,
) -> list[int]:
    """Return the cluster number of each mention, -1 for pronouns and phrases that have none.

    Values are clusters of their own. Clusters are numbered by their first mention. With
    `unnamed`, personal pronouns that mean nothing named are a cluster for each person.
    """
    parents = list(range(len(mentions)))
    chain = [n for n, m in enumerate(mentions) if not m.is_value]
    if chain:
        scorer = _Scorer(files, text, [mentions[n] for n in chain], vectors[chain], types[chain])
        for later, earlier in scorer.antecedents():
            parents[chain[later]] = parents[chain[earlier]]
    named = {parents[n] for n, m in enumerate(mentions) if m.named}
    if unnamed:
        _join_persons(parents, named, [text[m.start : m.end].casefold() for m in mentions])
    numbers: dict[int, int] = {}
    for root in parents:
        if root in named:
            numbers.setdefault(root, len(numbers))
    return [numbers.get(root, -1) for root in parents]


def _join_persons(parents: list[int], named: set[int], forms: Sequence[str]) -> None:
    """Make one cluster of the pronouns of a person that have no name, changing both."""
    first: dict[int, int] = {}
    for n, shape in enumerate(forms):
        person = next((p for p, own in enumerate(_PERSONS) if shape in own), None)
        if person is not None and parents[n] not in named - set(first.values()):
            parents[n] = first.setdefault(person, n)
    named.update(first.values())


class _Scorer:
    """Scores the earlier mentions of a text as antecedents of a later one."""

    def __init__(
        self,
        files: ModelFiles,
        text: str,
        mentions: Sequence[PlacedMention],
        vectors: FloatArray,
        types: FloatArray,
    ) -> None:
        heads = files.heads
        both = np.concatenate([vectors, types @ heads["kind.weight"].T], axis=1)
        self._later = both @ heads["coreference.later.weight"].T + heads["coreference.later.bias"]
        self._earlier = (
            both @ heads["coreference.earlier.weight"].T + heads["coreference.earlier.bias"]
        ) / self._later.shape[1] ** 0.5
        prior = both @ heads["coreference.prior.weight"][0]
        self._prior = prior + heads["coreference.prior.bias"][0]
        self._alike = heads["coreference.alike.weight"][:, 0]
        self._distance = heads["coreference.distance.weight"][:, 0]
        self._kinds = np.array([m.kind for m in mentions])
        self._forms = [form(text[m.start : m.end]) for m in mentions]
        self._families = types @ _family_table(files.types)

    def antecedents(self) -> list[tuple[int, int]]:
        """Return the mentions that have an antecedent, each with its best one, in order."""
        known = _KnownNames()
        links: list[tuple[int, int]] = []
        for i, shape in enumerate(self._forms):
            if self._kinds[i] == 0:
                antecedent = self._best_name(i, known.find(shape))
                known.add(shape, i)
            else:
                antecedent = self._best_mention(i)
            if antecedent is not None:
                links.append((i, antecedent))
        return links

    def _best_name(self, i: int, candidates: Mapping[int, int]) -> int | None:
        """Return the best of earlier names, given with their likeness: the same form first."""
        best: tuple[bool, float, int] | None = None
        for j, code in candidates.items():
            kin = float(self._families[i] @ self._families[j])
            score = float(self._score(i, np.array([j]), np.array([code]))[0])
            if kin > _KINSHIP and score > _LEAST[code]:
                found = (code == 1, score, j)
                best = found if best is None else max(best, found)
        return best[2] if best else None

    def _best_mention(self, i: int) -> int | None:
        """Return the earlier mention that the model likes best, None where it likes none."""
        candidates = np.arange(max(0, i - _REACH), i)
        family = _find_family(self._forms[i])
        if family is not None:
            candidates = candidates[self._families[candidates, family] > _KINSHIP]
        if not len(candidates):
            return None
        codes = np.array([likeness(self._forms[i], self._forms[j]) for j in candidates])
        scores = self._score(i, candidates, codes)
        best = int(scores.argmax())
        if scores[best] > 0:
            return int(candidates[best])
        if family is None or self._kinds[i] != 1:
            return None
        return self._nearest_name(i, family)

    def _nearest_name(self, i: int, family: int) -> int | None:
        """Return the last name before that is surely of a family and stands near."""
        for j in range(i - 1, max(-1, i - _NEAR - 1), -1):
            if self._kinds[j] == 0 and self._families[j, family] > _SURELY:
                return j
        return None

    def _score(
        self, i: int, candidates: npt.NDArray[np.int64], codes: npt.NDArray[np.int64]
    ) -> FloatArray:
        pairs = self._kinds[i] * KINDS + self._kinds[candidates]
        gaps = np.array([distance_bucket(i, int(j)) for j in candidates])
        scores = self._earlier[candidates] @ self._later[i] + self._prior[candidates]
        scores += self._alike[codes * KINDS * KINDS + pairs]
        return np.asarray(scores + self._distance[gaps * KINDS * KINDS + pairs])


class _KnownNames:
    """The names met so far, found again by what they have in common with a new one."""

    def __init__(self) -> None:
        self._latest: dict[str, tuple[Form, int]] = {}
        self._by_word: defaultdict[str, set[str]] = defaultdict(set)
        self._country: dict[str, str] = {}

    def add(self, shape: Form, number: int) -> None:
        """Remember a name as the latest of its form."""
        self._latest[shape.folded] = (shape, number)
        for word in (*shape.content, shape.initials, shape.acronym):
            self._by_word[word].add(shape.folded)
        if country := _country_key(shape):
            self._country[country] = shape.folded

    def find(self, shape: Form) -> dict[int, int]:
        """Return the latest mention of each name that is like a form, with the likeness."""
        words = (*shape.content, shape.initials, shape.acronym)
        alike = {folded for word in words if word for folded in self._by_word.get(word, ())}
        found = {}
        for folded in sorted(alike):
            earlier, number = self._latest[folded]
            code = 1 if shape.core == earlier.core else likeness(shape, earlier)
            if code:
                found[number] = code
        same = self._country.get(_country_key(shape))
        if same is not None:
            found[self._latest[same][1]] = 1
        return found


def _find_family(shape: Form) -> int | None:
    """Return the number of the family that a pronoun or noun phrase can only mean."""
    name = find_phrase_class(shape.words[-1]) if shape.words else ""
    return next((n for n, family in enumerate(_FAMILIES) if name in family), None)


def _country_key(shape: Form) -> str:
    """Return the code of the country that a form names, nothing where it names none."""
    country = find_country(shape.text)
    return country.code if country else ""


def _family_table(types: Sequence[str]) -> FloatArray:
    """Return a matrix that adds up the probabilities of types (rows) by family (columns).

    Classes of another ontology are families of their own.
    """
    listed = {name for family in _FAMILIES for name in family} | {NOMINAL, PRONOUN}
    families = [*_FAMILIES, *((name,) for name in types if name not in listed)]
    rows = [[name in family for family in families] for name in types]
    return np.array(rows, dtype=np.float32)
