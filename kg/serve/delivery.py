"""Makes every response fit for the wire: validators, compression, headers, problems."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from kg.serve.messages import PROBLEM, Problem, Request, Response
from kg.serve.negotiation import accepts_encoding
from kg.serve.service import Service

__all__ = ["deliver", "explain"]

_MIN_COMPRESSED = 1024

# What every response says: guess no type, tell no other site, and run nothing that a page
# does not admit itself.
_STRICT = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def deliver(response: Response, request: Request, service: Service) -> Response:
    """Return a response with all its headers; 304 where the client has it already.

    The body stays even for HEAD, so that Content-Length can be said; the server drops it.
    """
    headers = {**_STRICT, "Cache-Control": "no-cache", **_share(request, service)}
    headers |= response.headers
    headers["Vary"] = "Accept, Accept-Encoding"
    body = response.body
    if response.media_type:
        headers["Content-Type"] = _with_charset(response.media_type)
    if response.status == 200 and request.method in ("GET", "HEAD"):
        tag = hashlib.sha256(response.media_type.encode() + b"\0" + body).hexdigest()[:32]
        zipped = _is_compressed(response, request)
        headers["ETag"] = f'"{tag}-gzip"' if zipped else f'"{tag}"'
        if _has(request, headers["ETag"]):
            headers.pop("Content-Type", None)
            return replace(response, status=304, body=b"", headers=headers)
    if _is_compressed(response, request):
        body = gzip.compress(body, compresslevel=5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return replace(response, body=body, headers=headers)


def explain(problem: Problem) -> Response:
    """Return what a client is told about a problem (RFC 9457)."""
    told = {"type": "about:blank", "title": problem.title, "status": problem.status}
    if problem.detail:
        told["detail"] = problem.detail
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return Response(problem.status, body, PROBLEM, problem.headers)


def _share(request: Request, service: Service) -> Mapping[str, str]:
    """Return the headers that let pages of other origins read, and only read."""
    if not service.cors:
        return {}
    shared = {
        "Access-Control-Allow-Origin": service.cors,
        "Access-Control-Expose-Headers": "Content-Location, ETag, Link, Location",
    }
    if request.method == "OPTIONS":
        shared["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
        shared["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
        shared["Access-Control-Max-Age"] = "86400"
    return shared


def _is_compressed(response: Response, request: Request) -> bool:
    return (
        len(response.body) >= _MIN_COMPRESSED
        and not response.media_type.startswith(("image/", "font/"))
        and accepts_encoding(request.headers.get("accept-encoding", ""), "gzip")
    )


def _has(request: Request, tag: str) -> bool:
    """Say whether a client holds the representation of a tag (RFC 9110, section 13.1.2)."""
    held = request.headers.get("if-none-match", "")
    return held.strip() == "*" or tag in (
        part.strip().removeprefix("W/") for part in held.split(",")
    )


def _with_charset(media_type: str) -> str:
    is_text = media_type.startswith("text/") and "charset" not in media_type
    return f"{media_type}; charset=utf-8" if is_text else media_type
