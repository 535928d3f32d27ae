"""Rests the search for cyclic garbage while much is made that stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["rest_collection"]


@contextmanager
def rest_collection() -> Iterator[None]:
    """Do what is inside, or what is decorated, without looking for cyclic garbage.

    Resolution makes millions of objects that stay and no cycles: looking through them again
    and again took two fifths of its time (`benchmarks/resolution.py`).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
