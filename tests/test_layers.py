"""Imports point one way, and the ontology alone knows predicates by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg
from kg.ontology import load_ontology

# A module imports only from rows above its own; docs/architecture.md draws them. The first
# two rows of the design are split here, since in them some modules build on others.
LAYERS = [
    {"errors", "model"},
    {"files", "licences", "resources", "sparql"},
    {"vocab"},
    {"decisions", "gazetteer", "ontology"},
    {"corroboration", "grounding", "shapes"},
    {"articles", "cache", "nlp", "rdf", "remote", "resolve"},
    {"store"},
    {"check", "diff", "export", "query", "reconciliation", "validity", "view"},
    {"explain", "graph", "serve"},  # these build on `export` and `view`
    {"build", "records", "train"},
    {"entities", "evaluate", "review"},  # reads the benchmarks with the readers of `train`
    {"cli"},
]
RANK = {name: row for row, names in enumerate(LAYERS) for name in names}
PACKAGE = Path(kg.__file__).parent
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "_data" not in p.relative_to(PACKAGE).parts)


def module_of(path: Path) -> str:
    """Return the name of the module or package right below `kg` that a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports_of(path: Path) -> Iterator[str]:
    """Yield the names right below `kg` that a file imports, lazily or not."""
    here = ("kg", *path.relative_to(PACKAGE).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [*here[: -node.level]] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{stem}.{a.name}" for a in node.names] if stem == "kg" else [stem]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            if package == "kg" and rest:
                yield rest.split(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_up(path: Path):
    module = module_of(path)
    if module in {"__init__", "__main__"}:
        return
    assert module in RANK, f"{module} has no row: add it to LAYERS and docs/architecture.md"
    for name in imports_of(path):
        if name == module or name.startswith("_"):
            continue
        assert RANK[name] < RANK[module], f"{module} must not import {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_predicate_is_named_in_code(path: Path):
    # The marker "spouse" of a noun list or the key "revenue" of a table would be a
    # predicate in code all the same: such words belong into data files.
    names = set(load_ontology().predicates)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and node.value in names:
            pytest.fail(f"{path.name}:{node.lineno} names the predicate {node.value}")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_iris_are_spelt_in_vocab_only(path: Path):
    if module_of(path) == "vocab":
        return
    namespaces = ("http://www.w3.org/", "https://w3id.org/", "https://schema.org/")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, documented)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            spelt = node.value not in docstrings and node.value.startswith(namespaces)
            assert not spelt, f"{path.name}:{node.lineno} spells {node.value}: use kg.vocab"


def test_every_row_member_is_told_from_the_others():
    assert len(RANK) == sum(map(len, LAYERS))
