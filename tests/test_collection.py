"""Looking for garbage rests while a graph is resolved, and never longer."""

from __future__ import annotations

import gc

import pytest

from kg.build.collection import rest_collection


@pytest.mark.parametrize("is_on", [True, False])
def test_collection_goes_on_as_it_was_even_after_a_fault(is_on: bool):
    try:
        if not is_on:
            gc.disable()
        with pytest.raises(ValueError, match="invalid literal"):
            _fail_at_rest()
        assert gc.isenabled() is is_on
    finally:
        gc.enable()


@rest_collection()
def _fail_at_rest() -> None:
    with rest_collection():
        assert not gc.isenabled()
    assert not gc.isenabled()
    int("no number")
