"""Web pages in several layouts become their main text, title, authors, date and publisher."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from article_files import PROSE, TITLE, read, read_one, refuse

from kg.errors import EmptySource, SourceError

MORE = (
    "Glaswerk was founded in 1951 by two glass cutters and had passed through the hands of three "
    "owners since. Its lenses are found in cameras, in telescopes and in the headlights of trains."
)
BODY = "".join(f"<p>{line}</p>\n" for line in (*PROSE, MORE))
NOISE = (
    "<nav><ul><li><a href='/'>Home</a></li><li><a href='/b'>Business</a></li></ul></nav>"
    "<div class='share-buttons'><a href='#'>Share on Facebook</a><a href='#'>Tweet</a></div>"
)
ASIDE = (
    "<aside class='related'><h3>Related articles</h3><ul><li><a href='/x'>A surveyor looks back"
    "</a></li></ul></aside><footer>© 2021 Crane Media. All rights reserved.</footer>"
    "<script>var tracked = 'secret words of a script';</script>"
)


def with_meta() -> str:
    """A news site that says all in Open Graph and meta elements."""
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{TITLE} | The Daily Lens</title>
<meta property="og:title" content="{TITLE}"><meta property="og:site_name" content="The Daily Lens">
<meta property="article:published_time" content="2021-03-04T08:00:00+01:00">
<meta name="author" content="Ada Kling"><link rel="canonical" href="https://lens.example/tarnhelm">
</head><body>{NOISE}<main><article><h1>{TITLE}</h1>{BODY}</article></main>{ASIDE}</body></html>"""


def with_linked_data() -> str:
    """A content management system that writes JSON-LD and deep nests of div."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": TITLE,
        "datePublished": "2021-03-04",
        "author": {"@type": "Person", "name": "Ada Kling"},
        "publisher": {"@type": "Organization", "name": "The Daily Lens"},
    }
    return f"""<html><head><title>{TITLE}</title>
<script type="application/ld+json">{json.dumps(data)}</script></head><body><div id="page">{NOISE}
<div class="wrap"><div class="col"><div class="entry-content post-content">{BODY}</div></div></div>
{ASIDE}</div></body></html>"""


def as_weblog() -> str:
    """A weblog with classes for everything and no meta elements."""
    return f"""<html><head><title>{TITLE}</title></head><body><div class="header">The Daily Lens
</div>{NOISE}<div class="post hentry"><h1 class="entry-title">{TITLE}</h1>
<span class="byline author vcard">By <a rel="author" href="/ada">Ada Kling</a></span>
<time class="published" datetime="2021-03-04">March 4, 2021</time>
<div class="entry-content">{BODY}</div></div>{ASIDE}</body></html>"""


def as_old_table() -> str:
    """A page from before style sheets, its text in the cell of a table."""
    cells = "<br><br>".join((*PROSE, MORE))
    return f"""<HTML><HEAD><TITLE>{TITLE}</TITLE></HEAD><BODY BGCOLOR=white><TABLE><TR>
<TD WIDTH=120><A HREF=/>Home</A><BR><A HREF=/b>Business</A></TD>
<TD><H1>{TITLE}</H1><FONT SIZE=2>{cells}</FONT></TD></TR></TABLE></BODY></HTML>"""


LAYOUTS = [with_meta, with_linked_data, as_weblog, as_old_table]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_main_text_is_found_in_every_layout(tmp_path: Path, layout: Callable[[], str]):
    path = tmp_path / "page.html"
    path.write_text(layout(), encoding="utf-8")
    article = read_one(path)
    for line in (*PROSE, MORE):
        assert line in article.text
    for noise in ("Share on", "secret words", "A surveyor looks back", "All rights", "<", "Home"):
        assert noise not in article.text
    assert article.title == TITLE
    assert article.language == "en"


@pytest.mark.parametrize("layout", [with_meta, with_linked_data, as_weblog])
def test_page_says_who_wrote_it_and_when(tmp_path: Path, layout: Callable[[], str]):
    path = tmp_path / "page.html"
    path.write_text(layout(), encoding="utf-8")
    article = read_one(path)
    assert article.authors == ("Ada Kling",)
    assert article.published == date(2021, 3, 4)


@pytest.mark.parametrize("layout", [with_meta, with_linked_data])
def test_page_says_who_published_it(tmp_path: Path, layout: Callable[[], str]):
    path = tmp_path / "page.html"
    path.write_text(layout(), encoding="utf-8")
    assert read_one(path).publisher == "The Daily Lens"


def test_address_is_that_of_the_page_itself(tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text(with_meta(), encoding="utf-8")
    assert read_one(path).url == "https://lens.example/tarnhelm"


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_encoding_that_the_page_names_is_used(tmp_path: Path, encoding: str):
    page = f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset={encoding}">
<title>{TITLE}</title></head><body><article>{BODY}<p>Frau Müßig of Zürich paid for Čapek's
café, said the mayor of Köln to this paper.</p></article></body></html>"""
    data = page.replace("Č", "C") if encoding != "utf-8" else page
    path = tmp_path / "page.html"
    path.write_bytes(data.encode(encoding))
    assert "Müßig of Zürich" in read_one(path).text


