"""The documentation: its commands, options, links, queries and imports exist, and README's work."""

from __future__ import annotations

import ast
import gzip
import importlib
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.export import FORMATS
from kg.store import MEMORY, open_store

ROOT = Path(__file__).parent.parent

PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *(ROOT / name for name in ("corpus/README.md", "kg/nlp/model/README.md")),
        *(ROOT / "docs").rglob("*.md"),
    ]
)

README = (ROOT / "README.md").read_text(encoding="utf-8")

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^(?: {4}.*)?\n)+", re.MULTILINE)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_END = re.compile(r"&&|\|\|?|;|>")

on_every_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def find_blocks(page: Path, *kinds: str) -> Iterator[str]:
    """The blocks of code of some kinds."""
    for kind, block in _BLOCK.findall(read(page)):
        if kind in kinds:
            yield block


def find_commands(page: Path) -> Iterator[list[str]]:
    """Every command line that a page shows, in words; what a shell puts between is cut."""
    lines = [line for block in find_blocks(page, "sh") for line in block.splitlines()]
    lines += [
        line.removeprefix("$ ")
        for block in find_blocks(page, "console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    prose = _BLOCK.sub("", read(page))
    lines += [line.strip() for block in _INDENTED.findall(prose) for line in block.splitlines()]
    lines += [code for code in _INLINE.findall(prose) if code.startswith("kg ")]
    for line in lines:
        yield from split_line(line)


def split_line(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;>")
    lexer.whitespace_split = True
    command: list[str] = []
    try:
        words = list(lexer)
    except ValueError:  # a quote that goes on, or an apostrophe: no line of a shell
        return
    for word in [*words, "&&"]:
        if _END.fullmatch(word):
            if command:
                yield command
            command = []
        elif command or "=" not in word:  # KG_TOKEN=... before a command
            command.append(word)


def find_kg_commands(page: Path) -> Iterator[list[str]]:
    for command in find_commands(page):
        if Path(command[0]).name == "kg" and len(command) > 1:
            yield command[1:]


def find_command(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the first words name, and the words behind them."""
    command: click.Command = main
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    return command, words


def option_names(command: click.Command) -> set[str]:
    context = click.Context(command, help_option_names=["-h", "--help"])
    return {name for option in command.get_params(context) for name in option.opts}


def test_the_reader_of_commands_reads_them():
    line = "a=1 .venv/bin/kg query 'x; y' -f q.rq | sort && kg view  # a word"
    assert list(split_line(line)) == [
        [".venv/bin/kg", "query", "x; y", "-f", "q.rq"],
        ["sort"],
        ["kg", "view"],
    ]
    assert {"--store", "--open", "-q"} <= option_names(main.commands["view"])


@on_every_page
def test_every_command_and_option_exists(page: Path):
    for command in find_kg_commands(page):
        verb, *words = command
        if verb in option_names(main) or not re.fullmatch(r"[a-z-]+", verb):
            continue
        assert verb in main.commands, " ".join(command)
        found, words = find_command(command)
        assert not isinstance(found, click.Group) or not words, " ".join(command)
        known = option_names(found)
        for word in words:
            if re.match(r"--?[a-z]", word):
                assert word.partition("=")[0] in known, f"kg {' '.join(command)}: {word}"


def walk(command: click.Command) -> Iterator[click.Command]:
    """A command and all below it."""
    yield command
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from walk(below)


@on_every_page
def test_every_option_in_the_text_belongs_to_a_command(page: Path):
    known = {name for command in walk(main) for name in option_names(command)}
    known |= {"--update-golden"}
    for code in _INLINE.findall(_BLOCK.sub("", read(page))):
        if code.startswith("--"):
            assert code.split()[0] in known, code


@on_every_page
def test_every_file_in_a_command_of_ours_exists(page: Path):
    for command in find_commands(page):
        for word in command:
            if re.match(r"(examples|corpus|benchmarks|tests|ontologies|docs)/", word):
                assert (ROOT / word.partition("::")[0]).exists(), word


@on_every_page
def test_every_link_leads_somewhere(page: Path):
    for target in _LINK.findall(_BLOCK.sub("", read(page))):
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), target
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert found.is_relative_to(ROOT), target
        if anchor:
            assert anchor in find_anchors(found), target


def find_anchors(page: Path) -> set[str]:
    """What headings can be linked to, by GitHub's rule."""
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", read(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@on_every_page
def test_every_import_works(page: Path):
    for block in [*find_blocks(page, "python"), *find_indented_imports(page)]:
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = importlib.import_module(node.module)
                for alias in node.names:
                    assert hasattr(module, alias.name), f"{node.module} has no {alias.name}"
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    importlib.import_module(alias.name)


def find_indented_imports(page: Path) -> Iterator[str]:
    for block in _INDENTED.findall(_BLOCK.sub("", read(page))):
        for line in block.splitlines():
            if re.match(r"    from kg[\w.]* import \w", line):
                yield line.strip()


@on_every_page
def test_every_query_is_valid_and_asks_for_what_the_ontology_has(page: Path):
    queries = list(find_blocks(page, "sparql"))
    for command in find_kg_commands(page):
        queries += [word for word in command if command[0] == "query" and "{" in word]
    ontology = (ROOT / "ontologies" / "kg.ttl").read_text(encoding="utf-8")
    terms = set(re.findall(r"^kg:(\w+)$", ontology, re.MULTILINE))
    with open_store(MEMORY) as store:
        for query in queries:
            store.query(query)
            assert set(re.findall(r"\bkg:(\w+)", query)) <= terms


def test_every_command_is_in_readme():
    for name in main.commands:
        assert re.search(rf"\bkg {name}\b", README), name


def test_readme_sets_up_by_two_commands():
    blocks = [block for kind, block in _BLOCK.findall(README) if kind == "sh"]
    setting_up = [block for block in blocks if "pip install" in block]
    assert [block.count("\n") for block in setting_up] == [1, 1]
    first, second = setting_up
    assert re.match(r"python3 -m venv \.venv && \.venv/bin/pip install \. && .*kg demo", first)
    assert second.rstrip().endswith("&& .venv/bin/pytest")
    assert f"<!-- test command -->\n```sh\n{second}```\n" in README
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for names in re.findall(r"'\.\[([\w,]+)\]'", README):
        assert set(names.split(",")) <= set(extras["optional-dependencies"])


def test_readme_opens_with_what_it_does_and_one_picture():
    title, said, picture = README.split("\n\n")[:3]
    assert title == "# kg-builder"
    assert said.startswith("News articles go in, a knowledge graph comes out")
    assert re.fullmatch(r"!\[.+\]\(docs/images/page\.png\)", picture)
    assert len(re.findall(r"!\[", README.split("\n## ")[0])) == 1


def test_readme_counts_right():
    articles = len(list((ROOT / "corpus" / "articles").glob("*.txt")))
    assert f" {articles} bundled articles" in README
    assert (len(FORMATS), "[ten formats]" in README) == (10, True)
    questions = len(list((ROOT / "examples").glob("*.rq")))
    assert (questions, "has ten questions" in README) == (10, True)


def test_every_page_is_in_the_index():
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for target in _LINK.findall(read(index))}
    assert set((ROOT / "docs").rglob("*.md")) - {index} <= linked
    for title, target in re.findall(r"^\d\. \[(.+)\]\((.+)\)$", read(index), re.MULTILINE):
        first = read(index.parent / target).partition("\n")[0]
        assert first.partition(". ")[2] == title


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that README's commands name; nothing is opened there."""
    text = "Zoom was founded by Eric Yuan. Zoom is a partner of Systec Umeet."
    (tmp_path / "articles").mkdir()
    for name in ("articles/one.txt", "story.txt"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    page = f"<html><title>Zoom</title><body><article><p>{text * 3}</p></article></body></html>"
    (tmp_path / "story.html").write_text(page, encoding="utf-8")
    line = json.dumps({"id": "news", "text": text})
    (tmp_path / "news.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(click, "launch", lambda _: 0)
    return tmp_path


@pytest.mark.model
def test_the_commands_of_readme_work(desk: Path):
    setting_up = re.compile(r"pip install|pytest|demo")
    done = []
    for block in find_blocks(ROOT / "README.md", "sh"):
        if setting_up.search(block):
            continue
        for line in block.splitlines():
            for command in split_line(line):
                if command[0] == "kg":
                    result = CliRunner().invoke(main, command[1:])
                    assert result.exit_code == 0, (command, result.output)
                    done.append(command[1])
    assert done.count("build") == 1
    assert {"query", "view", "export", "extract"} <= set(done)
    assert (desk / "graph.html").stat().st_size > 100_000
    assert "partnerOf" in (desk / "graph.ttl").read_text(encoding="utf-8")


@pytest.mark.model
def test_the_program_of_readme_works(desk: Path, capsys: pytest.CaptureFixture[str]):
    (program,) = find_blocks(ROOT / "README.md", "python")
    exec(compile(program, "README.md", "exec"), {})
    assert "Zoom\n" in capsys.readouterr().out
