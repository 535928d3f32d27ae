"""Keeps quads: Oxigraph in a folder or in memory, or a SPARQL server. Takes RDF, and knows no fact.

A store's folder holds `db/` (the database), `extractions/` (what `kg.cache` keeps),
`resolution/` (what they come to, see `kg.build.index`) and `format`, which says how the rest is
laid out and bears the lock.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pyoxigraph as ox

from kg.errors import QueryError, RefusedChange, StoreError
from kg.remote import RemoteDatabase, is_refusal
from kg.sparql import explain_syntax_error, refuse_deep, refuse_remote, use_dataset
from kg.vocab import PREFIXES

__all__ = ["MEMORY", "Dataset", "Graph", "Store", "Term", "open_store"]

MEMORY = ":memory:"

Graph = ox.NamedNode | ox.DefaultGraph
Term = ox.NamedNode | ox.Literal
_Substitutions = dict[ox.Variable, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]
_GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph

_FORMAT = "kg-store 1\n"
# Virtuoso 7 reads no more than some 5,000 triples between two braces.
_BLOCK = 1000
# What file systems without hard links answer.
_NO_LINKS = frozenset((errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK))


def open_store(
    location: str | Path = "kg-store", *, read_only: bool = False, create: bool = True
) -> Store:
    """Return the store in a folder, one in memory for `":memory:"`, or that of a server.

    A server is given by its address (see `kg.remote`), and asked nothing yet. Of a
    folder one process may write, and then none may read; any number may read. Raises
    StoreError where the folder is no store, of another layout, damaged, in use, or not there
    and not to be created, and for an address that is none of HTTP.
    """
    if str(location) == MEMORY:
        return Store(ox.Store(), folder=None)
    if "://" in str(location):
        database = RemoteDatabase(str(location), read_only=read_only)
        return Store(database, folder=None, beside=_find_cache_folder(str(location)))
    folder = Path(location)
    _prepare(folder, may_create=create and not read_only)
    lock = _lock(folder, is_shared=read_only)
    try:
        with _reporting(folder, "cannot be opened"):
            path = str(folder / "db")
            files = ox.Store.read_only(path) if read_only else ox.Store(path)
    except StoreError:
        lock.close()
        raise
    return Store(files, folder=folder, lock=lock)


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs, by IRI, that a query asks: merged as its default graph, and by name."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[list[_GraphName], list[ox.NamedNode | ox.BlankNode]]:
        """Both as terms. Raises QueryError for what is no IRI."""
        try:
            return [*map(ox.NamedNode, self.default)], [*map(ox.NamedNode, self.named)]
        except ValueError as error:
            raise QueryError(f"a graph of the dataset has no valid IRI: {error}") from error


class Store:
    """Quads that can be queried and changed; close it, or use it in a `with` statement.

    `folder` is None for a store in memory and for one on a server. `beside` is where to
    keep what belongs to the quads and is none of them: the folder itself, one in the user's
    cache for a server, None for a store in memory.
    """

    def __init__(
        self,
        database: ox.Store | RemoteDatabase,
        *,
        folder: Path | None,
        beside: Path | None = None,
        lock: IO[str] | None = None,
    ) -> None:
        self._database: ox.Store | RemoteDatabase | None = database
        self._lock = lock
        self.folder = folder
        self.beside = beside or folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._open)

    @property
    def base(self) -> str:
        """Where the IRIs of its data set begin (VoID, section 4.3); empty if none says so."""
        told = self.select("SELECT ?base { ?dataset a void:Dataset ; void:uriSpace ?base }")
        return next((solution["base"].value for solution in told), "")

    def close(self) -> None:
        """Release the store; closing twice does no harm."""
        self._database = None
        if self._lock is not None:
            self._lock.close()

    def query(
        self,
        text: str,
        *,
        substitutions: Mapping[str, Term] | None = None,
        dataset: Dataset | None = None,
        base_iri: str | None = None,
        hosts: Collection[str] = (),
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Return the answer to a SPARQL query over the default graph and the named ones.

        The prefixes of `kg.vocab.PREFIXES` need no declaration. `substitutions` put terms in
        the place of variables, by name: the way to ask about text that is not trusted.
        `dataset` stands in for what the query's FROM clauses say; `hosts` are the servers
        that it may ask. Raises QueryError for a query that is not valid, is nested too
        deep, asks another server, or fails.
        """
        refuse_deep(text)
        refuse_remote(text, hosts=hosts)
        terms: _Substitutions = {
            ox.Variable(name): term for name, term in (substitutions or {}).items()
        }
        default, named = dataset.terms if dataset else (None, None)
        with _explaining(text, "query"):
            return self._open.query(
                text,
                prefixes=PREFIXES,
                substitutions=terms,
                default_graph=default,
                named_graphs=named,
                base_iri=base_iri,
            )

    def update(
        self,
        text: str,
        *,
        dataset: Dataset | None = None,
        base_iri: str | None = None,
        hosts: Collection[str] = (),
    ) -> None:
        """Carry out a SPARQL update in one transaction: all of it happens, or nothing.

        `dataset` is what its WHERE clauses ask, in the place of USING; `hosts` are the
        servers that it may load from. Raises QueryError as `query` does.
        """
        refuse_deep(text)
        refuse_remote(text, hosts=hosts)
        asked = use_dataset(text, dataset.default, dataset.named) if dataset else text
        with _explaining(asked, "update"):
            self._open.update(asked, prefixes=PREFIXES, base_iri=base_iri)

    def back_up(self, folder: Path) -> None:
        """Write a store of the same quads into a folder that is not there yet.

        On one file system the files are shared by hard links, which takes no time; the
        `extractions` stay behind.
        """
        if (folder / "format").exists():
            raise StoreError(f"{folder}: a store is here already: name another folder")
        _prepare(folder, may_create=True)
        with _reporting(folder, "cannot be written"):
            if self.folder is not None:
                self._open.backup(folder / "db")
                return
            copy = ox.Store(folder / "db")
            copy.bulk_extend(self.quads())
            copy.flush()

    def select(
        self, text: str, *, substitutions: Mapping[str, Term] | None = None
    ) -> ox.QuerySolutions:
        """Return the solutions of a SELECT query; otherwise as `query`."""
        answer = self.query(text, substitutions=substitutions)
        if not isinstance(answer, ox.QuerySolutions):
            raise QueryError("a SELECT query is needed here")
        return answer

    def quads(
        self,
        *,
        subject: ox.NamedNode | None = None,
        predicate: ox.NamedNode | None = None,
        object_: Term | None = None,
        graph: Graph | None = None,
    ) -> Iterator[ox.Quad]:
        """Yield the quads that match, in no order; what is None matches everything."""
        with _reporting(self._place_name, "cannot be read"):
            yield from self._open.quads_for_pattern(subject, predicate, object_, graph)

    def graphs(self) -> Iterator[str]:
        """Yield the IRIs of the named graphs, in no order."""
        with _reporting(self._place_name, "cannot be read"):
            for graph in self._open.named_graphs():
                yield graph.value

    def apply(self, *, removed: Iterable[ox.Quad] = (), added: Iterable[ox.Quad] = ()) -> None:
        """Remove quads and add others in one transaction: all of it happens, or nothing.

        A named graph that loses its last quad is gone. A quad that is in both stays.
        Raises StoreError, with the store as it was: RefusedChange where a server will not
        carry out what is asked. A server that keeps to no transaction over one request
        (Virtuoso) has added before it removes, so that one that it refuses changes nothing,
        and one that is cut off loses nothing.
        """
        added = {self._place(quad) for quad in added}
        removed = {self._place(quad) for quad in removed} - added
        steps = [f"INSERT DATA {{\n{_write_data(added)}}}"] if added else []
        steps += self._write_removal(removed, added)
        if steps:
            is_remote = isinstance(self._open, RemoteDatabase)
            kept = "" if is_remote else "; nothing was changed"
            with _reporting(self._place_name, f"cannot be written{kept}"):
                self._open.update(" ;\n".join(steps))

    def dump(self, output: IO[bytes], *, format_: ox.RdfFormat, graph: Graph | None = None) -> None:
        """Write all quads, or the triples of one graph, in no order."""
        with _reporting(self._place_name, "cannot be read"):
            self._open.dump(output, format_, from_graph=graph, prefixes=PREFIXES)

    def flush(self) -> None:
        """Return when everything that was applied is on the disk."""
        with _reporting(self._place_name, "cannot be written"):
            self._open.flush()

    @property
    def _place_name(self) -> Path | str:
        """What errors call the store."""
        is_remote = isinstance(self._database, RemoteDatabase)
        return self.folder or ("the store of a server" if is_remote else "the store in memory")

    @property
    def _open(self) -> ox.Store | RemoteDatabase:
        if self._database is None:
            raise StoreError("the store is closed: open it again")
        return self._database

    def _place(self, quad: ox.Quad) -> ox.Quad:
        """Return a quad in the graph where it is kept: a server may name the default one."""
        database = self._open
        if not isinstance(database, RemoteDatabase) or database.default_graph is None:
            return quad
        is_default = isinstance(quad.graph_name, ox.DefaultGraph)
        graph = database.default_graph if is_default else quad.graph_name
        return ox.Quad(quad.subject, quad.predicate, quad.object, graph)

    def _write_removal(self, removed: set[ox.Quad], added: set[ox.Quad]) -> Iterator[str]:
        """Yield the updates that remove quads, then graphs that are left empty."""
        growing = {quad.graph_name for quad in added}
        losing = {quad.graph_name for quad in removed if isinstance(quad.graph_name, ox.NamedNode)}
        emptied = {
            graph for graph in losing - growing if removed.issuperset(self.quads(graph=graph))
        }
        rest = {quad for quad in removed if quad.graph_name not in emptied}
        if rest:
            yield f"DELETE DATA {{\n{_write_data(rest)}}}"
        for graph in sorted(emptied, key=str):
            yield f"DROP SILENT GRAPH {graph}"


