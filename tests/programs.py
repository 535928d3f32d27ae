"""Programs of other people that the tests run."""

from __future__ import annotations

import os
import shutil

import pytest


def find_program(*names: str, package: str) -> str:
    """Return the path of the first program that is installed.

    Where there is none the test skips. In CI it fails, but for packages that KG_ABSENT
    names: those that no registry gave to `.ci/run`, which tells so at its end.
    """
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    message = f"{names[0]} is not installed: {package}"
    absent = os.environ.get("KG_ABSENT", "").split()
    if os.environ.get("CI") and package not in absent:
        pytest.fail(message)
    pytest.skip(message)


def find_chromium() -> tuple[str, str]:
    """Return the browser and its driver."""
    browser = find_program("chromium", "chromium-browser", package="chromium")
    return browser, find_program("chromedriver", package="chromium-driver")
