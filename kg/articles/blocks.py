"""Cuts a text into blocks: lines, or paragraphs where lines are wrapped by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from kg.model import Span

__all__ = ["Block", "find_head", "find_tail", "split_blocks"]

# Beyond this many lines a text is a table or an attack: what follows is left unjudged.
_MAX_LINES = 100_000

# A text is wrapped by hand when no line is longer than this, and lines that go on in the
# next one fill at least this share of the longest.
_WRAP_WIDTH = 130
_WRAP_SHARE = 0.6

# Words in the longest headline.
_HEADLINE_WORDS = 25

_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_WORD = re.compile(r"\w[\w'\u2019.&-]*")
_SENTENCE_END = re.compile(r"[.!?…][\"'”\u2019)\]»]*$")
_SENTENCE_INSIDE = re.compile(r"[a-z]{2}[.!?][\"'”\u2019)\]]*\s+(?!\d)")
_BULLET = re.compile(r"(?:[-*•\u2013—·▪►]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Block:
    """A line, or the lines of one paragraph, without the white space around it.

    `start` and `end` are half-open offsets into the text; `gap` says whether a blank
    line stands before it, `words` counts its words and numbers, `closed` says whether it
    ends as a sentence does, `prose` whether it holds one, as far as its shape tells.
    """

    start: int
    end: int
    text: str
    gap: bool
    words: int
    closed: bool
    prose: bool

    @property
    def span(self) -> Span:
        """The place of the block in the text."""
        return Span(self.start, self.end)

    @property
    def bulleted(self) -> bool:
        """Whether the block is an item of a list."""
        return bool(_BULLET.match(self.text))


def _make_block(start: int, text: str, *, gap: bool) -> Block:
    """Return a block, its shape judged.

    Prose holds the end of a sentence and has five words, or has twelve of which a third
    begin in lower case: lists of tags and headlines in title case do not.
    """
    words = _WORD.findall(text)
    lower = sum(word[0].islower() for word in words)
    closed = bool(_SENTENCE_END.search(text))
    ended = closed or bool(_SENTENCE_INSIDE.search(text))
    prose = len(words) >= 5 if ended else len(words) >= 12 and lower * 3 >= len(words)
    return Block(start, start + len(text), text, gap, len(words), closed, prose)


def split_blocks(text: str) -> list[Block]:
    """Return the blocks of a text in order; blank lines are none."""
    lines = list(islice(_split_lines(text), _MAX_LINES))
    longest = max((len(line.text) for line in lines), default=0)
    if longest > _WRAP_WIDTH:
        return lines
    full = longest * _WRAP_SHARE
    if sum(len(line.text) >= full for line in lines) * 2 < len(lines):
        return lines
    return _join_wrapped(text, lines, full)


def _split_lines(text: str) -> list[Block]:
    lines: list[Block] = []
    last = 0
    for match in _LINE.finditer(text):
        content = match.group()
        stripped = content.strip()
        if not stripped:
            continue
        start = match.start() + len(content) - len(content.lstrip())
        between = text[last:start]
        breaks = max(between.count("\n"), between.count("\r"))
        last = start + len(stripped)
        lines.append(_make_block(start, stripped, gap=breaks > 1))
    return lines


def _join_wrapped(text: str, lines: list[Block], full: float) -> list[Block]:
    joined: list[Block] = []
    for line, before in zip(lines, [None, *lines], strict=False):
        goes_on = before and not line.gap and len(before.text) >= full and not line.bulleted
        if goes_on:
            first = joined[-1]
            joined[-1] = _make_block(first.start, text[first.start : line.end], gap=first.gap)
        else:
            joined.append(line)
    return joined


def find_head(blocks: list[Block]) -> int:
    """Return the number of blocks before the first paragraph of the article.

    A sentence alone between fragments is a standfirst and belongs to the head, as does a
    headline that reads like one: the first paragraph has 25 words, or is followed by another.
    """
    for number, block in enumerate(blocks):
        if not block.prose or (number == 0 and _opens_article(blocks)):
            continue
        followed = number + 1 < len(blocks) and blocks[number + 1].prose
        if followed or block.words >= 25:
            return number
    return next((n for n, block in enumerate(blocks) if block.prose), len(blocks))


def _opens_article(blocks: list[Block]) -> bool:
    """Say whether the first block stands apart and ends as a headline does."""
    first, *rest = blocks
    apart = not rest or rest[0].gap
    ends = first.text[-1] in "?!" or not (first.closed or first.text[-1] in ",;:")
    return apart and ends and first.words <= _HEADLINE_WORDS


def find_tail(blocks: list[Block]) -> int:
    """Return the number of the first block after the last paragraph of the article."""
    return next((n + 1 for n in reversed(range(len(blocks))) if blocks[n].prose), len(blocks))
