"""The page of an article: its text, with what it mentions and states marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kg.cache import Kept
from kg.model import Cluster, Span
from kg.ontology import Ontology
from kg.rdf.terms import make_text
from kg.serve.markup import Markup, external_link, join, name, tag
from kg.serve.messages import Response
from kg.serve.pages import make_page
from kg.serve.paths import find_path, link_resource
from kg.serve.resources import Statement, find_text, read_metadata, read_statements
from kg.serve.service import Service
from kg.store import Store
from kg.vocab import KG, SCHEMA, fold

__all__ = ["show_article"]

_NAMED = """
SELECT ?entity ?name ?class {
  VALUES ?property { rdfs:label skos:altLabel }
  ?entity ?property ?name ; a ?class }"""

_NO_TEXT = tag("p", "The text of this article is not kept beside the store.", class_="muted")

_Metadata = Mapping[str, Sequence[str]]


def show_article(service: Service, iri: str, links: tuple[str, ...]) -> Response:
    """Answer with the page of an article. Raises Problem where the graph has none such.

    Where its text is not kept beside the store, the page shows the sentences that the
    graph quotes.
    """
    with service.engine.open() as store:
        said = read_metadata(store, iri)
        statements = list(read_statements(store, iri))
        kept = find_text(service.engine.folder, _first(said, f"{KG}extraction"))
        mentions = _find_mentions(kept, store, statements, service.ontology) if kept else []
    title = _first(said, f"{SCHEMA}headline") or "Article"
    facts = _write_facts(statements, service, quoting=kept is None)
    text = _write_text(kept, mentions, statements, service.base_iri) if kept else _NO_TEXT
    content = tag("article", _write_head(title, said), text, class_="news")
    return make_page(title, join([content, facts]), links=links)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A span that mentions an entity with a page, by IRI; "" where it is not known which."""

    span: Span
    entity: str
    type: str


def _first(said: _Metadata, property_: str) -> str:
    return next(iter(said.get(property_, ())), "")


def _write_head(title: str, said: _Metadata) -> Markup:
    authors = ", ".join(said.get(f"{SCHEMA}author", ()))
    told = [_first(said, f"{SCHEMA}{field}") for field in ("publisher", "datePublished")]
    line = [name(text) for text in (authors, *told) if text]
    address = _first(said, f"{SCHEMA}url")
    line += [external_link(address, "original")] if address.startswith("http") else []
    return tag("header", tag("h1", name(title)), tag("p", join(line, ", "), class_="muted"))


def _find_mentions(
    kept: Kept, store: Store, statements: Iterable[Statement], ontology: Ontology
) -> list[_Mention]:
    """Return what the text mentions, sorted, with the entity where its name tells it.

    The graph does not hold which mention became which entity. Those of this article's facts
    come first; then whatever entity of the class alone bears the name.
    """
    stated = {s.subject: s.subject_name for s in statements}
    stated |= {s.object: s.object_name for s in statements if s.object}
    by_name = {fold(label): iri for iri, label in stated.items()}
    found = []
    for cluster in kept.extraction.clusters:
        names = [fold(text) for text in (cluster.name, *cluster.aliases)]
        entity = next((by_name[n] for n in names if n in by_name), "")
        entity = entity or _find_alone(cluster, store, ontology)
        found += [_Mention(m.span, entity, m.type) for m in cluster.mentions]
    return sorted(found, key=lambda m: (m.span.start, -m.span.end))


def _find_alone(cluster: Cluster, store: Store, ontology: Ontology) -> str:
    """Return the one entity that bears the name and is of the class, if there is one."""
    known = ontology.classes.get(cluster.type)
    found = {
        row["entity"].value
        for row in store.select(_NAMED, substitutions={"name": make_text(cluster.name)})
        if known is None or row["class"].value == known.iri
    }
    return found.pop() if len(found) == 1 else ""


