"""Builds the files that the tests of the readers read: pages, PDF files, compressed lines."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

from kg.articles import read_articles
from kg.errors import SourceError
from kg.model import Article

PROSE = tuple(
    """\
Tarnhelm Instruments said on Tuesday that it had bought the optics maker Glaswerk for 40 million \
euros, its third purchase in two years.
The company, which has its seat in Jena, makes lenses for surveyors and sells them in more than \
thirty countries through a network of dealers.
Chief executive Wiebke Sandvoss told reporters that nobody would lose a job, and that the plant in \
Brno was going to be enlarged before the end of the year, or soon after.""".splitlines()
)
TEXT = "\n\n".join(PROSE)
TITLE = "Tarnhelm buys optics maker Glaswerk"


def read(*sources: Path | str) -> tuple[list[Article], list[SourceError]]:
    """Return the articles of the sources and the refusals."""
    errors: list[SourceError] = []
    articles = list(read_articles(map(str, sources), on_error=errors.append))
    for article in articles:
        check_spans(article)
    return articles, errors


def read_one(path: Path | str) -> Article:
    """Return the only article of a source that is read without a refusal."""
    articles, errors = read(path)
    assert not errors
    assert len(articles) == 1
    return articles[0]


def refuse(path: Path | str) -> SourceError:
    """Return the only refusal of a source that holds no article."""
    articles, errors = read(path)
    assert not articles
    assert len(errors) == 1
    return errors[0]


def furniture(article: Article) -> list[str]:
    """Return the texts of the spans that belong to the page."""
    return [article.text[span.start : span.end] for span in article.furniture]


def check_spans(article: Article) -> None:
    """Check that the spans of an article lie in its text, sorted, apart, without margins."""
    end = 0
    for span in article.furniture:
        assert end <= span.start < span.end <= len(article.text)
        quote = article.text[span.start : span.end]
        assert quote == quote.strip()
        end = span.end


def record(**fields: object) -> str:
    """Return a line of JSON Lines with a text."""
    return json.dumps({"text": TEXT, **fields}, ensure_ascii=False)


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    """Write lines, compressed where the name ends so."""
    data = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def make_pdf(pages: Iterable[Iterable[str]], *, title: str = "") -> bytes:
    """Return a PDF file with one line of Helvetica under the other on each page."""
    streams = [_draw(lines) for lines in pages]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, stream in enumerate(streams):
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        body = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)
        objects += [page.encode(), body]
    objects.append(f"<< /Title ({title}) >>".encode())
    return _assemble(objects)


def _draw(lines: Iterable[str]) -> bytes:
    shown = "".join(f"({line}) Tj T*\n" for line in lines)
    return f"BT /F1 11 Tf 14 TL 50 780 Td\n{shown}ET".encode("latin-1")


def _assemble(objects: list[bytes]) -> bytes:
    data = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(objects), len(data))
    )
