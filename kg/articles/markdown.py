"""Reads Markdown with a YAML front matter into plain text.

The text of the article is the body as a reader sees it: without marks of emphasis, link
targets, pictures, code and HTML tags, a paragraph in one line, so that no markup parts a
name. Offsets refer to that text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.articles.article import Draft
from kg.articles.metadata import read_fields
from kg.articles.sources import Source
from kg.errors import UnreadableSource

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["read_markdown", "split_front_matter"]

_OPEN = re.compile(r"\s*---[ \t]*\r?\n")
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.MULTILINE)
_KEY = re.compile(r"[\w-]+[ \t]*:(?:\s|$)")
_TAG = re.compile(r"<[^<>]*>")
# HTML blocks that show nothing: comments, declarations, scripts, styles.
_UNSEEN = re.compile(r"\s*<(?:!|\?|script|style|iframe|svg|template)", re.IGNORECASE)

_MAX_FRONT_MATTER = 100_000


def read_markdown(text: str, source: Source) -> Draft:
    """Return the article of a Markdown text; UnreadableSource for a broken front matter.

    A front matter may name the article itself (`id`).
    """
    record, body = split_front_matter(text, name=source.name)
    fields = read_fields(record)
    plain, heading = _render(body)
    if not fields.title:
        fields = replace(fields, title=heading)
    given = record.get("id")
    article_id = given if isinstance(given, str) and given.strip() else source.id
    return Draft(plain, article_id, source.name, fields)


def split_front_matter(text: str, *, name: str) -> tuple[dict[str, object], str]:
    """Return the front matter of a text, empty where it has none, and its body."""
    opening = _OPEN.match(text)
    if not opening or not _KEY.match(text, opening.end()):
        return {}, text
    closing = _CLOSE.search(text, opening.end(), opening.end() + _MAX_FRONT_MATTER)
    if not closing:
        reason = "the front matter is not closed: end it with a line ---"
        raise UnreadableSource(name, reason, place="line 1")
    return _parse_yaml(text[opening.end() : closing.start()], name), text[closing.end() :]


def _parse_yaml(text: str, name: str) -> dict[str, object]:
    import yaml

    try:
        # Every scalar stays text, and no tag makes an object.
        record = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 -- safer than SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        reason = f"the front matter is broken YAML: {error.problem}"
        raise UnreadableSource(name, reason, place=f"line {line}") from error
    except (yaml.YAMLError, RecursionError) as error:
        reason = "the front matter is broken YAML: a character or a nesting that it forbids"
        raise UnreadableSource(name, reason, place="line 1") from error
    if not isinstance(record, dict):
        reason = "the front matter must hold lines such as: title: A title"
        raise UnreadableSource(name, reason, place="line 1")
    return {key: value for key, value in record.items() if isinstance(key, str)}


def _render(body: str) -> tuple[str, str]:
    """Return the plain text of a Markdown body, and its first heading of the first level."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    lines: list[str] = []
    heading = ""
    for number, token in enumerate(tokens):
        line = _render_block(token).strip()
        if not line:
            continue
        before = tokens[number - 1]
        if before.type == "heading_open" and before.tag == "h1":
            heading = heading or line
        # Items of a list and cells of a table stand close, paragraphs apart.
        tight = before.hidden or before.type in ("th_open", "td_open")
        lines.append(line if tight else f"\n{line}")
    return "\n".join(lines).strip(), heading


def _render_block(token: Token) -> str:
    if token.type == "inline":
        return "".join(_render_inline(token.children or []))
    if token.type == "html_block" and not _UNSEEN.match(token.content):
        return html.unescape(_TAG.sub("", token.content))
    return ""


def _render_inline(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("text", "code_inline"):
            yield token.content
        elif token.type == "softbreak":
            yield " "
        elif token.type == "hardbreak":
            yield "\n"
