"""Chooses between representations by what a client accepts (RFC 9110, section 12.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

__all__ = ["accepts_encoding", "choose"]


def choose(accept: str, offers: Sequence[str]) -> str | None:
    """Return the offer that a client likes best, or None where it takes none of them.

    Among equals the first offer wins, and a client that says nothing takes the first. The
    most special range that matches an offer says how much it is liked.
    """
    if not accept.strip():
        return offers[0]
    ranges = list(_read_ranges(accept))
    liking = {offer: _like(offer, ranges) for offer in offers}
    best = max(offers, key=lambda offer: liking[offer])
    return best if liking[best] > 0 else None


def accepts_encoding(accepted: str, name: str) -> bool:
    """Say whether a client takes a content coding."""
    ranges = dict(_read_ranges(accepted))
    return ranges.get(name, ranges.get("*", 0.0)) > 0


def _read_ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Yield each range in lower case with its quality; one that cannot be read is 0."""
    for part in accept.lower().split(","):
        range_, *parameters = (piece.strip() for piece in part.split(";"))
        if range_:
            yield range_, _read_quality(parameters)


def _read_quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return quality if 0 <= quality <= 1 else 0.0
    return 1.0


def _like(offer: str, ranges: Iterable[tuple[str, float]]) -> float:
    family = offer.partition("/")[0]
    order = (offer, f"{family}/*", "*/*")
    found = [(order.index(range_), -quality) for range_, quality in ranges if range_ in order]
    return -min(found)[1] if found else 0.0
