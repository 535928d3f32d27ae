"""Finds who is said to say what: "X said ...", "... , said X of Y", "according to Z, ...".

A clause of speech is where a text names a speaker; what is said lies after it, before it, or on
both sides. The words that make such clauses are data (`speech.json`). A sentence inside
quotation marks belongs to the speaker of the quotation, however long that is.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.model import Literal
from kg.nlp.collapse import CollapsedDoc
from kg.ontology import Ontology

__all__ = ["SPEECH", "Clause", "Words", "find_clauses"]

SPEECH = Path(__file__).parent / "speech.json"

_QUOTES = frozenset('"\u201c\u201d\u201e')
_ENDS = frozenset(".!?\u2026")
# A description of a speaker ("people close to the talks") is told in at most so many words.
_MOST = 8


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of speech, in tokens of the collapsed Doc; all ranges are half-open.

    `speaker` are the words that name who speaks, `start` and `end` the whole clause with what
    describes the speaker; `said` are the ranges of what is said.
    """

    speaker: tuple[int, int]
    start: int
    end: int
    said: tuple[tuple[int, int], ...]

    def covers(self, tokens: Sequence[int]) -> bool:
        """Say whether a statement between some tokens is what is said.

        One side of it may be the speaker, as in "Orvane said it had bought Quillon".
        """
        inside = [any(first <= t < last for first, last in self.said) for t in tokens]
        beside = [self.start <= t < self.end for t in tokens]
        return any(inside) and all(i or b for i, b in zip(inside, beside, strict=True))

    @property
    def length(self) -> int:
        """How many tokens are said: of two clauses that cover one statement the shorter counts."""
        return sum(last - first for first, last in self.said)


@cache
def _lists() -> dict[str, frozenset[str]]:
    table = json.loads(SPEECH.read_text(encoding="utf-8"))
    return {name: frozenset(words) for name, words in table.items()}


@dataclass(frozen=True, slots=True)
class Words:
    """The tokens of one sentence of a collapsed Doc, by what the words are to a speaker."""

    collapsed: CollapsedDoc
    ontology: Ontology
    first: int
    last: int

    def lower(self, token: int) -> str:
        """Return a word in lower case; nothing outside of the sentence and for names."""
        if not self.first <= token < self.last or self.collapsed.arguments[token] is not None:
            return ""
        return self.collapsed.words[token]

    def among(self, token: int, name: str) -> bool:
        """Say whether a word is in a list of the data file."""
        return self.lower(token) in _lists()[name]

    def is_name(self, token: int) -> bool:
        """Say whether a token stands for a cluster or a value."""
        return self.first <= token < self.last and self.collapsed.arguments[token] is not None

    def can_speak(self, token: int) -> bool:
        """Say whether a token stands for a cluster of a class that speaks."""
        if not self.is_name(token) or isinstance(self.collapsed.arguments[token], Literal):
            return False
        type_ = self.collapsed.doc[token].ent_type_
        kinds = _lists()["kinds"]
        known = type_ in self.ontology.classes
        return known and any(self.ontology.is_a(type_, kind) for kind in kinds)

    def is_quote(self, token: int) -> bool:
        """Say whether a token is a quotation mark."""
        return self.lower(token) in _QUOTES

    def is_boundary(self, token: int) -> bool:
        """Say whether a token parts clauses, or lies outside of the sentence."""
        return not self.first <= token < self.last or self.lower(token) in {",", ";", ":"} | (
            _QUOTES | _ENDS
        )

    def find_boundary(self, token: int) -> int:
        """Return the first token from here on that parts clauses."""
        while not self.is_boundary(token):
            token += 1
        return token


def find_clauses(words: Words) -> Iterator[Clause]:
    """Yield the clauses of speech in a sentence, in order."""
    found: list[Clause] = []
    for token in range(words.first, words.last):
        clause = (
            _read_verb(words, token, found)
            or _read_phrase(words, token)
            or _read_claim(words, token)
        )
        if clause is not None:
            found.append(clause)
    if words.lower(words.first + 1) == ":" and words.can_speak(words.first):
        start = words.first + 2
        found.append(
            Clause((words.first, words.first + 1), words.first, start, _after(words, start))
        )
    yield from found


