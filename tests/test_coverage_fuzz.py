"""Each target of `coverage_fuzz.py` runs, and finds nothing in its first inputs."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from coverage_fuzz import ROOT, TARGETS

SCRIPT = ROOT / "tests" / "coverage_fuzz.py"


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris is not installed: pip install -e '.[fuzz]'",
)
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_but_refusals_comes_of_mutated_inputs(tmp_path: Path, target: str):
    command = [sys.executable, SCRIPT, target, tmp_path / target, "-runs=300", "-seed=1"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-5000:]
    assert "Done 300 runs" in ended.stderr
    assert not list(tmp_path.glob(f"{target}-crash-*"))


@pytest.mark.parametrize("arguments", [[], ["nothing"]])
def test_an_unknown_target_is_told_which_there_are(arguments: list[str]):
    ended = subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr == f"name a target first: {', '.join(TARGETS)}\n"
