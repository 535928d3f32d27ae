"""Finds the files that a list of sources stands for, and gives each its article id.

The id of an article is the name of its file without the ending (`zoom-exiting-china`),
for a file deeper in a folder or glob with the way below it (`2020/zoom-exiting-china`).
So it depends neither on the working directory nor on the order of the sources. Where
that gives two files one id, all of these get the ending and as many names of their
parent folders as tell them apart (`2019/report.txt` and `2020/report.txt`).
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kg.articles.addresses import is_address, parse_address
from kg.errors import EmptySource, SourceError, UnreadableSource, UnsupportedSource

__all__ = ["Source", "find_sources"]

OnError = Callable[[SourceError], None]

_KINDS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonl.gz": "jsonl.gz",
    ".ndjson.gz": "jsonl.gz",
    ".warc": "warc",
    ".warc.gz": "warc.gz",
}
_ENDING = re.compile(r"(?:\.(?:jsonl|ndjson|warc))?\.[a-z][a-z0-9]{0,9}$", re.IGNORECASE)
_MAGIC = re.compile(r"[*?[]")
_PROTOCOL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read, an address to fetch (of kind `web`), or standard input (no path).

    `name` is what messages call it; `id` the id of its article, where it holds one;
    `kind` names its reader and is empty where only the content can tell; `encoding` is
    that of its text, where it is known beforehand.
    """

    name: str
    id: str = ""
    kind: str = ""
    path: Path | None = None
    encoding: str = ""


def find_sources(sources: Iterable[str | Source], *, on_error: OnError) -> list[Source]:
    """Return the files that the sources stand for, in order, each once.

    A source is a file, a folder (all below it, sorted), a glob (`**` too), an address of
    http or https (which is the id of its article), or `-` for standard input. Hidden files
    in folders are passed over; so are links that stay in the folder, since what they lead
    to is found anyway. What is missing, empty, of an unknown kind, or a link out of its
    folder goes to `on_error`.
    """
    found: dict[str, Source] = {}
    for source in sources:
        try:
            items = [source] if isinstance(source, Source) else _expand(source)
            for item in items:
                if isinstance(item, SourceError):
                    on_error(item)
                else:
                    _add(item, found)
        except SourceError as error:
            on_error(error)
    return _settle_ids(list(found.values()))


def _add(source: Source, found: dict[str, Source]) -> None:
    """Keep the file once, under the longest of its ids, whatever the order."""
    key = os.path.realpath(source.path) if source.path else f"-{source.id}"
    other = found.get(key, source)
    found[key] = max(source, other, key=lambda s: (s.id.count("/"), len(s.id), s.id))


def _expand(source: str) -> Iterator[Source | SourceError]:
    """Yield what one source stands for; raise when it stands for nothing."""
    name = _printable(source)
    if source == "-":
        yield Source("standard input")
        return
    if is_address(source):
        address = str(parse_address(source))
        yield Source(address, address, "web")
        return
    if not source or "\0" in source:
        raise UnreadableSource(name or "''", "this is no file name")
    path = Path(source)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if _MAGIC.search(source):
            yield from _expand_glob(source)
            return
        raise _missing(source, error) from error
    if stat.S_ISDIR(mode):
        yield from _expand_folder(path, path)
    else:
        yield _take(path, path.name, mode)


def _missing(source: str, error: OSError) -> SourceError:
    name = _printable(source)
    if _PROTOCOL.match(source):
        return UnsupportedSource(name, "only addresses of http and https are fetched")
    if isinstance(error, FileNotFoundError):
        return UnreadableSource(name, "there is no such file: check the name")
    return UnreadableSource(name, f"it cannot be opened: {error.strerror}")


def _expand_glob(pattern: str) -> Iterator[Source | SourceError]:
    parts = Path(pattern).parts
    first = next(n for n, part in enumerate(parts) if _MAGIC.search(part))
    root = Path(*parts[:first])
    try:
        matches = sorted(root.glob(str(Path(*parts[first:]))))
    except (OSError, ValueError) as error:
        raise UnreadableSource(_printable(pattern), f"this is no pattern: {error}") from error
    visible = [path for path in matches if not _hidden(path, root)]
    if not visible:
        raise UnreadableSource(_printable(pattern), "no file matches this pattern")
    for path in visible:
        yield from _examine(path, root)


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _expand_folder(folder: Path, root: Path) -> Iterator[Source | SourceError]:
    """Yield the files below a folder, sorted, without following a link."""
    files: list[Path] = []
    folders = [folder]
    while folders:
        inner = folders.pop()
        try:
            visible = [path for path in inner.iterdir() if not path.name.startswith(".")]
        except OSError as error:
            reason = f"the folder cannot be read: {error.strerror}"
            yield UnreadableSource(_printable(str(inner)), reason)
            continue
        for path in visible:
            deeper = path.is_dir() and not path.is_symlink()
            (folders if deeper else files).append(path)
    if not files and folder == root:
        raise EmptySource(_printable(str(folder)), "the folder holds no file to read")
    for path in sorted(files):
        yield from _examine(path, root)


def _examine(path: Path, root: Path) -> Iterator[Source | SourceError]:
    """Yield what a path found under a folder stands for, refusals as values."""
    try:
        if path.is_symlink():
            yield from _judge_link(path, root)
        elif path.is_dir():
            yield from _expand_folder(path, root)
        else:
            yield _take(path, path.relative_to(root).as_posix(), path.stat().st_mode)
    except OSError as error:
        yield _missing(str(path), error)
    except SourceError as error:
        yield error


def _judge_link(path: Path, root: Path) -> Iterator[SourceError]:
    name = _printable(str(path))
    if not path.exists():
        yield UnreadableSource(name, "this link leads nowhere")
    elif not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        yield UnreadableSource(
            name, "this link leads out of its folder: name the file itself to have it read"
        )


def _take(path: Path, relative: str, mode: int) -> Source:
    name = _printable(str(path))
    if not stat.S_ISREG(mode):
        raise UnsupportedSource(name, "this is no regular file: pipe it in and give - as source")
    ending = _find_ending(path.name)
    if ending and ending not in _KINDS:
        kinds = ", ".join(_KINDS)
        raise UnsupportedSource(name, f"there is no reader for {ending} files, only for {kinds}")
    return Source(name, _make_id(relative, ending), _KINDS.get(ending, ""), path)


def _find_ending(name: str) -> str:
    match = _ENDING.search(name, 1) if len(name) > 1 else None
    return match.group().lower() if match else ""


def _make_id(relative: str, ending: str) -> str:
    return unicodedata.normalize("NFC", _printable(relative[: len(relative) - len(ending)]))


def _printable(name: str) -> str:
    """Return a file name that can go into a message or a graph, whatever bytes it has."""
    clean = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in clean)


def _settle_ids(sources: list[Source]) -> list[Source]:
    """Give files that share an id as much of their path as tells them apart."""
    same: defaultdict[str, list[Source]] = defaultdict(list)
    for source in sources:
        if source.path:
            same[source.id].append(source)
    settled: dict[Source, str] = {}
    for group in same.values():
        if len(group) > 1:
            settled |= _lengthen(group)
    return [replace(s, id=settled[s]) if s in settled else s for s in sources]


def _lengthen(group: list[Source]) -> dict[Source, str]:
    parts = {source: Path(os.path.realpath(source.path or "")).parts for source in group}
    depth = 1
    while len({way[-depth:] for way in parts.values()}) < len(group):
        depth += 1
    return {source: _make_id("/".join(way[-depth:]), "") for source, way in parts.items()}