@pytest.mark.parametrize("named", ["utf-7", "rot13", "hex", "idna", "no-such-thing", "utf-16"])
def test_encodings_that_mislead_are_passed_over(tmp_path: Path, named: str):
    page = (
        f'<html><head><meta charset="{named}"></head><body><article>{BODY}</article></body></html>'
    )
    path = tmp_path / "page.html"
    path.write_bytes(page.encode())
    assert PROSE[0] in read_one(path).text


def test_entities_and_inline_elements_do_not_part_words(tmp_path: Path):
    inline = (
        "<p><b>Tarn</b>helm &amp; <a href='/g'>Glaswerk</a>&rsquo;s <i>dealers</i> met today.</p>"
    )
    path = tmp_path / "page.html"
    path.write_text(f"<html><body><article>{BODY}{inline}</article></body></html>")
    assert "Tarnhelm & Glaswerk\u2019s dealers met today." in read_one(path).text


def test_table_of_figures_keeps_its_rows(tmp_path: Path):
    table = (
        "<table><tr><th>Firm</th><th>Sales</th></tr><tr><td>Tarnhelm</td><td>40</td></tr></table>"
    )
    path = tmp_path / "page.html"
    path.write_text(f"<html><body><article>{BODY}{table}</article></body></html>")
    assert read_one(path).text.endswith("Firm | Sales\n\nTarnhelm | 40")


@pytest.mark.parametrize(
    "page",
    [
        "<html><body></body></html>",
        "<html><body><script>x()</script><style>p{}</style></body></html>",
        f"<html><body>{NOISE}</body></html>",
        "<!doctype html>",
    ],
)
def test_page_without_article_is_refused(tmp_path: Path, page: str):
    path = tmp_path / "page.html"
    path.write_text(page)
    assert isinstance(refuse(path), EmptySource)


@pytest.mark.parametrize("tag", ["div", "p", "b", "table><tr><td", "ul><li", "font"])
def test_page_nested_deep_is_read_or_refused(tmp_path: Path, tag: str):
    path = tmp_path / "page.html"
    # Paragraphs do not nest but stand in a row, which takes long.
    path.write_text(f"<html><body>{BODY}{f'<{tag}>' * (20_000 if tag == 'p' else 100_000)}")
    (tmp_path / "z.txt").write_text("\n\n".join(PROSE))
    articles, errors = read(tmp_path)
    assert "z" in [article.id for article in articles]
    assert len(articles) + len(errors) == 2


@pytest.mark.parametrize(
    "page",
    [
        f'<!DOCTYPE html [<!ENTITY a "{"x" * 9999}"><!ENTITY b "&a;&a;">]><p>&b;&b;</p>{BODY}',
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>&x; it says.</p>{BODY}',
        f"<html><body><article>{BODY}<p>a\u202eb\u2066c\u200b d and more</p></article></html>",
        f"<html><body><article>{BODY}<p {'a=1 ' * 50_000}>x</p></article></body></html>",
        "<" * 200_000,
        "<a<b" * 50_000,
        f"<script type='application/ld+json'>{'[' * 50_000}</script>{BODY}",
    ],
)
def test_hostile_page_is_read_or_refused(tmp_path: Path, page: str):
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    articles, errors = read(path)
    assert len(articles) + len(errors) == 1
    assert all(isinstance(error, SourceError) for error in errors)
    assert "root:" not in "".join(article.text for article in articles)
    assert all(len(article.text) < 20_000 for article in articles)
