"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# No test uses the network, nor does a Python process that one starts: offline/ is where these
# find what guards them.
_GUARD = str(ROOT / "tests" / "offline")
sys.path.insert(0, _GUARD)
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (_GUARD, os.environ.get("PYTHONPATH"))))

import network_guard  # noqa: E402 - it lies where the lines above point

network_guard.block()


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Fail a test that tried to leave this machine, even if it took the refusal in its stride."""
    before = len(network_guard.attempts)
    yield
    assert network_guard.attempts[before:] == []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a reviewed change rewrite the files that tests compare with."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the files that tests compare with, then look at the difference",
    )
    parser.addoption(
        "--update-trust",
        action="store_true",
        help="write what this run counted into the table of docs/trust.md",
    )


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the table of docs/trust.md, where that is asked for and all went well."""
    from trust_ledger import write_table

    if session.config.getoption("--update-trust") and exitstatus == 0:
        write_table()


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether files to compare with are to be written anew."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of training and benchmark data; absent on a user's machine."""
    path = Path(os.environ.get("KG_SHARED", ROOT.parent / "shared"))
    if not path.is_dir():
        message = f"no shared data at {path}: set KG_SHARED"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def corpus_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store of the bundled articles, as `kg demo` builds it; to be read only."""
    from kg.build import build
    from kg.resources import bundled
    from kg.store import open_store

    folder = tmp_path_factory.mktemp("corpus") / "kg-store"
    with open_store(folder) as store:
        build([bundled("corpus/articles")], store=store, on_error=pytest.fail)
    return folder
