"""Writes files whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kg.errors import ExportError

__all__ = ["save"]


def save(contents: Mapping[Path, bytes]) -> None:
    """Write files so that each appears whole or not at all, and none before all are written.

    What stands under a name is replaced, a symbolic link followed; pipes and devices are
    written to. Raises ExportError, naming the file, when one cannot be written.
    """
    drafts: dict[Path, Path] = {}
    target = Path()
    try:
        for target, content in contents.items():
            drafts[target] = _write_draft(target, content)
        for target, draft in drafts.items():
            if draft != target:
                draft.replace(target.resolve())
    except OSError as error:
        raise ExportError(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        for target, draft in drafts.items():
            if draft != target:
                draft.unlink(missing_ok=True)


def _write_draft(target: Path, content: bytes) -> Path:
    """Return the file that holds the content: one beside the target, or a device itself."""
    if target.exists() and not target.is_file() and not target.is_dir():
        target.write_bytes(content)
        return target
    resolved = target.resolve()
    draft = resolved.with_name(f".{resolved.name}.{os.getpid()}.new")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft
