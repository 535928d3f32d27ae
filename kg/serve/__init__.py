"""The service: SPARQL 1.1 over HTTP, linked data and pages, as a function and behind a socket.

    Request -> handle -> Response       handling: routes; delivery: headers, ETag, compression
                 |
                 protocol, graphs, description       the standards
                 |
               Engine: Job -> Answer    work: carries out; pool: in processes that can be stopped

`handle` needs no socket; `make_app` puts Starlette around it, `Server` uvicorn.
"""

from __future__ import annotations

from kg.serve.app import Server, make_app
from kg.serve.engine import open_engine
from kg.serve.handling import handle
from kg.serve.jobs import Limits
from kg.serve.messages import Problem, Request, Response
from kg.serve.service import Engine, LocalEngine, Service

__all__ = [
    "Engine",
    "Limits",
    "LocalEngine",
    "Problem",
    "Request",
    "Response",
    "Server",
    "Service",
    "handle",
    "make_app",
    "open_engine",
]
