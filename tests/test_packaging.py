"""The wheel: what is in it, what is not, and that it works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# The editor Yasgui comes from npm; a wheel that is built without a network goes without it.
FROM_NPM = "yasgui.min"

LARGEST = 60_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_spec("hatchling") is None and not os.environ.get("CI"):
        pytest.skip("hatchling is not installed: pip install -e '.[dev]'")
    folder = tmp_path_factory.mktemp("wheel")
    command = [*(sys.executable, "-m", "pip", "wheel", str(ROOT), "--wheel-dir", str(folder))]
    command += ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    offline = {"npm_config_offline": "true", "npm_config_cache": str(folder / "npm")}
    built = subprocess.run(
        command, env=os.environ | offline, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def list_files(folder: str) -> set[str]:
    """The files of a folder of the project that belong to it, relative to the project."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and FROM_NPM not in path.name
    }


def test_the_wheel_holds_the_package_its_data_and_nothing_else(names: set[str]):
    carried = {
        f"kg/_data/{name}"
        for folder in ("ontologies", "corpus", "examples")
        for name in list_files(folder)
    }
    metadata = {name for name in names if ".dist-info/" in name}
    assert names - metadata == list_files("kg") | carried


@pytest.mark.parametrize(
    "name",
    [
        *("kg/py.typed", "kg/nlp/model/encoder.onnx", "kg/nlp/model/SHA256SUMS"),
        *("kg/gazetteer/tables/countries.tsv", "kg/gazetteer/tables/cities.tsv.gz"),
        *("kg/view/page/template.html", "kg/view/page/main.js", "kg/view/page/page.css"),
        *("kg/serve/page/template.html", "kg/cli/queries/partners.rq", "kg/train/small.yaml"),
        *("kg/_data/ontologies/kg.ttl", "kg/_data/ontologies/shapes.ttl"),
        "kg/_data/corpus/articles/a01-video-firm-leaves-china.txt",
        "kg/_data/examples/leaders.rq",
    ],
)
def test_the_wheel_holds(name: str, names: set[str]):
    assert name in names


def test_no_test_and_no_tool_of_ours_is_in_the_wheel(names: set[str]):
    for name in names:
        assert not {"tests", "docs", "benchmarks", "__pycache__"} & set(Path(name).parts)
        assert not Path(name).name.startswith((".", "test_", "hatch_build"))
        assert name.startswith(("kg/", "kg_builder-"))


def test_the_wheel_is_small(wheel: Path):
    assert wheel.name.endswith("-py3-none-any.whl")
    assert wheel.stat().st_size < LARGEST


def test_the_metadata_names_the_command_and_the_components(wheel: Path, names: set[str]):
    (entry_points,) = (name for name in names if name.endswith("dist-info/entry_points.txt"))
    with zipfile.ZipFile(wheel) as archive:
        told = archive.read(entry_points).decode()
        metadata = Parser().parsestr(
            archive.read(entry_points.replace("entry_points.txt", "METADATA")).decode()
        )
    assert "[console_scripts]\nkg = kg.cli:main\n" in told
    assert "[spacy_factories]\n" in told
    assert metadata["License-Expression"] == "MIT"
    assert any(name.endswith("licenses/LICENSE") for name in names)
    needed = [name for name in metadata.get_all("Requires-Dist", []) if "extra ==" not in name]
    heavy = ("torch", "transformers", "pytest", "starlette", "selenium")
    assert not [name for name in needed if name.startswith(heavy)]


def test_the_wheel_works_away_from_the_checkout(wheel: Path, tmp_path: Path):
    place = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
        "import kg.resources\n"
        "assert kg.resources.bundled('corpus').is_relative_to(sys.path[0])\n"
        "from kg.cli import main\n"
        "main(['extract', '--format', 'jsonl', str(kg.resources.bundled(sys.argv[1]))])"
    )
    article = "corpus/articles/a01-video-firm-leaves-china.txt"
    command = [sys.executable, "-c", code, str(place), article]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count('"predicate": ') > 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]
