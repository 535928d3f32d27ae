"""Writes names in plain Latin letters, one way for what is transliterated in several."""

from __future__ import annotations

import re

__all__ = ["romanize"]

_CYRILLIC = (
    "абвгґдеєзиіклмнопрстуфхыэ",
    "abvggdeeziiklmnoprstufhie",
)
_GREEK = (
    "αβγδεζηικλμνξοπρσςτυφχω",
    "avgdeziiklmnxoprsstifho",
)
_LATIN = ("łøđıŋħ", "lodinh")
# A letter that stands for several: digraphs that are read alike have one form (see _SOUNDS).
_SEVERAL = "ж=zh ц=ts ч=ch ш=sh щ=shch ю=yu я=ya ь= ъ= θ=th ψ=ps æ=ae œ=oe þ=th ð=d"
_LETTERS = str.maketrans(
    dict(zip(*_CYRILLIC, strict=True))
    | dict(zip(*_GREEK, strict=True))
    | dict(zip(*_LATIN, strict=True))
    | dict(pair.split("=") for pair in _SEVERAL.split())
)
# What transliterations put in one another's place, in the order in which it is replaced:
# Gaddafi and Gadhafi, Mueller and Müller, Aleksandr and Alexandr, Zelenskyy and Zelensky.
_SOUNDS = dict(
    pair.split("=")
    for pair in (
        "tsch=ch tch=ch kh=h gh=g dh=d th=t ph=f ck=k ks=x ae=a oe=o ue=u ou=u y=i w=v q=k".split()
    )
)
_SOUND = re.compile("|".join(_SOUNDS))
_DOUBLED = re.compile(r"([^\W\d])\1+")


def romanize(name: str) -> str:
    """Return the form of a folded name in which its transliterations from other scripts meet."""
    latin = name if name.isascii() else name.translate(_LETTERS)
    return _DOUBLED.sub(r"\1", _SOUND.sub(lambda found: _SOUNDS[found[0]], latin))
