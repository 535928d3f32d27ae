"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a reviewed change rewrite the files that tests compare with."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the files that tests compare with, then look at the difference",
    )


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
