"""The page that finds entities by name."""

from __future__ import annotations

from urllib.parse import quote

from kg.serve.markup import join, name, tag
from kg.serve.messages import Request, Response
from kg.serve.names import Match
from kg.serve.pages import make_page
from kg.serve.paths import find_path, link_resource
from kg.serve.service import Service

__all__ = ["answer_search"]

_SHOWN = 50
# Below this a name has little in common with what was asked for.
_LEAST = 45.0


def answer_search(request: Request, service: Service) -> Response:
    """Answer with the entities whose names fit `?q=`; at once with one that it names."""
    wanted = request.get("q").strip()
    matches = [m for m in service.names.find(wanted, limit=_SHOWN) if m.score >= _LEAST]
    exact = [m for m in matches if m.score == 100]
    base_iri = service.base_iri
    path = find_path(base_iri, exact[0].entity.iri) if len(exact) == 1 else ""
    if path:
        return Response(303, headers={"Location": f"{path}.html"})
    heading = tag("h1", "Entities named ", name(wanted))
    if not matches:
        return make_page("Nothing found", join([heading, tag("p", "There are none.")]))
    items = (_write(match, service, base_iri) for match in matches)
    content = join([heading, tag("ul", *items, class_="facts")])
    return make_page(f"Entities named {wanted}", content)


def _write(match: Match, service: Service, base_iri: str) -> str:
    entity = match.entity
    known = service.ontology.classes.get(entity.types[0])
    about = [known.label if known else entity.types[0], *entity.aliases[:5]]
    link = link_resource(base_iri, entity.iri, entity.name)
    graph = tag("a", "graph", href=f"/explore?focus={quote(entity.iri, safe='')}")
    told = join((name(text) for text in about), ", ")
    return tag("li", tag("strong", link), " ", tag("small", told, " - ", graph))
