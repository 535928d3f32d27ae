"""What one article may take of a machine before it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from kg.articles import MAX_TEXT
from kg.errors import UsageError

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one article may take, and how many processes read at once.

    `seconds` may pass for each 100,000 characters, or 10 MB of a file, that are begun;
    `memory` counts bytes beyond what a process takes once the model is loaded, and is held
    to where the system can see to it (Linux); `characters` are those of the text.
    """

    seconds: float = 60
    memory: int = 2 << 30
    characters: int = MAX_TEXT
    processes: int = 1

    def __post_init__(self) -> None:
        amounts = (self.seconds, self.memory, self.characters, self.processes)
        if not all(0 < amount < inf for amount in amounts):
            raise UsageError(f"{self}: each must be more than nothing and have an end")
