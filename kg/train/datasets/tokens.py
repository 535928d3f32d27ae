"""Joins tokens into running text and keeps track of where each one went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

__all__ = ["TokenText"]

_NO_SPACE_BEFORE = frozenset(
    ", . ; : ! ? ) ] } % 's 'S 're 've 'll 'd 'm 't n't \u2019s n\u2019t ...".split()
)
_NO_SPACE_AFTER = frozenset("( [ { $ £ € # US$ A$ C$ HK$".split())
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "``": '"', "''": '"'}


class TokenText:
    """A text that grows by tokens; `spans` holds the offsets of each token, half-open.

    Spaces are put where English has them. A token of nothing but white space gets an
    empty span.
    """

    def __init__(self) -> None:
        self.spans: list[tuple[int, int]] = []
        self._parts: list[str] = []
        self._length = 0

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._parts)

    def add(self, tokens: Iterable[str], *, before: str = " ") -> tuple[int, int]:
        """Append a sentence and return its span; `before` parts it from the one before."""
        cleaned = [_BRACKETS.get(token, token).strip() for token in tokens]
        glue = before if self._length else ""
        first: int | None = None
        for token, space in zip(cleaned, _spaces(cleaned), strict=True):
            if token:
                self._append(glue if first is None else " " * space)
                first = self._length if first is None else first
            start = self._length
            self._append(token)
            self.spans.append((start, self._length))
        return (self._length if first is None else first), self._length

    def span(self, first: int, last: int) -> tuple[int, int] | None:
        """Return the span of the tokens from `first` up to, not including, `last`.

        `None` where there is no text in it.
        """
        filled = [span for span in self.spans[first:last] if span[0] < span[1]]
        return (filled[0][0], filled[-1][1]) if filled else None

    def _append(self, piece: str) -> None:
        self._parts.append(piece)
        self._length += len(piece)


def _spaces(tokens: Sequence[str]) -> Iterator[bool]:
    """Yield for each token whether a space stands before it."""
    quoting: set[str] = set()
    glued = False
    before = ""
    for index, word in enumerate(tokens):
        after = tokens[index + 1] if index + 1 < len(tokens) else ""
        space = not glued and word not in _NO_SPACE_BEFORE
        glued = word in _NO_SPACE_AFTER
        if word in {'"', "'"}:
            possessive = word == "'" and word not in quoting and before.endswith("s")
            closing = possessive or word in quoting
            space = space and not closing
            glued = not closing
            if not possessive:
                quoting ^= {word}
        elif word in {"-", "/"} and before[-1:].isalnum() and after[:1].isalnum():
            space, glued = False, True
        yield space
        before = word or before