def _read_verb(words: Words, verb: int, before: Sequence[Clause]) -> Clause | None:
    """Return the clause of a verb of speech."""
    if words.among(verb, "participles"):
        speaker = _inherit(words, verb, before) if words.lower(verb - 1) in {",", "and"} else None
        return _make(words, speaker, verb, verb, _skip_listener(words, verb)) if speaker else None
    # One adds a word to what was said, and a master's degree to another.
    has_object = words.among(verb, "light verbs") and words.among(verb + 1, "articles")
    if has_object or not (words.among(verb, "verbs") or words.among(verb, "plural verbs")):
        return None
    inverted = _read_inverted(words, verb)
    if inverted is not None:
        return inverted
    subject = _find_subject(words, verb, before)
    if subject is None:
        return None
    (first, last), start = subject
    for verbs, nouns in (("document verbs", "voices"), ("plural verbs", "people")):
        if words.among(verb, verbs) and not any(words.among(t, nouns) for t in range(start, verb)):
            return None
    return _make(words, (first, last), start, verb, _skip_listener(words, verb))


def _make(words: Words, speaker: tuple[int, int], start: int, verb: int, end: int) -> Clause:
    """Return a clause, its sides judged by what stands around it."""
    closes = words.is_quote(start - 1)
    parted = closes or words.lower(start - 1) == ","
    stop = words.find_boundary(end)
    rest = range(end, stop)
    trails = not rest or words.among(end, "circumstances") or _is_time(words, end)
    complete = any(words.lower(t) == "that" for t in range(end, words.last))
    if parted and start > words.first and trails and (closes or not complete):
        said = [(words.first, start)]
        if stop + 1 < words.last:
            said.append((stop, words.last))
        return Clause(speaker, start, stop, tuple(said))
    is_aside = any(words.among(t, "subordinators") for t in (start - 1, start))
    content = ((end, stop),) if is_aside else _after(words, end)
    return Clause(speaker, start, end if start < verb else verb + 1, content)


def _is_time(words: Words, token: int) -> bool:
    return words.is_name(token) and isinstance(words.collapsed.arguments[token], Literal)


def _after(words: Words, start: int) -> tuple[tuple[int, int], ...]:
    """Return what is said from a token on, up to a break."""
    last = next((t for t in range(start, words.last) if _breaks(words, t)), words.last)
    return ((start, last),)


def _breaks(words: Words, token: int) -> bool:
    if not words.among(token, "breaks"):
        return False
    return words.lower(token) == ";" or words.lower(token - 1) == ","


def _skip_listener(words: Words, verb: int) -> int:
    """Return the token behind a verb and whom it is told to."""
    after = verb + 1
    if not words.among(verb, "telling"):
        return after
    if words.can_speak(after):
        return after + 1
    for token in range(after, min(after + 4, words.last)):
        if words.among(token, "listeners"):
            return token + 1
    return after


def _read_inverted(words: Words, verb: int) -> Clause | None:
    """Return the clause of a verb before its subject: "..., said Noor Haddad of Orvane"."""
    if words.among(verb, "telling") or not (
        words.is_quote(verb - 1) or words.lower(verb - 1) == ","
    ):
        return None
    leads_on = words.among(verb + 1, "circumstances") or words.among(verb + 1, "prepositions")
    named = None if leads_on else _read_name(words, verb + 1)
    if named is None:
        return None
    speaker, end = named
    follows = words.is_boundary(end) or words.among(end, "relatives")
    if not (follows or words.among(end, "circumstances") or words.among(end, "ties")):
        return None
    # A description of the speaker runs to the end, unless what was said goes on.
    goes_on = next((t for t in range(end, words.last) if words.is_quote(t)), words.last)
    said = [(words.first, verb)]
    if goes_on < words.last:
        said.append((goes_on, words.last))
    return Clause(speaker, verb, goes_on, tuple(said))


