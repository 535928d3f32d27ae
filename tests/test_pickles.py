"""No module loads a pickle, or other data that may run code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg

PACKAGE = Path(kg.__file__).parent
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "_data" not in p.relative_to(PACKAGE).parts)

# Modules that are there to read pickles, and names by which others read such data.
NEVER = {"_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
READERS = {
    "pickle": {"load", "loads", "Unpickler", "*"},
    "yaml": {"full_load", "full_load_all", "unsafe_load", "unsafe_load_all", "*"},
    "pandas": {"read_pickle", "*"},
    "numpy": {"*"},
    "torch": {"*"},
}
# What makes a reader safe: a keyword, and what it must be.
SAFE = {
    ("numpy", "load"): ("allow_pickle", "False"),
    ("torch", "load"): ("weights_only", "True"),
    ("yaml", "load"): ("Loader", "yaml.BaseLoader"),
}


def find_pickles(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that may load data that runs code."""
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.asname or alias.name: alias.name for alias in node.names}
            modules |= names
            yield from (node.lineno for name in names.values() if name in NEVER)
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            module = node.module or ""
            unsafe = READERS.get(module, set()) | {n for m, n in SAFE if m == module}
            if module in NEVER or names & unsafe:
                yield node.lineno
    for node in ast.walk(tree):
        reads = isinstance(node, ast.Attribute) and is_reader(node, modules)
        if reads or (isinstance(node, ast.Call) and not is_safe(node, modules)):
            yield node.lineno


def is_reader(node: ast.Attribute, modules: dict[str, str]) -> bool:
    return node.attr in READERS.get(find_module(node, modules), ())


def find_module(node: ast.expr, modules: dict[str, str]) -> str:
    """Return the module that something is an attribute of, if it is."""
    named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    return modules.get(node.value.id, "") if named else ""


def is_safe(call: ast.Call, modules: dict[str, str]) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    condition = SAFE.get((find_module(call.func, modules), name))
    told = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    return condition is None or told.get(condition[0]) == condition[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_module_loads_a_pickle(path: Path):
    found = list(find_pickles(ast.parse(path.read_text(encoding="utf-8"))))
    assert not found, f"{path}:{found[0]} may run code of what it loads"


@pytest.mark.parametrize(
    "source",
    [
        "import pickle\npickle.loads(x)",
        "import pickle as p\np.Unpickler(x)",
        "from pickle import load",
        "from pickle import *",
        "import joblib",
        "import shelve",
        "from dill import load",
        "import numpy as np\nnp.load(x)",
        "import numpy as np\nnp.load(x, allow_pickle=True)",
        "from numpy import load",
        "import torch\ntorch.load(x, weights_only=False)",
        "import torch\ntorch.load(x)",
        "from torch import load",
        "import pandas\npandas.read_pickle(x)",
        "import yaml\nyaml.load(x, yaml.Loader)",
        "import yaml\nyaml.load(x, Loader=yaml.Loader)",
        "from yaml import unsafe_load",
    ],
)
def test_the_search_finds_what_loads_one(source: str):
    assert list(find_pickles(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "import pickle\npickle.dumps(x)",
        "import numpy as np\nnp.load(x, allow_pickle=False)",
        "import torch\ntorch.load(x, weights_only=True, map_location=y)",
        "import json\njson.loads(x)",
        "import yaml\nyaml.safe_load(x)",
    ],
)
def test_the_search_lets_pass_what_loads_none(source: str):
    assert not list(find_pickles(ast.parse(source)))
