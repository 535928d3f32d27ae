"""The set phrases of news pages, read from `furniture.json`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Phrases", "load_phrases"]

_EDGES = " \t\xa0.:!,;*•·|>»\u203a→←«<-\u2013—[](){}\"'“”+#▼▲"

# Characters in the longest set phrase with what follows it, a notice about cookies: what
# is longer is a paragraph that happens to begin like one.
_MAX_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Phrases:
    """What the lines of a page say that are no part of its article, in folded form.

    `lines` are whole lines; `starts` and `ends` begin and end one; `buttons` are words of
    which a line of buttons is made; `boxes` open a list of other articles, `closings` what
    follows the article to the end of the page; `roles` are what bylines call an author,
    `wires` the agencies that datelines name.
    """

    lines: frozenset[str]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    buttons: frozenset[str]
    boxes: frozenset[str]
    closings: frozenset[str]
    roles: tuple[str, ...]
    wires: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def match(self, text: str) -> bool:
        """Say whether a line is a set phrase, or begins or ends with one."""
        if len(text) > _MAX_LENGTH:
            return False
        folded = fold_phrase(text)
        if folded in self.lines or folded in self.boxes or folded in self.closings:
            return True
        if folded.startswith(self.starts) or folded.endswith(self.ends):
            return True
        words = folded.split()
        if len(words) > 1 and all(word.strip(_EDGES) in self.buttons for word in words):
            return True
        return any(pattern.fullmatch(folded) for pattern in self.patterns)

    def is_button(self, text: str) -> bool:
        """Say whether a line is the word on a button."""
        return fold_phrase(text) in self.buttons

    def opens_box(self, text: str) -> bool:
        """Say whether a line stands over a list of other articles."""
        return fold_phrase(text) in self.boxes

    def opens_closing(self, text: str) -> bool:
        """Say whether a line stands over what follows the article."""
        folded = fold_phrase(text)
        return folded in self.closings or bool(_COMMENTS.fullmatch(folded))

    def is_wire(self, name: str) -> bool:
        """Say whether a name is that of a news agency or a press release service."""
        return name.casefold() in self.wires

    def is_role(self, text: str) -> bool:
        """Say whether a line is what bylines call an author."""
        return not self.strip_role(text).strip(_EDGES)

    def strip_role(self, text: str) -> str:
        """Return a byline without the roles at its end."""
        bare = text.strip()
        while bare:
            folded = bare.casefold()
            role = next((r for r in self.roles if folded.endswith(r)), "")
            rest = bare[: len(bare) - len(role)]
            if not role or rest[-1:].isalnum():
                break
            bare = rest.rstrip(" ,|-\u2013—/(")
        return bare


_COMMENTS = re.compile(
    r"\(?[1-9]\d*\)? comments?(?: on .*)?|comments? \(?\d+\)?|\d+ (?:responses|replies).*"
)


def fold_phrase(text: str) -> str:
    """Return a line as the phrases are written: lower case, plain quotes, bare edges."""
    plain = text.casefold().replace("\u2019", "'").strip(_EDGES)
    return " ".join(plain.split())


@cache
def load_phrases() -> Phrases:
    """Return the phrases of the package."""
    data: dict[str, list[str]] = json.loads(
        (files(__package__) / "furniture.json").read_text("utf-8")
    )
    return Phrases(
        lines=frozenset(data["lines"]),
        starts=tuple(data["starts"]),
        ends=tuple(data["ends"]),
        buttons=frozenset(data["buttons"]),
        boxes=frozenset(data["boxes"]),
        closings=frozenset(data["closings"]),
        roles=tuple(sorted(data["roles"], key=len, reverse=True)),
        wires=frozenset(data["wires"]),
        patterns=tuple(re.compile(pattern) for pattern in data["patterns"]),
    )
