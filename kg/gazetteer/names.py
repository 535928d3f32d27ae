"""The keys under which a surface form is found, and names without their legal form."""

from __future__ import annotations

import re
from functools import cache

from kg.gazetteer.tables import FOLDER
from kg.vocab import fold

__all__ = ["find_keys", "make_key", "strip_legal_form"]

# "US", "U.S.", "U. S.": up to three letters are too short to stand for a name in any case
# but their own ("who", "us", "it"). "Mass.", "Calif." count as written.
_INITIALS = re.compile(r"(?:[A-Z]\.? ?){1,3}")
_SHORTENED = re.compile(r"[A-Z]\w+\.")
_POSSESSIVE = re.compile(r"['\u2019]s?$")


def make_key(name: str) -> str:
    """Return the key of a name: its folded form, or `=` and the letters of an abbreviation."""
    name = name.strip()
    if _INITIALS.fullmatch(name):
        return "=" + re.sub(r"[. ]", "", name)
    if _SHORTENED.fullmatch(name):
        return f"={name}"
    return fold(name)


def find_keys(name: str) -> tuple[str, ...]:
    """Return the keys to look a surface form up by, the most exact first.

    The article "the" and a possessive ending may be part of it; a form all in small
    letters is no name and has no key.
    """
    name = name.strip()
    if name == name.lower():
        return ()
    bare = _POSSESSIVE.sub("", name)
    shorter = bare[4:] if bare[:4].lower() == "the " else bare
    return tuple(dict.fromkeys(key for key in map(make_key, (name, bare, shorter)) if key))


def strip_legal_form(name: str) -> str:
    """Return the name of a company without its legal form: `Apple` for `Apple Inc.`."""
    words = name.split()
    forms = _load_legal_forms()
    for length in range(min(4, len(words) - 1), 0, -1):
        rest = " ".join(words[:-length]).rstrip(" ,;&-")
        if _join(words[-length:]) in forms and rest.casefold() not in ("", "the"):
            return rest
    return name


@cache
def _load_legal_forms() -> frozenset[str]:
    lines = (FOLDER / "sources" / "legal_forms.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(_join(line.split()) for line in lines if not line.startswith("#"))


def _join(words: list[str]) -> str:
    """Return words without points, commas and brackets: `ag & co kgaa`."""
    return " ".join(re.sub(r"[.,()/]", "", word) for word in words).casefold()
