"""The suite uses no network: what guards it bites, and lets pass what stays on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator

import network_guard
import pytest
from network_guard import BlockedNetwork

# Addresses and names that are reserved for documentation (RFC 5737, 3849, 2606).
OUTSIDE = ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"]


@pytest.fixture
def forgiven() -> Iterator[list[str]]:
    """What is refused in a test that means it, forgotten at its end."""
    before = len(network_guard.attempts)
    yield network_guard.attempts
    del network_guard.attempts[before:]


def connect(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as client:
        client.settimeout(0.1)
        client.connect((host, 80))


def send(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.sendto(b"x", (host, 53))


@pytest.mark.parametrize("host", OUTSIDE)
@pytest.mark.parametrize("reach", [connect, send])
def test_nothing_leaves_this_machine(forgiven: list[str], reach: Callable[[str], None], host: str):
    with pytest.raises(BlockedNetwork, match=f"a connection to {host}"):
        reach(host)
    assert forgiven[-1] == f"a connection to {host}"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: socket.getaddrinfo("news.example.com", 80),
        lambda: socket.gethostbyname("news.example.com"),
        lambda: socket.create_connection(("news.example.com", 80)),
        lambda: urllib.request.urlopen("http://news.example.com/"),
    ],
)
def test_no_name_is_looked_up(forgiven: list[str], ask: Callable[[], object]):
    with pytest.raises(BlockedNetwork, match=r"a look-up of news\.example\.com"):
        ask()
    assert forgiven[-1] == "a look-up of news.example.com"


def test_processes_that_tests_start_are_guarded_too():
    asked = "import socket; socket.create_connection(('192.0.2.1', 80), 0.1)"
    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=False, env=os.environ
    )
    assert told.returncode == 1
    assert "BlockedNetwork: tests use no network" in told.stderr


def test_this_machine_may_be_reached():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1])) as client,
    ):
        assert client.getpeername()[0] == "127.0.0.1"
    one, other = socket.socketpair()
    one.close()
    other.close()
