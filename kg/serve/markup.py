"""Builds HTML in which every text stays text."""

from __future__ import annotations

import html
from collections.abc import Iterable
from urllib.parse import urlsplit

__all__ = ["Markup", "external_link", "join", "name", "tag"]

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(tag_name: str, *children: str, **attributes: str | bool | None) -> Markup:
    """Return an element; children that are no Markup are escaped, as all attributes are.

    An attribute that is None or False is left out; `class_` and `for_` lose their last
    letter, and what is underlined is hyphenated.
    """
    written = "".join(
        f" {attribute.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{html.escape(str(value))}"')
        for attribute, value in attributes.items()
        if value is not None and value is not False
    )
    if tag_name in _VOID:
        return Markup(f"<{tag_name}{written}>")
    return Markup(f"<{tag_name}{written}>{join(children)}</{tag_name}>")


def join(parts: Iterable[str], separator: str = "") -> Markup:
    """Return parts one after the other, those that are no Markup escaped."""
    written = (part if isinstance(part, Markup) else html.escape(part) for part in parts)
    return Markup(html.escape(separator).join(written))


def name(text: str) -> Markup:
    """Return a name that keeps its direction of writing to itself."""
    return tag("bdi", text)


def external_link(address: str, text: str = "") -> Markup:
    """Return a link to another site; what is no web address stays text."""
    try:
        is_web = urlsplit(address).scheme.lower() in ("http", "https")
    except ValueError:
        is_web = False
    if not is_web:
        return name(text or address)
    return tag("a", name(text or address), href=address, rel="noopener noreferrer external")