def _read_name(words: Words, token: int) -> tuple[tuple[int, int], int] | None:
    """Return the speaker whose name or description begins at a token, and where it ends."""
    start = token
    while words.among(token, "determiners") and not words.can_speak(token):
        token += 1
    stop = min(words.find_boundary(token), token + _MOST)
    for here in range(token, stop):
        if words.can_speak(here):
            return _own(words, here, stop)
        if words.among(here, "voices"):
            if words.among(here + 1, "ties") and words.can_speak(here + 2):
                return (here + 2, here + 3), here + 3
            return (start, here + 1), here + 1
        if words.among(here, "people"):
            return (start, stop), stop
        if any(words.among(here, name) for name in ("verbs", "pronouns", "auxiliaries")):
            break
    if words.among(start, "pronouns"):
        return (start, start + 1), start + 1
    return None


def _own(words: Words, name: int, stop: int) -> tuple[tuple[int, int], int]:
    """Return a name that stands for its owner's voice: "Orvane 's latest report"."""
    voice = next((t for t in range(name + 1, stop) if words.among(t, "voices")), None)
    possessive = words.lower(name + 1) in {"'s", "\u2019s", "'", "\u2019"}
    if voice is not None and (possessive or voice == name + 1):
        return (name, name + 1), voice + 1
    if possessive:
        return (name, stop), stop
    return (name, name + 1), name + 1


def _find_subject(
    words: Words, verb: int, before: Sequence[Clause]
) -> tuple[tuple[int, int], int] | None:
    """Return the speaker before a verb of speech, and where the clause begins."""
    token = verb - 1
    while words.among(token, "skipped") or words.lower(token).endswith("ly"):
        token -= 1
    if words.can_speak(token):
        return _describe_owner(words, token)
    if words.among(token, "voices") or words.among(token, "people"):
        return _describe(words, token)
    if words.lower(token) == ",":
        return _find_described(words, token)
    if words.among(token, "relatives"):
        name = token - 1 - (words.lower(token - 1) == ",")
        return ((name, name + 1), name) if words.can_speak(name) else None
    speaker = None
    if words.among(token, "joints") or words.among(token, "pronouns"):
        speaker = _inherit(words, token, before)
    if speaker is None and words.among(token, "pronouns"):
        speaker = token, token + 1
    return (speaker, token) if speaker else None


def _describe_owner(words: Words, name: int) -> tuple[tuple[int, int], int] | None:
    """Return the name before a verb, unless it only tells whose lawyer or analyst speaks."""
    if words.collapsed.doc[name].lower_ in _lists()["determiners"]:
        return None
    if not words.among(name - 1, "ties"):
        return (name, name + 1), _find_title(words, name)
    noun = name - 2
    if words.can_speak(noun):
        return (noun, noun + 1), _find_title(words, noun)
    start = noun
    while start > words.first and not words.is_boundary(start - 1) and noun - start < 4:
        start -= 1
    if words.among(noun, "voices"):
        return (name, name + 1), start
    # "The founder of Orvane" is somebody, but not Orvane.
    return ((start, name + 1), start) if words.lower(noun).isalpha() else ((name, name + 1), name)


def _find_title(words: Words, name: int) -> int:
    """Return where the words before a name begin that describe it: "mayor Tove Brandal"."""
    start = name
    while name - start < _MOST and not words.is_boundary(start - 1):
        if words.is_name(start - 1) or words.among(start - 1, "joints"):
            return name
        start -= 1
    return start


def _describe(words: Words, noun: int) -> tuple[tuple[int, int], int]:
    """Return the speaker that a noun before a verb stands for: its owner, or the words."""
    start = noun
    while not words.is_boundary(start - 1) and noun - start < _MOST:
        start -= 1
        if words.can_speak(start) and words.among(noun, "voices"):
            return (start, start + 1), start
        if words.among(start, "determiners") and not words.among(start - 1, "prepositions"):
            break
    return (start, noun + 1), start


