"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


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
