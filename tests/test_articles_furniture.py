"""What belongs to the page is told from what belongs to the article."""

from __future__ import annotations

import gzip
import json
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from article_files import PROSE, TEXT, TITLE, check_spans, furniture, read_one

from kg.articles import make_article

PAGE = f"""Home > Business > Industry

{TITLE}

A third purchase in two years for the lens makers of Jena

By Ada Kling, business correspondent

Published: March 4, 2021 | Updated: March 5, 2021

3 min read

Share on Facebook
Share on Twitter
Email

{PROSE[0]}

Image: Tarnhelm

{PROSE[1]}

Advertisement

Read more: Lens makers see the light

{PROSE[2]}

Ada Kling

Ada Kling

IndustryMergersOptics IndustryPrecision Tools

Tags: optics, mergers

Related articles

Glaswerk opens plant in Brno
A surveyor looks back

Leave a comment

So happy to read this. I have worked there for years and it is a fine place.

© 2021 Crane Media. All rights reserved.
"""


def test_page_is_parted_into_article_and_furniture():
    article = make_article(PAGE, id="p")
    check_spans(article)
    spans = furniture(article)
    kept = article.text
    for span in sorted(article.furniture, reverse=True):
        kept = kept[: span.start] + kept[span.end :]
    assert [line for line in kept.splitlines() if line.strip()] == [
        TITLE,
        "A third purchase in two years for the lens makers of Jena",
        *PROSE,
    ]
    assert "Share on Facebook" in spans
    assert article.title == TITLE
    assert article.authors == ("Ada Kling",)
    assert article.published == date(2021, 3, 4)
    assert article.publisher == "Crane Media"


@pytest.mark.parametrize(
    "line",
    [
        "Share this article",
        "Tweet",
        "1,204 shares",
        "5 min read",
        "Photo: A. Nordin",
        "Image credit: Getty Images",
        "Tags: lenses, Jena",
        "Subscribe to our newsletter",
        "Related articles",
        "Follow us on Facebook",
        "Read more: Who makes the lenses?",
        "lens-makers-of-jena-look-abroad",
        "Home > News > Business",
        "OpticsMergers and DealsPrecision Tools",
        "Advertisement",
        "© 2021 Crane Media",
        "We use cookies to improve your experience.",
        "Updated - January 05, 2021 10:15 am IST - NEW DELHI",
        "Published on January 5, 2021 by Ada Kling in Business",
        "5 January 2021 · 4 min read",
        "Terms of Use | Privacy Policy",
        "About Us   Contact   Privacy",
        "Home News Business Sport",
        "Click to share on Facebook (Opens in new window)",
        "With inputs from PTI",
        "A worker at the Brno plant. Photograph: Anna Nordin/The Lens",
        "0 Comments",
        "More from The Lens",
        "Join 10,000 subscribers",
        "Contact the author at ada@lens.example",
    ],
)
@pytest.mark.parametrize("place", [1, 2, 3])
def test_furniture_is_found_wherever_it_stands(line: str, place: int):
    parts = [TITLE, *PROSE]
    parts.insert(place, line)
    assert furniture(make_article("\n\n".join(parts), id="p")) == [line]


@pytest.mark.parametrize(
    "sentence",
    [
        "Share prices of Tarnhelm rose by four percent in Frankfurt.",
        "Related companies were not touched by the deal, Sandvoss said.",
        "Twitter and Facebook are blocked there.",
        "Follow-up orders came from LinkedIn, YouTube and PayPal.",
        "Pictures of the plant were shown to the press.",
        "Images from a satellite had shown the new hall.",
        "Email was down for a day at Glaswerk.",
        "Home prices in Jena have doubled since 2011.",
        "Advertising brought in a tenth of the sales of Glaswerk.",
        "The topics of the talks were not made public.",
        "Comments by Sandvoss had hinted at the deal before.",
        "Reuters was first to report the talks.",
        "“We like this town,” she said.",
        "Was it worth it? Nobody knows.",
        "Getty Images bought a stake in Glaswerk from Reuters.",
        "Credit Suisse and Image Metrics advised Tarnhelm.",
        "By Tuesday, the shares had doubled.",
        "Published on Monday, January 4, 2021, the figures had pleased the owners of the firm.",
        "Copyright law protects the designs.",
        "More from Glaswerk is to come in June, it is said there.",
        "Source code was stolen, too.",
        "It was.",
    ],
)
def test_sentences_are_no_furniture(sentence: str):
    for place in (1, 2, 3):
        parts = [TITLE, *PROSE]
        parts.insert(place, sentence)
        assert furniture(make_article("\n\n".join(parts), id="p")) == []


@pytest.mark.parametrize("text", [TEXT, f"{TITLE}\n\n{TEXT}", " ".join(PROSE), TITLE, ""])
def test_plain_articles_have_no_furniture(text: str):
    assert make_article(text, id="p").furniture == ()


def test_lines_wrapped_by_hand_are_read_as_paragraphs():
    words = TEXT.split()
    lines = [" ".join(words[n : n + 11]) for n in range(0, len(words), 11)]
    article = make_article(f"{TITLE}\n\nShare this article\n\n" + "\n".join(lines), id="p")
    assert article.title == TITLE
    assert furniture(article) == ["Share this article"]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Published: August 14, 2020", date(2020, 8, 14)),
        ("Posted on 14 August 2020 at 9:30 am", date(2020, 8, 14)),
        ("Friday, 14th of August 2020", date(2020, 8, 14)),
        ("2020-08-14T09:30:00+02:00", date(2020, 8, 14)),
        ("Updated Aug. 14, 2020, 9:30 a.m. GMT", date(2020, 8, 14)),
        ("14/08/2020", date(2020, 8, 14)),
        ("08/14/2020", date(2020, 8, 14)),
        ("Published: February 31, 2020", None),
        ("08/09/2020", None),
    ],
)
def test_date_of_publication_is_read(line: str, day: date | None):
    article = make_article(f"{TITLE}\n\n{line}\n\n{TEXT}", id="p")
    assert article.published == day
    assert article.title == TITLE
    if day:
        assert furniture(article) == [line]