def _write_text(
    kept: Kept, mentions: Sequence[_Mention], statements: Sequence[Statement], base_iri: str
) -> Markup:
    """Return the text in pieces, each marked with what covers it.

    The first piece of a sentence bears its place as an anchor, the last one the numbers
    of the facts that it states.
    """
    text = kept.article.text
    numbers = {fact: n for n, fact in enumerate(_number(statements), 1)}
    anchored: set[int] = set()
    written: list[Markup] = []
    for piece in _lay_out(len(text), mentions, statements, kept.article.furniture):
        shown = _write_words(text[piece.start : piece.end], piece.mention, base_iri)
        if piece.furniture:
            shown = tag("span", shown, class_="furniture")
        if piece.statements:
            begins = {s.start for s in piece.statements} & {piece.start} - anchored
            anchored |= begins
            shown = tag("mark", shown, id=f"c{piece.start}" if begins else None)
        written.append(shown)
        ended = sorted({numbers[s.fact] for s in piece.statements if s.end == piece.end})
        if ended:
            notes = join((tag("a", str(n), href=f"#f{n}") for n in ended), " ")
            written.append(tag("sup", notes))
    return tag("div", *written, class_="text", lang=kept.article.language)


def _number(statements: Iterable[Statement]) -> dict[str, Statement]:
    """Return the first statement of each fact, in the order of their numbers from 1."""
    first: dict[str, Statement] = {}
    for stated in statements:
        first.setdefault(stated.fact, stated)
    return first


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a text between whose ends nothing begins or ends, with what covers it."""

    start: int
    end: int
    mention: _Mention | None
    statements: tuple[Statement, ...]
    furniture: bool


def _lay_out(
    length: int,
    mentions: Sequence[_Mention],
    statements: Sequence[Statement],
    furniture: Sequence[Span],
) -> Iterator[_Piece]:
    """Yield the pieces that a text falls into, which together are all of it.

    Where mentions overlap the innermost one counts, which is the shortest.
    """
    marks: list[tuple[int, int, _Mention | Statement | Span]] = [
        *((m.span.start, m.span.end, m) for m in mentions),
        *((s.start, s.end, s) for s in statements),
        *((s.start, s.end, s) for s in furniture),
    ]
    marks = [mark for mark in marks if 0 <= mark[0] < mark[1] <= length]
    cuts = sorted({0, length, *(m[0] for m in marks), *(m[1] for m in marks)})
    beginning: dict[int, list[tuple[int, int, _Mention | Statement | Span]]] = {}
    for mark in marks:
        beginning.setdefault(mark[0], []).append(mark)
    over: list[tuple[int, int, _Mention | Statement | Span]] = []
    for start, end in pairwise(cuts):
        over = [mark for mark in over if mark[1] > start] + beginning.get(start, [])
        inner = [what for _, _, what in over if isinstance(what, _Mention)]
        yield _Piece(
            start,
            end,
            mention=min(inner, key=lambda m: m.span.end - m.span.start, default=None),
            statements=tuple(what for _, _, what in over if isinstance(what, Statement)),
            furniture=any(isinstance(what, Span) for _, _, what in over),
        )


def _write_words(words: str, mention: _Mention | None, base_iri: str) -> Markup:
    if mention is None:
        return tag("span", words)
    path = find_path(base_iri, mention.entity)
    if not path:
        return tag("span", words, class_="mention", title=mention.type)
    return tag("a", words, class_="mention", title=mention.type, href=f"{path}.html")


def _write_facts(statements: Iterable[Statement], service: Service, *, quoting: bool) -> Markup:
    """Return the facts that an article states, numbered as in its text, or quoting it."""
    labels = {p.iri: p.label for p in service.ontology.predicates.values()}
    items = [
        _write_fact(number, stated, labels, service.base_iri, quoting=quoting)
        for number, stated in enumerate(_number(statements).values(), 1)
    ]
    if not items:
        return tag("p", "The graph took no fact from this article.")
    return tag("section", tag("h2", "Facts stated here"), tag("ol", *items))


def _write_fact(
    number: int, stated: Statement, labels: Mapping[str, str], base_iri: str, *, quoting: bool
) -> Markup:
    subject = link_resource(base_iri, stated.subject, stated.subject_name)
    value = name(stated.object_name)
    object_ = link_resource(base_iri, stated.object, stated.object_name) if stated.object else value
    predicate = labels.get(stated.predicate, stated.predicate)
    modality = stated.modality.removeprefix(KG).lower()
    notes = f"{'' if modality == 'asserted' else modality + ', '}confidence {stated.confidence}"
    told = [subject, " ", predicate, " ", object_, " "]
    if quoting:
        told += [tag("small", f"({notes})"), tag("blockquote", name(stated.quote))]
    else:
        link = tag("a", "sentence", href=f"#c{stated.start}")
        told.append(tag("small", f"({notes}) ", link))
    return tag("li", *told, id=f"f{number}")