def _write_data(quads: Iterable[ox.Quad]) -> str:
    """Return quads as the data block of a SPARQL update, each term in its own syntax."""
    graphs: dict[_GraphName, list[str]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph_name, []).append(f"{quad.triple} .\n")
    return "".join(
        f"GRAPH {graph} {{\n{''.join(lines[start : start + _BLOCK])}}}\n"
        if isinstance(graph, ox.NamedNode)
        else "".join(lines[start : start + _BLOCK])
        for graph, lines in graphs.items()
        for start in range(0, len(lines), _BLOCK)
    )


def _find_cache_folder(address: str) -> Path:
    """Return where the user's cache keeps what belongs to the store of a server."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "kg-builder" / hashlib.sha256(address.encode()).hexdigest()[:16]


def _prepare(folder: Path, *, may_create: bool) -> None:
    """Make sure that the folder is a store of this layout, and create it if need be."""
    marker = folder / "format"
    if not marker.is_file():
        if not may_create:
            raise StoreError(
                f"{folder}: no store is here: make one with `kg build`, or name another"
            )
        _create(folder, marker)
    found = marker.read_text(encoding="utf-8", errors="replace")
    if found != _FORMAT:
        raise StoreError(
            f"{folder}: the store is laid out as {found.strip()[:40]!r}, this version reads "
            f"{_FORMAT.strip()!r}: build it again, or use the version that wrote it"
        )


def _create(folder: Path, marker: Path) -> None:
    """Make an empty store of a folder, unless another process does so at the same moment.

    The marker bears the lock, so it is put there once and never replaced.
    """
    draft = folder / f"format.{os.getpid()}.new"
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder}: is no folder, and not a store: name another")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strange = [p.name for p in folder.iterdir() if not p.match("format.*new")]
        if strange and not marker.is_file():
            raise StoreError(f"{folder}: is not empty and not a store: name another folder")
        draft.write_text(_FORMAT, encoding="utf-8")
        with suppress(FileExistsError):
            marker.hardlink_to(draft)
    except OSError as error:
        if error.errno not in _NO_LINKS or not draft.is_file():
            raise StoreError(f"{folder}: cannot be created: {error.strerror}") from error
        draft.replace(marker)
    finally:
        with suppress(OSError):
            draft.unlink()


def _lock(folder: Path, *, is_shared: bool) -> IO[str]:
    """Return the open file that bears the lock, held until it is closed.

    Raises StoreError where another process holds it.
    """
    try:
        file = (folder / "format").open(encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{folder}: cannot be locked: {error.strerror}") from error
    if os.name != "posix":
        return file  # Oxigraph's own lock still keeps a second writer out
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        doing = "written" if is_shared else "used"
        raise StoreError(
            f"{folder}: the store is being {doing} by another process: try again when it is done"
        ) from error
    return file


@contextmanager
def _explaining(text: str, kind: str) -> Iterator[None]:
    """Turn the engine's errors over a query or update into QueryError."""
    try:
        yield
    except SyntaxError as error:
        message = explain_syntax_error(text, str(error), kind=kind, prefixes=PREFIXES)
        raise QueryError(message) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise QueryError(f"the {kind} failed: {error}") from error


@contextmanager
def _reporting(place: Path | str, what: str) -> Iterator[None]:
    """Turn the engine's errors into StoreError."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        kind = RefusedChange if is_refusal(error.__cause__) else StoreError
        raise kind(f"{place}: {what}: {error}") from error
