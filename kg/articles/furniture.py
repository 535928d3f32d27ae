"""Marks what belongs to the page and not to the article.

Text saved from a web page carries share buttons, tag lines, bylines, captions, boxes
with other articles. They are told by general signs: set phrases (`furniture.json`), the
shape of a line, its place before the first or after the last paragraph, and repetition.
What holds a sentence is kept unless a set phrase opens it, and so is the title.
"""

from __future__ import annotations

import re
from collections import Counter

from kg.articles.blocks import Block, find_head, find_tail
from kg.articles.dates import find_date, strip_dates
from kg.articles.metadata import Head
from kg.articles.phrases import Phrases, load_phrases
from kg.model import Span
from kg.vocab import fold

__all__ = ["find_furniture"]

# Words in a line that is a fragment by its shape: in the head and after the text.
_HEAD_WORDS = 5
_TAIL_WORDS = 11

# Words in a teaser for another article; a longer paragraph goes on with this one.
_TEASER_WORDS = 30

# What parts the words is in none of them, or a row of underscores would be tried in all ways.
_SLUG = re.compile(r"(?:[^\W_]|%)+(?:[-_]+(?:[^\W_]|%)+){3,}(?:\.html?)?")
# Words run together, as in "Customer ExperienceHybrid Work": not LinkedIn or BlackBerry.
_JOINT = re.compile(r"[a-z]{4,}[A-Z][a-z]{3,}")
_JOINED = re.compile(r"[a-z)][A-Z][a-z]")
_DATED = re.compile(r"(?:first |last )?(?:published|posted|updated)\b", re.IGNORECASE)
_GAPS = re.compile(r"\s*[|•·]\s*|\s{3,}")
_BARS = re.compile(r"\s[|/•·]\s")


def find_furniture(blocks: list[Block], head: Head) -> tuple[Span, ...]:
    """Return the spans of the blocks that belong to the page, in order."""
    phrases = load_phrases()
    title = 0 if head.title is None else head.title
    marked = set(head.used)
    marked |= {n for n, block in enumerate(blocks) if _is_furniture(block, phrases)}
    marked |= _find_boxes(blocks, phrases)
    marked |= _find_repeated(blocks)
    if head.title is not None:
        marked.discard(title)
    if any(block.prose for n, block in enumerate(blocks) if n not in marked):
        marked |= _find_fragments(blocks, marked, title)
    marked |= _find_runs(blocks, marked, phrases) - {title}
    return tuple(blocks[number].span for number in sorted(marked))


def _is_furniture(block: Block, phrases: Phrases) -> bool:
    """Say whether a block is furniture wherever it stands."""
    text = block.text
    if phrases.match(text) or _SLUG.fullmatch(text):
        return True
    if not block.prose and (_is_dated(text) or _is_row(text, phrases)):
        return True
    if block.closed or len(text) > 1000:
        return False
    return _runs_together(block)


def _is_dated(text: str) -> bool:
    """Say whether a line tells when the article was published or changed."""
    return bool(_DATED.match(text)) and find_date(text) is not None


def _is_row(text: str, phrases: Phrases) -> bool:
    """Say whether a line is a row of furniture, with bars or wide gaps between."""
    parts = _GAPS.split(text[:300])
    return len(parts) > 1 and all(
        phrases.match(part) or phrases.is_button(part) or not strip_dates(part).strip(" ,.:-")
        for part in parts
    )


def _runs_together(block: Block) -> bool:
    """Say whether a block is a list of tags whose spaces were lost."""
    joints = len(_JOINED.findall(block.text))
    return len(_JOINT.findall(block.text)) > 1 and joints * 4 >= block.words and not block.prose


def _find_boxes(blocks: list[Block], phrases: Phrases) -> set[int]:
    """Return what stands in boxes with other articles, and what follows the article."""
    marked: set[int] = set()
    boxed = False
    for number in range(find_head(blocks) + 1, len(blocks)):
        block = blocks[number]
        if phrases.opens_closing(block.text):
            return marked | set(range(number, len(blocks)))
        if phrases.opens_box(block.text):
            boxed = True
        elif block.words >= _TEASER_WORDS or (block.prose and blocks[number - 1].prose):
            boxed = False
        if boxed:
            marked.add(number)
    return marked


def _find_repeated(blocks: list[Block]) -> set[int]:
    """Return fragments that stand twice in a row, or at three places of the text."""
    short = {
        number: fold(block.text)
        for number, block in enumerate(blocks)
        if block.words <= _TAIL_WORDS and not block.closed
    }
    counts = Counter(short.values())
    return {
        number
        for number, text in short.items()
        if counts[text] > 2 or text in (short.get(number - 1), short.get(number + 1))
    }


def _find_fragments(blocks: list[Block], marked: set[int], title: int) -> set[int]:
    """Return what is no sentence before the first and after the last paragraph."""
    kept = [number for number in range(len(blocks)) if number not in marked]
    rest = [blocks[number] for number in kept]
    first, last = find_head(rest), find_tail(rest)
    head = {n for n in kept[:first] if _is_fragment(blocks[n], _HEAD_WORDS)}
    tail = {n for n in kept[last:] if _is_fragment(blocks[n], _TAIL_WORDS)}
    return (head | tail) - {title}


def _is_fragment(block: Block, most: int) -> bool:
    if block.bulleted:
        return block.words <= 3 and block.text[2:].istitle()
    ends = block.text[-1] in '.!?…:;"”\u2019'
    return not ends and (block.words <= most or bool(_BARS.search(block.text)))


def _find_runs(blocks: list[Block], marked: set[int], phrases: Phrases) -> set[int]:
    """Return the fragments of a row of three or more in which furniture stands."""
    found: set[int] = set()
    row: list[int] = []
    for number in range(len(blocks) + 1):
        block = blocks[number] if number < len(blocks) else None
        if block and block.words <= 3 and not block.closed:
            row.append(number)
            continue
        known = sum(n in marked or phrases.is_button(blocks[n].text) for n in row)
        if len(row) > 2 and known * 2 >= len(row):
            found.update(row)
        row = []
    return found
