"""Finds the files that ship with the package: ontologies, corpus, gazetteers."""

from __future__ import annotations

from pathlib import Path

from kg.errors import KGError

__all__ = ["bundled"]

_PACKAGE = Path(__file__).parent


def bundled(name: str) -> Path:
    """Return the path of a bundled file or folder, such as `ontologies/kg.ttl`.

    An installation carries them under `kg/_data`, a checkout beside the package; the
    name is the same in both. Raises KGError when neither is there.
    """
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        path = root / name
        if path.exists():
            return path
    raise KGError(f"bundled file {name} is missing: reinstall the package (pip install kg-builder)")
