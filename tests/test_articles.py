"""Sources become articles: every kind of file, and what it says about its article."""

from __future__ import annotations

import io
import sys
from datetime import date
from pathlib import Path

import pytest
from article_files import (
    PROSE,
    TEXT,
    TITLE,
    make_pdf,
    read,
    read_one,
    record,
    refuse,
    write_lines,
)

from kg.articles import (
    MAX_TEXT,
    Source,
    count_articles,
    detect_language,
    find_sources,
    make_article,
    read_articles,
)
from kg.errors import (
    EmptySource,
    LanguageError,
    OversizeSource,
    SourceError,
    UnreadableSource,
    UnsupportedSource,
)

GERMAN = (
    "Der Hersteller von Kränen teilte am Montag mit, dass er einen kleineren Wettbewerber für "
    "viel Geld kaufen und das Geschäft noch in diesem Jahr abschließen werde. Die Firma ist in "
    "Jena zu Hause und verkauft ihre Geräte in mehr als dreißig Länder der Welt."
)


# Plain text


def test_text_is_kept_as_it_stands(tmp_path: Path):
    text = f"{TITLE}\r\n\r\n{TEXT}  \n\tend\u00a0\n"
    path = tmp_path / "story.txt"
    path.write_bytes(text.encode())
    article = read_one(path)
    assert article.text == text
    assert article.id == "story"
    assert article.title == TITLE
    assert article.language == "en"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", b"\xff\xfe\x00\x00"),
        ("cp1252", b""),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, encoding: str, mark: bytes):
    text = f"{TEXT}\n\nSandvoss\u2019s rival \u201cÉclat\u201d paid \u20ac3 for Zürich\u2019s mill."
    path = tmp_path / "story.txt"
    path.write_bytes(mark + text.encode(encoding))
    assert read_one(path).text == text


def test_latin_1_is_told(tmp_path: Path):
    text = f"{TEXT}\n\nThe café in Málaga belongs to Señor Núñez, who grew up in Besançon."
    path = tmp_path / "story.txt"
    path.write_bytes(text.encode("latin-1"))
    assert read_one(path).text == text


def test_utf_8_with_one_broken_byte_is_refused_with_its_place(tmp_path: Path):
    data = f"{TEXT} Zürich, Málaga, Besançon, Kraków".encode()
    path = tmp_path / "story.txt"
    path.write_bytes(data + b" \xff end")
    error = refuse(path)
    assert isinstance(error, UnreadableSource)
    assert error.place == f"byte {len(data) + 1}"
    assert "UTF-8" in error.reason


# Markdown


def test_markdown_gives_its_front_matter_and_plain_prose(tmp_path: Path):
    path = tmp_path / "story.md"
    path.write_text(
        f"---\ntitle: {TITLE}\nauthor: [Ada Kling, Ben Orr]\ndate: 2021-03-04\n"
        "url: https://example.org/t\npublisher: The Lens\nid: lens-1\n---\n\n"
        "# A heading\n\n**Tarnhelm** _bought_ [Glaswerk](https://example.org/g)\nof Brno, "
        "![a plant](plant.png) it said in a note that was seen on Tuesday by this paper.\n\n"
        "- one item\n- two items\n\n```\ncode()\n```\n\n<!-- hidden -->\n",
        encoding="utf-8",
    )
    article = read_one(path)
    assert article.id == "lens-1"
    assert article.title == TITLE
    assert article.authors == ("Ada Kling", "Ben Orr")
    assert article.published == date(2021, 3, 4)
    assert article.url == "https://example.org/t"
    assert article.publisher == "The Lens"
    assert "Tarnhelm bought Glaswerk of Brno, " in article.text
    for mark in ("**", "](", "hidden", "code()", "plant.png", "---"):
        assert mark not in article.text


def test_markdown_without_front_matter_takes_its_first_heading(tmp_path: Path):
    path = tmp_path / "story.markdown"
    path.write_text(f"# {TITLE}\n\n{TEXT}\n")
    assert read_one(path).title == TITLE


@pytest.mark.parametrize(
    ("matter", "place"),
    [("title: [a\n", "line"), ("title: a\n\tb: c\n", "line 3"), ("- a\n- b: c\n", "")],
)
def test_broken_front_matter_names_its_line(tmp_path: Path, matter: str, place: str):
    path = tmp_path / "story.md"
    path.write_text(f"---\n{matter}---\n{TEXT}\n")
    articles, errors = read(path)
    if not place:
        assert articles  # a rule and a list are no front matter
        return
    assert not articles
    assert errors[0].place.startswith(place)


def test_front_matter_makes_no_objects(tmp_path: Path):
    path = tmp_path / "story.md"
    path.write_text(f"---\ntitle: !!python/object/apply:os.getcwd []\n---\n{TEXT}\n")
    articles, errors = read(path)
    assert all(str(Path.cwd()) not in article.title for article in articles)
    assert len(articles) + len(errors) == 1


# PDF


