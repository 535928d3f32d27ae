"""The service behind a socket: an ASGI application around `handle`, and its server."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.errors import MissingExtra, UsageError
from kg.serve.delivery import deliver, explain
from kg.serve.handling import handle, too_long
from kg.serve.messages import Problem, Request
from kg.serve.messages import Response as Answer
from kg.serve.service import Service

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request as Incoming
    from starlette.responses import Response as Outgoing

__all__ = ["Server", "make_app"]


def make_app(service: Service) -> Starlette:
    """Return the service as an ASGI application. Raises MissingExtra without Starlette."""
    try:
        import anyio.to_thread
        from starlette.applications import Starlette
        from starlette.responses import Response as Outgoing
        from starlette.routing import Route
    except ImportError as error:
        raise MissingExtra("serve", needed_for="the service") from error

    limits = service.limits
    # Those who wait for a worker wait in a thread each; one more is told to come back.
    threads = anyio.CapacityLimiter(limits.workers + limits.waiting + 8)

    async def endpoint(incoming: Incoming) -> Outgoing:
        try:
            request = await _read_request(incoming, limits.body)
        except Problem as problem:
            request = Request(incoming.method, incoming.url.path)
            answer = deliver(explain(problem), request, service)
        else:
            answer = await anyio.to_thread.run_sync(handle, request, service, limiter=threads)
        return Outgoing(_body(answer, incoming.method), answer.status, _headers(answer))

    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
    return Starlette(routes=[Route("/{path:path}", endpoint, methods=methods)])


class Server:
    """The service at an address; port 0 takes one that is free.

    Listens from the start, so that nothing is lost between `address` and `run`. Raises
    MissingExtra without Starlette and uvicorn, UsageError where the address is taken or
    not of this machine.
    """

    def __init__(self, service: Service, *, host: str = "127.0.0.1", port: int = 0) -> None:
        try:
            import uvicorn
        except ImportError as error:
            raise MissingExtra("serve", needed_for="the service") from error
        config = uvicorn.Config(
            make_app(service),
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._socket = _listen(host, port)

    @property
    def address(self) -> str:
        """Where the service is, as an http address that ends in a slash."""
        host, port = self._socket.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def run(self) -> None:
        """Serve until the process is interrupted or terminated, or `stop` is called."""
        with self._socket, _ending_quietly():
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Make `run` return soon; may be called from any thread."""
        self._server.should_exit = True


@contextlib.contextmanager
def _ending_quietly() -> Iterator[None]:
    """Let a signal that ended the server end the block, so that all else is closed too.

    uvicorn raises the signal once more when it is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=_find_family(host, port), backlog=1024)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot listen at {host}, port {port}: {reason}: use --port") from error


def _find_family(host: str, port: int) -> socket.AddressFamily:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]


async def _read_request(incoming: Incoming, limit: int) -> Request:
    """Return a request with its body. Raises Problem as soon as the body is too long."""
    declared = incoming.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > limit:
        raise too_long(limit)
    body = bytearray()
    async for chunk in incoming.stream():
        body += chunk
        if len(body) > limit:
            raise too_long(limit)
    return Request(
        method=incoming.method,
        path=incoming.scope["path"],
        query=incoming.scope["query_string"].decode("latin-1"),
        headers={name.lower(): value for name, value in incoming.headers.items()},
        body=bytes(body),
        origin=f"{incoming.url.scheme}://{incoming.url.netloc}",
    )


def _body(answer: Answer, method: str) -> bytes:
    return b"" if method == "HEAD" else answer.body


def _headers(answer: Answer) -> dict[str, str]:
    """Return the headers, with the length that HEAD says and does not send."""
    if answer.status in (204, 304):
        return dict(answer.headers)
    return {**answer.headers, "Content-Length": str(len(answer.body))}