def test_date_of_publication_goes_before_that_of_a_change():
    lines = "Updated: 9 May 2021\n\nPublished: 4 March 2021"
    assert make_article(f"{TITLE}\n\n{lines}\n\n{TEXT}", id="p").published == date(2021, 3, 4)


@pytest.mark.parametrize("line", ["The fair closed on 4 March 2021.", "From 4 March 2021 to May"])
def test_dates_of_the_article_are_not_taken_for_its_own(line: str):
    article = make_article(f"{TITLE}\n\n{line}\n\n{TEXT}", id="p")
    assert article.published is None


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Ada Kling", ("Ada Kling",)),
        ("by Ada Kling and Ben Orr", ("Ada Kling", "Ben Orr")),
        ("Words by Ada Kling, Ben Orr & Cy Twill", ("Ada Kling", "Ben Orr", "Cy Twill")),
        ("Ada Kling\nSenior Reporter", ("Ada Kling",)),
        ("Ada Kling, staff writer", ("Ada Kling",)),
        ("Author: Ada van der Kling", ("Ada van der Kling",)),
        ("March 4, 2021 by Ada Kling", ("Ada Kling",)),
        ("Reporting by Ada Kling; editing by Ben Orr", ("Ada Kling",)),
        ("BY ADA KLING", ("Ada Kling",)),
    ],
)
def test_byline_is_read(line: str, authors: tuple[str, ...]):
    article = make_article(f"{TITLE}\n\n{line}\n\n{TEXT}", id="p")
    assert article.authors == authors
    assert "\n".join(furniture(article)) == line


@pytest.mark.parametrize(
    "headline",
    [
        "Glaswerk bought by Tarnhelm Instruments",
        "Merger bill passed by House and Senate",
        "Joint bid by Air Vesta and Norrwing is accepted with conditions by the board of Aerolinea",
        "Week in brief for March 4, 2021",
        "“We stay in Jena”: a talk with Wiebke Sandvoss",
        "Who owns what? A guide to the lens makers",
        "Tarnhelm Instruments Inc.",
        "Who will buy Glaswerk?",
    ],
)
def test_headline_is_the_title_whatever_it_looks_like(headline: str):
    article = make_article(f"{headline}\n\n{TEXT}", id="p")
    assert article.title == headline
    assert article.authors == ()
    assert article.published is None
    assert article.furniture == ()


@pytest.mark.parametrize(
    ("text", "publisher"),
    [
        (f"LONDON (Reuters) - {TEXT}", "Reuters"),
        (f"JENA, March 4, 2021 /PRNewswire/ -- {TEXT}", "PRNewswire"),
        (f"PARIS (France) - {TEXT}", ""),
        (f"{TITLE}\n\nPublisher: The Daily Crane\n\n{TEXT}", "The Daily Crane"),
        (f"{TEXT}\n\nCopyright (c) 2019-2021 Crane Media", "Crane Media"),
        (TEXT, ""),
    ],
)
def test_publisher_is_read(text: str, publisher: str):
    assert make_article(text, id="p").publisher == publisher


def test_what_the_caller_knows_goes_before_what_the_text_says():
    day = date(2019, 1, 1)
    article = make_article(
        PAGE, id="p", title="Given", published=day, authors=("Given",), publisher="Given"
    )
    assert (article.title, article.published) == ("Given", day)
    assert (article.authors, article.publisher) == (("Given",), "Given")


# Real text


def test_page_of_a_customer_is_read_right(shared: Path):
    article = read_one(shared / "seed" / "zoom-exiting-china.txt")
    spans = furniture(article)
    assert article.title == article.text.splitlines()[0]
    assert article.published == date(2020, 8, 14)
    assert article.authors == ("Ian Taylor",)
    assert not [span for span in spans if span.endswith((".", "”"))]
    lines = [line.strip() for line in article.text.splitlines() if line.strip()]
    fragments = [line for line in lines[2:] if line[-1] not in ".”\u2019:"]
    assert spans == fragments
    assert len(spans) == 12


def test_articles_without_furniture_lose_no_sentence(shared: Path):
    """Wikinews as plain text: nearly no span, and hardly a sentence among them."""
    path = shared / "data" / "wikinews" / "articles.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in islice(file, 600)]
    articles = [make_article(record["text"], id=record["id"]) for record in records]
    spans = [span for article in articles for span in furniture(article)]
    sentences = [span for span in spans if len(span.split()) > 4 and span.endswith((".", "”"))]
    assert len(sentences) <= 1
    assert sum(map(len, spans)) < sum(len(article.text) for article in articles) / 1000


def test_headlines_of_news_are_told(shared: Path):
    lines = (shared / "data" / "news" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    articles = [make_article(record["text"], id=record["id"]) for record in records]
    pairs = [(a.title, r["title"]) for a, r in zip(articles, records, strict=True)]
    assert sum(found == given for found, given in pairs) > len(pairs) * 0.98
    assert sum(len(article.furniture) for article in articles) < 10
    assert not [article.id for article in articles if article.authors]


def test_a_row_of_underscores_costs_no_more_than_other_text(tmp_path: Path):
    page = tmp_path / "a.md"
    page.write_text(f"| a | b |\n|---|---|\n| c | {'_' * 5000}&0 |\n\nOrvane bought Halden.\n")
    article = read_one(page)
    assert "Orvane bought Halden." in article.text
