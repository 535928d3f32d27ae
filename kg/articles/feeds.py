"""Reads the addresses that a feed (RSS, Atom) or a sitemap lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from kg.articles.addresses import Address
from kg.errors import SourceError, UnreadableSource, UnsupportedSource

__all__ = ["Feed", "read_feed"]

_PERMALINK = "isPermaLink"


@dataclass(frozen=True, slots=True)
class Feed:
    """The addresses of articles, and of further sitemaps, that a feed lists, in its order.

    `refused` are those of its entries that are no addresses of its kind.
    """

    pages: tuple[Address, ...]
    sitemaps: tuple[Address, ...] = ()
    refused: tuple[SourceError, ...] = ()


def read_feed(data: bytes, base: Address) -> Feed:
    """Return what a feed lists; relative addresses start from `base`.

    A sitemap may list pages of its own host only (sitemaps.org, "Location"). Raises
    UnreadableSource for broken XML and for one with a document type, whose entities could
    grow without end or name files; UnsupportedSource for XML that is no feed.
    """
    root = _parse(data, str(base))
    kind = _name(root)
    if kind not in ("rss", "feed", "RDF", "urlset", "sitemapindex"):
        raise UnsupportedSource(str(base), f"this XML is no feed or sitemap but <{kind[:40]}>")
    pages: dict[Address, None] = {}
    refused: list[SourceError] = []
    mapped = kind in ("urlset", "sitemapindex")
    for reference in _find_references(root, kind):
        try:
            address = base.join(reference)
            if mapped and address.host != base.host:
                raise UnreadableSource(str(address), f"the sitemap of {base.host} may not list it")
            pages[address] = None
        except SourceError as error:
            refused.append(error)
    listed = tuple(pages)
    if kind == "sitemapindex":
        return Feed((), listed, tuple(refused))
    return Feed(listed, (), tuple(refused))


def _parse(data: bytes, name: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError) as error:
        line = getattr(error, "lineno", None)
        place = f"line {line}" if line else ""
        raise UnreadableSource(name, "the feed is broken XML", place=place) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableSource(name, "the feed declares a document type, which is not read")
    return root


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _find_references(root: etree._Element, kind: str) -> Iterator[str]:
    entries = {"feed": "entry", "urlset": "url", "sitemapindex": "sitemap"}.get(kind, "item")
    for entry in root.iter():
        if _name(entry) == entries:
            references = [text for child in entry for text in _read_reference(child, kind)]
            yield from references[:1]


def _read_reference(child: etree._Element, kind: str) -> Iterator[str]:
    """Yield the address that a part of an entry gives, if it does."""
    name, text = _name(child), (child.text or "").strip()
    if kind == "feed":
        if name == "link" and child.get("rel", "alternate") == "alternate" and child.get("href"):
            yield child.get("href")
    elif kind in ("urlset", "sitemapindex"):
        if name == "loc" and text:
            yield text
    elif text and (name == "link" or (name == "guid" and child.get(_PERMALINK) == "true")):
        yield text
