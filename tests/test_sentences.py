"""Sentence boundaries."""

from __future__ import annotations

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

import kg.nlp.sentences  # noqa: F401 - registers the component


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("kg_sentences")
    return nlp


WRAPPED = "This line of a newsletter was wrapped after seventy characters,"

CASES = [
    ("Ada founded Korvex. It sells pumps.", ["Ada founded Korvex.", "It sells pumps."]),
    ("Mr. Okafor met Dr. Lind. They agreed.", ["Mr. Okafor met Dr. Lind.", "They agreed."]),
    ("Korvex Inc. sells pumps.", ["Korvex Inc. sells pumps."]),
    ("She works for Korvex Inc. The firm grew.", ["She works for Korvex Inc.", "The firm grew."]),
    ("The U.S. government paid.", ["The U.S. government paid."]),
    ('"It is done." He left.', ['"It is done."', "He left."]),
    ("“It is done.” He left.", ["“It is done.”", "He left."]),
    ('He left. "It is done," he said.', ["He left.", '"It is done," he said.']),
    ("A headline\n\nThe text begins.", ["A headline", "The text begins."]),
    ("First caption\nSecond caption\n", ["First caption", "Second caption"]),
    (f"{WRAPPED}\nas they are.", [f"{WRAPPED}\nas they are."]),
    ("Profit rose 3.5 percent. Sales fell.", ["Profit rose 3.5 percent.", "Sales fell."]),
    ("Wow!! Really? Yes.", ["Wow!!", "Really?", "Yes."]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_boundaries(nlp: Language, text: str, expected: list[str]) -> None:
    assert [sent.text.strip() for sent in nlp(text).sents] == expected


@given(st.text(alphabet="aB. \n\"'?!,1U", max_size=80))
def test_sentences_cover_the_text(text: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("kg_sentences")
    doc = nlp(text)
    assert "".join(sent.text_with_ws for sent in doc.sents) == text
