"""Where the resources of a graph stand on the service that shows it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from kg.serve.markup import Markup, external_link, name, tag
from kg.vocab import PREFIXES

__all__ = ["find_path", "link_resource", "shorten", "write_value"]

_SHOWN = ("entity", "article", "fact")


def find_path(base_iri: str, iri: str) -> str:
    """Return the path of an entity, article or fact; "" for an IRI of elsewhere."""
    local = iri.removeprefix(base_iri) if iri.startswith(base_iri) else ""
    kind, _, rest = local.partition("/")
    return f"/{local}" if kind in _SHOWN and rest and "/" not in rest else ""


def link_resource(base_iri: str, iri: str, text: str, *, place: str = "") -> Markup:
    """Return a link to the page of a resource, here or on its own site.

    `place` is the fragment of the page to open it at.
    """
    path = find_path(base_iri, iri)
    if not path:
        return external_link(iri, text)
    return tag("a", name(text), href=f"{path}.html{f'#{place}' if place else ''}")


def shorten(iri: str) -> str:
    """Return an IRI by its prefix, as SPARQL takes it; "" where no prefix fits."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and re.fullmatch(r"[A-Za-z0-9_-]+", local):
            return f"{prefix}:{local}"
    return ""


def write_value(value: str, currency: str) -> str:
    """Return a value for people: money with its currency, and its thousands apart."""
    if not currency:
        return value
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return f"{currency} {value}"
    return f"{currency} {amount:,f}"
