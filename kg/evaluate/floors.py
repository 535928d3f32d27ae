"""Floors: the scores that were reached, below which a change must not fall.

A JSON file with an entry for each set of gold: the checksum of the gold, the extractor
that set the floors, and for each figure the floor and the best that was ever reached. A
floor that stands below its best was lowered by hand, and says why (`reason`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import UsageError
from kg.evaluate.report import Report

__all__ = ["Floors", "read_floors", "write_floors"]

# Figures move this far with the version of ONNX Runtime and the processor.
_TOLERANCE = 0.002
_PLACES = 4
_CEILINGS = frozenset({"calibration error"})


@dataclass(frozen=True, slots=True)
class Floors:
    """The entries of a floors file by name of the report."""

    entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def find_faults(self, report: Report) -> Iterator[str]:
        """Yield what is wrong with a report, one sentence each: nothing where all is well."""
        gold = name_report(report)
        entry = self.entries.get(gold)
        if entry is None:
            yield f"{gold} has no floors: set them"
        elif entry["checksum"] != report.checksum:
            yield f"{gold} has changed since its floors were set: set them anew"
        else:
            for name, held in entry["figures"].items():
                reached = report.figures.get(name)
                if reached is None:
                    yield f"{gold}: {name} is not scored any more"
                elif _gap(name, held["floor"], reached) > _TOLERANCE:
                    yield f"{gold}: {name} is {reached:.4f}, its floor {held['floor']}"

    def find_unexplained(self) -> Iterator[str]:
        """Yield the floors that were lowered and do not say why."""
        for name, entry in self.entries.items():
            for figure, held in entry["figures"].items():
                if _gap(figure, held["best"], held["floor"]) > 0 and not held.get("reason"):
                    yield f"{name}: the floor of {figure} was lowered: give the reason"

    def raised(self, report: Report) -> Floors:
        """Return the floors with those of a report raised to what it reached, none lowered.

        Where the gold has changed the floors begin anew.
        """
        known = self.entries.get(name_report(report), {})
        same = known.get("checksum") == report.checksum
        old = known["figures"] if same else {}
        entry = {
            "checksum": report.checksum,
            "extractor": report.extractor,
            "figures": {
                name: _raise(name, old.get(name), round(reached, _PLACES))
                for name, reached in report.figures.items()
            },
        }
        return Floors({**self.entries, name_report(report): entry})


def name_report(report: Report) -> str:
    """Return form and gold, which together tell one report from another."""
    return f"{report.form} {report.gold}"


def read_floors(path: Path) -> Floors:
    """Return the floors in a file, none where there is no file. Raises UsageError."""
    if not path.exists():
        return Floors()
    try:
        floors = Floors(json.loads(path.read_text(encoding="utf-8")))
        list(floors.find_unexplained())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is no file of floors ({error!r}): write it anew") from error
    return floors


def write_floors(floors: Floors, path: Path) -> None:
    """Write a floors file, sorted, so that its changes can be reviewed."""
    text = json.dumps(floors.entries, indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _gap(name: str, wanted: float, reached: float) -> float:
    """Return by how much a figure is worse than wanted; below zero where it is better."""
    return reached - wanted if name in _CEILINGS else wanted - reached


def _raise(name: str, held: Mapping[str, Any] | None, reached: float) -> dict[str, Any]:
    """Return a floor with the better of what was held and what was reached."""
    if held is None:
        return {"floor": reached, "best": reached}
    if _gap(name, held["floor"], reached) >= 0:
        return dict(held)
    best = reached if _gap(name, held["best"], reached) < 0 else held["best"]
    kept = {"reason": held["reason"]} if best != reached and "reason" in held else {}
    return {"floor": reached, "best": best, **kept}
