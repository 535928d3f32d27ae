"""What is installed may be used as it is, no data runs code, and the model is as it was made."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg import licences
from kg.cli import main
from kg.errors import KGError, ModelError
from kg.licences import is_allowed, list_data, list_packages
from kg.nlp.encoder import SHIPPED, load_model

# Licences


def test_every_package_and_all_data_may_be_used():
    packages = list_packages(extras=frozenset({"serve"}))
    names = {item.name for item in packages}
    assert {"spacy", "numpy", "thinc", "starlette"} <= names
    assert "kg-builder" not in names
    assert [item for item in [*packages, *list_data()] if not item.is_allowed] == []


def test_the_command_lists_both_and_ends_with_zero():
    told = CliRunner().invoke(main, ["licences", "--json"])
    assert told.exit_code == 0, told.output
    groups = json.loads(told.stdout)
    assert {"spacy", "onnxruntime"} <= {item["name"] for item in groups["packages"]}
    assert {"Wikinews", "GeoNames"} <= {item["name"] for item in groups["data"]}
    lines = CliRunner().invoke(main, ["licences"]).output
    assert re.search(r"^  spacy [\d.]+ +MIT$", lines, re.MULTILINE)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what makes a package look installed, by the lines of its metadata."""

    def install(name: str, *lines: str) -> None:
        folder = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        told = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines]
        (folder / "METADATA").write_text("\n".join(told) + "\n\n")

    monkeypatch.syspath_prepend(tmp_path)
    return install


@pytest.mark.parametrize(
    ("lines", "licence", "allowed"),
    [
        (["License-Expression: MIT"], "MIT", True),
        (["License: Apache 2.0"], "Apache-2.0", True),
        (["Classifier: License :: OSI Approved :: MIT License"], "MIT", True),
        (["License: UNKNOWN", "Classifier: License :: ISC License (ISCL)"], "ISC", True),
        (["License-Expression: AGPL-3.0-only"], "AGPL-3.0-only", False),
        (["License: GPLv3"], "GPLv3", False),
        (["License-Expression: MIT AND GPL-3.0-only"], "MIT AND GPL-3.0-only", False),
        ([], "unknown", False),
    ],
)  # fmt: skip
def test_a_licence_that_is_not_on_the_list_fails_the_command(
    installed, monkeypatch: pytest.MonkeyPatch, lines: list[str], licence: str, allowed: bool
):
    installed("kg-outer", "License-Expression: MIT", "Requires-Dist: kg-inner>=1")
    installed("kg-inner", *lines)
    found = {item.name: item for item in list_packages("kg-outer")}
    assert (found["kg-inner"].licence, found["kg-inner"].is_allowed) == (licence, allowed)
    monkeypatch.setattr(licences.list_packages, "__defaults__", ("kg-outer",))
    told = CliRunner().invoke(main, ["licences"])
    assert told.exit_code == int(not allowed)
    assert ("not allowed: kg-inner" in told.output) is not allowed


def test_only_what_is_needed_here_is_asked_about(installed):
    installed(
        "kg-outer",
        "Requires-Dist: kg-elsewhere; sys_platform == 'nowhere'",
        "Requires-Dist: kg-more; extra == 'more'",
        "Requires-Dist: kg-inner[deep]",
        "Provides-Extra: more",
    )
    deeper = "Requires-Dist: kg-deep; extra == 'deep'"
    installed("kg-inner", "License: MIT", "Requires-Dist: kg-outer", deeper)
    installed("kg-deep", "License: MIT")
    assert [item.name for item in list_packages("kg-outer")] == ["kg-deep", "kg-inner", "kg-outer"]
    (missing,) = [p for p in list_packages("kg-outer", extras=frozenset({"more"})) if not p.version]
    assert (missing.name, missing.licence, missing.is_allowed) == (
        "kg-more",
        "not installed",
        False,
    )


def test_a_package_that_is_not_there_is_told():
    with pytest.raises(KGError, match="kg-nowhere is not installed"):
        list_packages("kg-nowhere")


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("MIT AND (GPL-3.0-only OR ISC)", True),
        ("(MIT OR ISC) AND GPL-3.0-only", False),
        ("MIT OR ISC AND GPL-3.0-only", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-3.0-only WITH Classpath-exception-2.0", False),
        ("MIT OR", False),
        ("MIT MIT", False),
        ("(MIT", False),
        ("", False),
    ],
)
def test_expressions_are_read_as_spdx_means_them(expression: str, allowed: bool):
    assert is_allowed(expression, of="packages") is allowed


@given(st.text("()MITORANDWH ", max_size=30))
def test_any_expression_is_judged(expression: str):
    assert is_allowed(expression, of="packages") in (True, False)


def test_data_that_may_not_be_given_away_is_not_allowed():
    for licence in ("CC-BY-NC-4.0", "CC-BY-ND-4.0", "ODbL-1.0", "GPL-3.0-only"):
        assert not is_allowed(licence, of="data")


def test_the_list_has_all_data_of_the_model_card():
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    table = card[card.index("| data | licence |") :].partition("\n\n")[0].splitlines()[2:]
    names = [item.name for item in list_data()]
    assert len(table) > 10
    for row in table:
        assert any(name in row for name in names), f"kg/licences.json lacks {row}"


# The model's files


def renew_sums(folder: Path) -> None:
    """Write the checksums of the files as they are now."""
    names = [line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    sums = (f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names)
    (folder / "SHA256SUMS").write_text("".join(sums))


class Trap:
    """Something that makes a file when it is loaded from a pickle."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.file,)


def test_a_pickle_among_the_arrays_is_not_loaded(tmp_path: Path):
    copy, sprung = tmp_path / "model", tmp_path / "sprung"
    shutil.copytree(SHIPPED, copy)
    with np.load(copy / "heads.npz", allow_pickle=False) as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    np.savez(copy / "heads.npz", trap=np.array([Trap(sprung)], dtype=object), **kept)
    renew_sums(copy)
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(copy)
    assert not sprung.exists()


NAMES = [line.split("  ")[1] for line in (SHIPPED / "SHA256SUMS").read_text().splitlines()]


@pytest.mark.parametrize("name", NAMES)
def test_one_bit_more_or_less_is_noticed(tmp_path: Path, name: str):
    copy = tmp_path / "model"
    shutil.copytree(SHIPPED, copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{re.escape(name)}: the checksum is wrong"):
        load_model(copy)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_without_a_checksum_is_refused(tmp_path: Path, name: str):
    copy = tmp_path / "model"
    shutil.copytree(SHIPPED, copy)
    lines = (copy / "SHA256SUMS").read_text().splitlines(keepends=True)
    (copy / "SHA256SUMS").write_text("".join(x for x in lines if not x.endswith(f"  {name}\n")))
    with pytest.raises(ModelError, match=f"SHA256SUMS lacks {re.escape(name)}"):
        load_model(copy)