def test_pdf_joins_the_lines_of_a_paragraph(tmp_path: Path):
    words = f"{PROSE[0]} {PROSE[1]}".split()
    lines = [" ".join(words[n : n + 9]) for n in range(0, len(words), 9)]
    path = tmp_path / "story.pdf"
    path.write_bytes(make_pdf([lines, [PROSE[2][:80], PROSE[2][80:]]], title=TITLE))
    article = read_one(path)
    assert PROSE[0] in article.text
    assert article.title == TITLE


def test_pdf_without_text_is_refused(tmp_path: Path):
    path = tmp_path / "scan.pdf"
    path.write_bytes(make_pdf([[]]))
    error = refuse(path)
    assert isinstance(error, EmptySource)
    assert "scan" in error.reason


@pytest.mark.parametrize("cut", [12, 100, 400])
def test_pdf_that_was_cut_off_is_refused(tmp_path: Path, cut: int):
    path = tmp_path / "story.pdf"
    path.write_bytes(make_pdf([PROSE])[:cut])
    assert isinstance(refuse(path), SourceError)


# JSON Lines


@pytest.mark.parametrize("name", ["news.jsonl", "news.ndjson", "news.jsonl.gz", "news.ndjson.gz"])
def test_json_lines_give_an_article_a_line(tmp_path: Path, name: str):
    lines = [
        record(id="a1", title=TITLE, published="2020-08-14T10:00:00Z", author="Ada Kling"),
        "",
        record(id=7, url="https://example.org/7", publisher={"name": "The Lens"}),
        record(url="https://example.org/8", authors=["Ben Orr", {"name": "Cy Twill"}]),
    ]
    articles, errors = read(write_lines(tmp_path / name, lines))
    assert not errors
    assert [a.id for a in articles] == ["a1", "7", "https://example.org/8"]
    assert [a.text for a in articles] == [TEXT] * 3
    assert articles[0].published == date(2020, 8, 14)
    assert articles[0].authors == ("Ada Kling",)
    assert articles[1].publisher == "The Lens"
    assert articles[2].authors == ("Ben Orr", "Cy Twill")


def test_each_broken_line_costs_only_itself(tmp_path: Path):
    lines = [
        record(id="good"),
        "{not json",
        "[1, 2]",
        '{"id": "b"}',
        '{"id": "c", "text": "  "}',
        '{"id": ["d"], "text": "x"}',
        "[" * 100_000,
        '{"id": "e", "text": "half \\ud800 pair"}',
        '{"id": "f", "text": 1' + "0" * 5000 + "}",
        record(id="also good"),
    ]
    articles, errors = read(write_lines(tmp_path / "news.jsonl", lines))
    assert [a.id for a in articles] == ["good", "also good"]
    assert [e.place for e in errors] == [f"line {n}" for n in range(2, 10)]
    assert all(str(tmp_path / "news.jsonl") in str(e) for e in errors)


def test_records_without_id_are_named_by_their_text(tmp_path: Path):
    lines = [record(), json_text("Another text stands here, which is long enough to be one.")]
    there, _ = read(write_lines(tmp_path / "news.jsonl", lines))
    back, _ = read(write_lines(tmp_path / "news.jsonl", reversed(lines)))
    assert {a.id: a.text for a in there} == {a.id: a.text for a in back}
    assert len({a.id for a in there}) == 2


def json_text(text: str) -> str:
    return record(text=text)


# Folders, globs, standard input


def test_folder_is_read_in_the_order_of_paths(tmp_path: Path):
    for name in ("b.txt", "a.md", "deep/c.txt", "deep/er/a.txt", ".hidden.txt", ".git/x.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name} {TEXT}")
    articles, errors = read(tmp_path)
    assert not errors
    assert [a.id for a in articles] == ["a", "b", "deep/c", "deep/er/a"]


def test_ids_depend_neither_on_the_working_directory_nor_on_the_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "news"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(f"{name} {TEXT}")
    absolute, _ = read(folder / "b.txt", folder / "a.txt")
    monkeypatch.chdir(folder)
    relative, _ = read("a.txt", "./b.txt")
    assert {a.id: a.checksum for a in absolute} == {a.id: a.checksum for a in relative}


def test_files_of_one_name_are_told_apart(tmp_path: Path):
    for name in ("2019/report.txt", "2020/report.txt", "2020/report.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{name} {TEXT}")
    articles, errors = read(*sorted(tmp_path.rglob("report.*")))
    assert not errors
    assert {a.id for a in articles} == {"2019/report.txt", "2020/report.txt", "2020/report.md"}


def test_glob_reaches_deep_and_takes_each_file_once(tmp_path: Path):
    for name in ("a.txt", "in/b.txt", "in/c.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{name} {TEXT}")
    articles, errors = read(f"{tmp_path}/**/*.txt", tmp_path / "a.txt", tmp_path)
    assert not errors
    assert sorted(a.id for a in articles) == ["a", "in/b", "in/c"]
    assert isinstance(refuse(f"{tmp_path}/*.htm"), UnreadableSource)