def _find_described(words: Words, comma: int) -> tuple[tuple[int, int], int] | None:
    """Return the name before a description between commas, the nearest one that fits.

    The description may come first, too: "the mayor, Tove Brandal, said".
    """
    if words.can_speak(comma - 1) and words.lower(comma - 2) == ",":
        start = comma - 2
        while not words.is_boundary(start - 1):
            start -= 1
        return (comma - 1, comma), start
    for token in range(comma - 1, words.first, -1):
        if words.among(token, "verbs") or words.is_quote(token):
            return None
        if words.lower(token) != "," or not words.can_speak(token - 1):
            continue
        opens = words.lower(token + 1).partition("-")[0]
        is_age = opens.isdigit() or _is_time(words, token + 1)
        if opens in _lists()["appositions"] or is_age:
            return (token - 1, token), token - 1
    return None


def _inherit(words: Words, token: int, before: Sequence[Clause]) -> tuple[int, int] | None:
    """Return who spoke before in a sentence, or else whom it begins with."""
    if before:
        return before[-1].speaker
    subject = next((t for t in range(words.first, token) if words.is_name(t)), None)
    if subject is None or not words.can_speak(subject) or words.among(token, "pronouns"):
        return None
    return (subject, subject + 1) if subject - words.first < 3 else None


def _read_phrase(words: Words, token: int) -> Clause | None:
    """Return the clause of a phrase such as "according to"."""
    for parts in _phrases().get(words.lower(token), ()):
        if all(words.lower(token + n) == part for n, part in enumerate(parts)):
            return _attribute(words, token, token + len(parts))
    return None


@cache
def _phrases() -> Mapping[str, Sequence[Sequence[str]]]:
    """Return the phrases that name a source, word by word, by their first word."""
    found: defaultdict[str, list[list[str]]] = defaultdict(list)
    for phrase in sorted(_lists()["phrases"]):
        found[phrase.split()[0]].append(phrase.split())
    return found


def _attribute(words: Words, start: int, token: int) -> Clause:
    """Return the clause of a phrase that begins at `start` and names its source at `token`."""
    named = _read_name(words, token)
    stop = words.find_boundary(token)
    speaker, end = named or ((token, min(stop, token + _MOST)), stop)
    if words.among(end, "ties"):
        end = words.find_boundary(end)
    described = words.lower(end + 1).partition("-")[0] in _lists()["appositions"]
    if words.lower(end) == "," and described and start == words.first:
        nearer = words.find_boundary(end + 1)
        if words.lower(nearer) == "," and _is_role(words, end + 1, nearer):
            end = nearer
    if start == words.first or words.lower(start - 1) in {"and", "but", "that"}:
        return Clause(speaker, start, end, _after(words, end))
    said = [(words.first, start)]
    if words.lower(start - 1) == "," and words.lower(end) == ",":
        said.append((end, words.last))
    return Clause(speaker, start, words.last if len(said) == 1 else end, tuple(said))


def _is_role(words: Words, first: int, last: int) -> bool:
    """Say whether words between commas describe somebody by a role."""
    roles = _lists()["appositions"] - _lists()["determiners"]
    return any(words.lower(t).partition("-")[0] in roles for t in range(first, last))


def _read_claim(words: Words, token: int) -> Clause | None:
    """Return the clause of a noun: "a claim by Orvane that ...", "Orvane's claim that ..."."""
    if not words.among(token, "claims"):
        return None
    if words.among(token + 1, "ties") and words.can_speak(token + 2):
        if words.lower(token + 3) == "that":
            return Clause((token + 2, token + 3), token, token + 4, _after(words, token + 4))
    elif words.lower(token + 1) == "that" and words.can_speak(token - 2):
        return Clause((token - 2, token - 1), token - 2, token + 2, _after(words, token + 2))
    return None
