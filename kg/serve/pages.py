"""The frame of every HTML page, and the files that pages load."""

from __future__ import annotations

import mimetypes
from functools import cache
from importlib.resources import files
from string import Template

from kg.serve.markup import Markup, tag
from kg.serve.messages import Problem, Request, Response
from kg.serve.service import Service

__all__ = ["answer_static", "has_asset", "make_page", "read_asset", "show_problem"]

HTML = "text/html"

_POLICY = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "connect-src": "'self'",
    "font-src": "'self' data:",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "frame-src": "'self'",
    "img-src": "'self' data:",
    "script-src": "'self'",
    "style-src": "'self'",
}


def make_page(
    title: str,
    content: Markup,
    *,
    head: Markup | None = None,
    status: int = 200,
    styles: str = "'self'",
    links: tuple[str, ...] = (),
) -> Response:
    """Return a page.

    `styles` says where its styles may come from (Content-Security-Policy), `links` are the
    values of its Link header.
    """
    body = Template(read_asset("template.html").decode()).substitute(
        title=tag("title", f"{title} - Knowledge graph"), head=head or "", content=content
    )
    policy = "; ".join(f"{k} {v}" for k, v in {**_POLICY, "style-src": styles}.items())
    headers = {"Content-Security-Policy": policy}
    if links:
        headers["Link"] = ", ".join(links)
    return Response(status, body.encode("utf-8", "replace"), HTML, headers)


def show_problem(problem: Problem) -> Response:
    """Return a page that says what is wrong, for people."""
    told = tag("p", problem.detail, class_="error") if problem.detail else Markup()
    content = tag("div", tag("h1", problem.title), told, role="alert")
    return make_page(problem.title, content, status=problem.status)


def answer_static(request: Request, service: Service) -> Response:  # noqa: ARG001 # every route takes both
    """Answer with a file that pages load."""
    wanted = request.path.removeprefix("/static/")
    media_type = mimetypes.guess_type(wanted)[0] or ""
    if not media_type.startswith(("text/css", "text/javascript", "image/svg")):
        raise Problem(404, "Not found", "there is no such file")
    return Response(body=read_asset(wanted), media_type=media_type)


def has_asset(wanted: str) -> bool:
    """Say whether there is a file of the name in the folder `page`."""
    return files("kg.serve").joinpath("page", wanted).is_file()


@cache
def read_asset(wanted: str) -> bytes:
    """Return a file of the folder `page`. Raises Problem where it has none of the name."""
    folder = files("kg.serve").joinpath("page")
    for file in folder.iterdir():
        if file.name == wanted and file.is_file():
            return file.read_bytes()
    raise Problem(404, "Not found", "there is no such file")