@pytest.mark.parametrize(
    ("data", "id_start"),
    [
        (TEXT.encode(), "stdin-"),
        (record(id="r1").encode(), "r1"),
        (f"---\nid: m1\n---\n{TEXT}".encode(), "m1"),
        (f"<!doctype html><html><body><article><p>{TEXT}</p></article></body></html>".encode(), ""),
        (make_pdf([PROSE]), "stdin-"),
    ],
)
def test_standard_input_is_told_by_its_content(
    monkeypatch: pytest.MonkeyPatch, data: bytes, id_start: str
):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    article = read_one("-")
    assert article.id.startswith(id_start)
    assert "Tarnhelm Instruments" in article.text


def test_progress_can_count_before_reading(tmp_path: Path):
    write_lines(tmp_path / "a.jsonl", [record(id="1"), "", record(id="2"), "{broken"])
    write_lines(tmp_path / "b.jsonl.gz", [record(id="3")])
    (tmp_path / "c.txt").write_text(TEXT)
    errors: list[SourceError] = []
    sources = find_sources([str(tmp_path)], on_error=errors.append)
    assert count_articles(sources) == 5
    assert not errors
    assert len(list(read_articles(sources, on_error=errors.append))) == 4


# What is refused


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("empty.txt", b"", EmptySource),
        ("blank.txt", b" \n\t\n", EmptySource),
        ("blank.md", b"---\ntitle: T\n---\n\n", EmptySource),
        ("marks.txt", b"* * *\n----\n", EmptySource),
        ("buttons.txt", b"Share\nTweet\nPrint this page\n", EmptySource),
        (
            "image.txt",
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)),
            UnsupportedSource,
        ),
        ("image.png", b"\x89PNG", UnsupportedSource),
        ("archive.zip", b"PK\x03\x04", UnsupportedSource),
        ("deutsch.txt", GERMAN.encode(), LanguageError),
        ("huge.txt", b"word " * (MAX_TEXT // 5 + 1), OversizeSource),
        ("broken.jsonl.gz", b"\x1f\x8b\x08\x00nonsense", UnreadableSource),
        ("broken.pdf", b"%PDF-1.7\nnonsense", UnreadableSource),
        ("empty.html", b"<html><body></body></html>", EmptySource),
    ],
)
def test_unfit_input_is_named_and_the_rest_is_read(
    tmp_path: Path, name: str, data: bytes, kind: type[SourceError]
):
    (tmp_path / name).write_bytes(data)
    (tmp_path / "good.txt").write_text(TEXT)
    articles, errors = read(tmp_path)
    assert [a.id for a in articles] == ["good"]
    assert [type(e) for e in errors] == [kind]
    assert errors[0].source == str(tmp_path / name)
    assert errors[0].reason
    assert "\n" not in str(errors[0])


def test_missing_file_and_empty_folder_are_named(tmp_path: Path):
    assert "no such file" in refuse(tmp_path / "absent.txt").reason
    assert isinstance(refuse(tmp_path), EmptySource)


def test_second_article_of_an_id_is_refused_unless_it_is_the_same(tmp_path: Path):
    lines = [record(id="a"), record(id="a"), record(id="a", title="Another")]
    articles, errors = read(write_lines(tmp_path / "n.jsonl", lines))
    assert [a.id for a in articles] == ["a"]
    assert [e.place for e in errors] == ["line 3"]
    assert "line 1" in errors[0].reason


# Articles made by hand


def test_checksum_stands_for_text_and_metadata():
    same = make_article(TEXT, id="a", title=TITLE)
    assert same == make_article(TEXT, id="a", title=TITLE)
    others = [
        make_article(TEXT + ".", id="a", title=TITLE),
        make_article(TEXT, id="b", title=TITLE),
        make_article(TEXT, id="a", title="T"),
        make_article(TEXT, id="a", title=TITLE, published=date(2020, 1, 1)),
        make_article(TEXT, id="a", title=TITLE, authors=("Ada Kling",)),
    ]
    assert len({article.checksum for article in (same, *others)}) == 6


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TEXT, "en"),
        (GERMAN, "de"),
        ("Компания сообщила во вторник, что купила производителя оптики за сорок миллионов", "ru"),
        ("東京の会社は火曜日に光学メーカーを買収したと発表した。" * 3, "ja"),
        ("公司周二表示已以四千万欧元收购了这家光学制造商。" * 3, "zh"),
        ("Too short to say", ""),
    ],
)
def test_language_is_detected(text: str, code: str):
    assert detect_language(text) == code


def test_source_can_be_given_with_an_id_of_the_callers(tmp_path: Path):
    path = tmp_path / "data.bin"
    path.write_text(TEXT)
    source = Source("upload 7", id="u7", kind="text", path=path)
    articles = list(read_articles([source], on_error=pytest.fail))
    assert [(a.id, a.text) for a in articles] == [("u7", TEXT)]
