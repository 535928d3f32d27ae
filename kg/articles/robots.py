"""Reads what a site lets programs visit: robots.txt, by RFC 9309."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Robots", "read_robots"]

# Characters of the file that are read (RFC 9309, 2.5), and rules, which are all compared.
_MAX_LENGTH = 500 * 1024
_MAX_RULES = 5000

_LINE = re.compile(r"\s*([A-Za-z-]+)\s*:\s*([^#]*)")


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of a site: paths with whether they may be visited, seconds between visits."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay: float = 0.0

    def allow(self, target: str) -> bool:
        """Say whether a path with its query may be visited: the longest rule decides."""
        fitting = [(len(path), allowed) for path, allowed in self.rules if _fits(path, target)]
        return max(fitting, default=(0, True))[1]


def read_robots(text: str, agent: str) -> Robots:
    """Return the rules for an agent, or those for all where none are for it alone."""
    groups: dict[str, list[tuple[str, str]]] = {}
    named: list[str] = []
    closed = True
    for line in text[:_MAX_LENGTH].splitlines():
        match = _LINE.match(line)
        if not match:
            continue
        key, value = match.group(1).lower(), match.group(2).strip()
        if key == "user-agent":
            named = [value.lower()] if closed else [*named, value.lower()]
            groups.setdefault(value.lower(), [])
            closed = False
        elif key in ("allow", "disallow", "crawl-delay"):
            closed = True
            for name in named:
                groups[name].append((key, value))
    return _make_robots(groups.get(agent.lower(), groups.get("*", [])))


def _make_robots(lines: list[tuple[str, str]]) -> Robots:
    paths = [(value, key == "allow") for key, value in lines if key != "crawl-delay" and value]
    delays = [value for key, value in lines if key == "crawl-delay"]
    number = re.match(r"\d{1,6}(?:\.\d{1,6})?", delays[0]) if delays else None
    return Robots(tuple(paths[:_MAX_RULES]), float(number.group()) if number else 0.0)


def _fits(pattern: str, target: str) -> bool:
    """Say whether a rule applies; `*` stands for anything, `$` at its end for the end."""
    first, *rest = pattern.removesuffix("$").split("*")
    if not target.startswith(first):
        return False
    position = len(first)
    for number, part in enumerate(rest):
        last = number + 1 == len(rest) and pattern.endswith("$")
        found = target.rfind(part, position) if last else target.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return position == len(target) or not pattern.endswith("$")
