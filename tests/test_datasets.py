"""Data sets are brought to one form, with what they leave open left open."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import UnreadableSource, UsageError
from kg.ontology import load_ontology
from kg.train.datasets import SETS, load_examples, read_articles, relation_labels
from kg.train.datasets.files import in_part
from kg.train.datasets.scheme import load_mapping
from kg.train.datasets.tokens import TokenText
from kg.train.example import Example

VALUE_TYPES = {"Date", "Money", "Percent", "Count"}
GIVEN = tuple(name for name in SETS if name != "corpus")


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(content.encode()))
    else:
        path.write_text(content, "utf-8")


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of shared data with a small gazetteer and no set yet."""
    countries = [
        {"name": "Peru", "names": ["Peru"], "capital": "Lima"},
        {"name": "Norway", "names": ["Norway"], "capital": "Oslo"},
    ]
    cities = (
        "name,country,subcountry,geonameid\nLima,Peru,Lima region,1\nLima,United States,Ohio,2\n"
    )
    write(tmp_path / "data/gazetteer/countries.jsonl.gz", lines(*countries))
    write(tmp_path / "data/gazetteer/world_cities_geonames.csv.gz", cities)
    return tmp_path


def mentions(example: Example) -> dict[str, frozenset[str]]:
    return {example.text[m.start : m.end]: m.types for m in example.mentions}


def triples(example: Example) -> set[tuple[str, str, str]]:
    """The relations with the first mention of each cluster in place of its number."""
    first: dict[int, str] = {}
    for mention in example.mentions:
        first.setdefault(mention.cluster, example.text[mention.start : mention.end])
    return {(first[r.subject], r.label, first[r.object]) for r in example.relations}


def article(text: str, entities: list[dict], facts: list[dict]) -> dict:
    for fact in facts:
        fact.setdefault("start", 0)
        fact.setdefault("end", len(text))
        fact.setdefault("qualifier", "")
    return {"id": "a", "text": text, "entities": entities, "facts": facts}


def entity(id_: str, type_: str, *aliases: str) -> dict:
    return {"id": id_, "name": aliases[0], "type": type_, "aliases": list(aliases)}


def read_one(tmp_path: Path, record: dict) -> Example:
    path = tmp_path / "articles.jsonl"
    path.write_text(lines(record), "utf-8")
    (example,) = read_articles(path, source="mine")
    return example


class TestArticles:
    def test_the_longest_alias_wins_and_words_are_not_cut(self, tmp_path):
        text = "Oslo Bank met Oslo. Osloers like the Norwegian Oslo Bank."
        record = article(
            text,
            [
                entity("e1", "Company", "Oslo Bank"),
                entity("e2", "City", "Oslo"),
                entity("e3", "Country", "Norwegian"),
            ],
            [],
        )
        example = read_one(tmp_path, record)
        found = [(example.text[m.start : m.end], set(m.types)) for m in example.mentions]
        assert found == [
            ("Oslo Bank", {"Company"}),
            ("Oslo", {"City"}),
            ("Norwegian", {"Country"}),
            ("Oslo Bank", {"Company"}),
        ]

    def test_facts_are_canonical_and_closed(self, tmp_path):
        text = "Vela owns Brix and is led by Ada Moe; Vela and Torp are partners."
        record = article(
            text,
            [
                entity("v", "Company", "Vela"),
                entity("b", "Company", "Brix"),
                entity("a", "Person", "Ada Moe"),
                entity("t", "Company", "Torp"),
            ],
            [
                {"s": "v", "p": "hasSubsidiary", "o": "b"},
                {"s": "a", "p": "chiefExecutiveOf", "o": "v", "qualifier": "former, 2019"},
                {"s": "v", "p": "partnerOf", "o": "t", "qualifier": "announced"},
            ],
        )
        example = read_one(tmp_path, record)
        assert triples(example) == {
            ("Brix", "subsidiaryOf", "Vela"),
            ("Ada Moe", "chiefExecutiveOf", "Vela"),
            ("Ada Moe", "worksFor", "Vela"),
            ("Vela", "partnerOf", "Torp"),
            ("Torp", "partnerOf", "Vela"),
        }
        held = {r.label: r.modality for r in example.relations}
        assert held == {
            "subsidiaryOf": "asserted",
            "chiefExecutiveOf": "former",
            "worksFor": "former",
            "partnerOf": "announced",
        }
        assert {r.evidence for r in example.relations} == {((0, len(text)),)}

    def test_a_literal_is_sought_in_its_evidence(self, tmp_path):
        text = "Room 1999 is shut. Vela was founded in 1999."
        fact = {"s": "v", "p": "foundedOn", "o": "1999", "start": 19, "end": len(text)}
        example = read_one(tmp_path, article(text, [entity("v", "Company", "Vela")], [fact]))
        (told,) = example.relations
        (value,) = [m for m in example.mentions if m.cluster == told.object]
        assert (value.start, value.end) == (39, 43)
        assert triples(example) == {("Vela", "foundedOn", "1999")}

    def test_values_of_no_fact_are_mentions_too(self, tmp_path):
        text = "Vela paid $40 million in 2019 to 12,000 savers, or 3%."
        example = read_one(tmp_path, article(text, [entity("v", "Company", "Vela")], []))
        values = {text[m.start : m.end]: m.types for m in example.mentions}
        assert values == {
            "Vela": {"Company"},
            "$40 million": {"Money"},
            "2019": {"Date"},
            "12,000": {"Count"},
            "3%": {"Percent"},
        }

    def test_an_entity_inside_longer_names_only_goes_with_its_facts(self, tmp_path):
        text = "The Peru Times is read widely."
        record = article(
            text,
            [entity("t", "Organization", "Peru Times"), entity("p", "Country", "Peru")],
            [{"s": "t", "p": "countryOf", "o": "p"}],
        )
        example = read_one(tmp_path, record)
        assert mentions(example) == {"Peru Times": {"Organization"}}
        assert example.relations == ()

    def test_every_predicate_is_annotated_and_no_value_type(self, tmp_path):
        example = read_one(tmp_path, article("Vela.", [entity("v", "Company", "Vela")], []))
        ontology = load_ontology()
        stored = {name for name, p in ontology.predicates.items() if p.canonical}
        assert example.relation_labels == stored
        assert example.mention_types == set(ontology.entity_classes)
        assert not example.mention_types & VALUE_TYPES

    def test_another_ontology_takes_the_place_of_the_bundled_one(self, tmp_path):
        ontology = tmp_path / "sea.ttl"
        ontology.write_text(
            """@prefix owl: <http://www.w3.org/2002/07/owl#> .
            @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
            @prefix : <https://example.org/sea#> .
            :Ship a owl:Class . :Port a owl:Class .
            :boundFor a owl:ObjectProperty ; rdfs:domain :Ship ; rdfs:range :Port ."""
        )
        record = article(
            "The Heron sails for Bergen.",
            [entity("h", "Ship", "Heron"), entity("b", "Port", "Bergen")],
            [{"s": "h", "p": "boundFor", "o": "b"}],
        )
        path = tmp_path / "articles.jsonl"
        path.write_text(lines(record), "utf-8")
        (example,) = read_articles(path, source="mine", ontology=ontology)
        assert triples(example) == {("Heron", "boundFor", "Bergen")}
        assert example.mention_types == {"Ship", "Port"}
        assert example.relation_labels == {"boundFor"}


def redocred(folder: Path, labels: list[dict]) -> Example:
    def vertex(name: str, type_: str, sentence: int, first: int, last: int) -> list[dict]:
        return [{"name": name, "type": type_, "sent_id": sentence, "pos": [first, last]}]

    document = {
        "title": "Vela",
        "sents": [
            ["Vela", "(", "founded", "1999", ")", "is", "based", "in", "Lima", ",", "Peru", "."],
            ["It", "is", "n't", "part", "of", "Torp", "Group", "'s", "board", "."],
        ],
        "vertexSet": [
            vertex("Vela", "ORG", 0, 0, 1),
            vertex("1999", "TIME", 0, 3, 4),
            vertex("Lima", "LOC", 0, 8, 9),
            vertex("Peru", "LOC", 0, 10, 11),
            vertex("Torp Group", "ORG", 1, 5, 7),
        ],
        "labels": labels,
    }
    write(folder / "data/redocred/train.json.gz", json.dumps([document]))
    (example,) = load_examples(folder, sets=["redocred"], part="train")
    return example


class TestRedocred:
    def test_offsets_hold_in_the_joined_text(self, folder):
        example = redocred(folder, [])
        first, second = (
            "Vela (founded 1999) is based in Lima, Peru.",
            "It isn't part of Torp Group's board.",
        )
        assert example.text == f"{first} {second}"
        assert set(mentions(example)) == {"Vela", "1999", "Lima", "Peru", "Torp Group"}
        assert [m.cluster for m in example.mentions] == [0, 1, 2, 3, 4]

    def test_both_labels_with_evidence(self, folder):
        example = redocred(folder, [{"r": "P159", "h": 0, "t": 2, "evidence": [0]}])
        assert triples(example) == {
            ("Vela", "benchmark:P159", "Lima"),
            ("Vela", "headquarteredIn", "Lima"),
        }
        (span,) = example.relations[0].evidence
        assert example.text[slice(*span)].endswith("Lima, Peru.")

    def test_backward_properties_are_turned(self, folder):
        example = redocred(folder, [{"r": "P355", "h": 4, "t": 0, "evidence": []}])
        assert ("Vela", "subsidiaryOf", "Torp Group") in triples(example)

    def test_domain_and_range_hold(self, folder):
        example = redocred(folder, [{"r": "P27", "h": 0, "t": 3, "evidence": []}])
        assert triples(example) == {("Vela", "benchmark:P27", "Peru")}

    def test_the_capital_of_a_country_only(self, folder):
        of_country = redocred(folder, [{"r": "P36", "h": 3, "t": 2, "evidence": []}])
        assert ("Lima", "capitalOf", "Peru") in triples(of_country)
        of_region = redocred(folder, [{"r": "P36", "h": 2, "t": 3, "evidence": []}])
        assert triples(of_region) == {("Lima", "benchmark:P36", "Peru")}

    def test_names_refine_types(self, folder):
        found = mentions(redocred(folder, []))
        assert found["Peru"] == {"Country"}
        assert found["Lima"] == {"City"}
        assert found["Vela"] == {"Organization", "Company"}

    def test_only_complete_predicates_are_annotated(self, folder):
        labels = redocred(folder, []).relation_labels
        assert {"benchmark:P6", "countryOf", "subsidiaryOf"} <= labels
        assert not labels & {"partnerOf", "competitorOf", "operatesIn", "worksFor", "headOf"}


def knowledgenet(folder: Path, text: str, properties: list[str], *facts: tuple) -> Example:
    """Facts are (property, subject, object) with an address after `|` where one is known."""

    def argument(role: str, named: str) -> dict:
        surface, _, address = named.partition("|")
        start = re.search(rf"\b{surface}\b", text).start() + 100
        ends = {"Start": start, "End": start + len(surface), "Text": surface}
        return {f"{role}{key}": value for key, value in (ends | {"Uri": address or None}).items()}

    record = {
        "passageId": "7:100:200",
        "passageStart": 100,
        "passageText": text,
        "exhaustivelyAnnotatedProperties": properties,
        "facts": [
            {"property": p, **argument("subject", s), **argument("object", o)} for p, s, o in facts
        ],
    }
    write(folder / "data/knowledgenet/train_folds1-2.jsonl.gz", lines(record))
    (example,) = load_examples(folder, sets=["knowledgenet"], part="train")
    return example


class TestKnowledgeNet:
    def test_offsets_and_inverse(self, folder):
        example = knowledgenet(
            folder, "Vela made Ada Moe chief.", ["CEO"], ("CEO", "Vela", "Ada Moe")
        )
        assert triples(example) == {
            ("Ada Moe", "chiefExecutiveOf", "Vela"),
            ("Ada Moe", "worksFor", "Vela"),
        }
        assert example.relation_labels == {"chiefExecutiveOf"}
        assert example.mention_types == set()

    def test_one_address_is_one_cluster_and_pronouns_are_unnamed(self, folder):
        example = knowledgenet(
            folder,
            "Ada Moe wed Bo Lie; she lives in Lima.",
            ["SPOUSE", "PLACE_OF_RESIDENCE"],
            ("SPOUSE", "Ada Moe|q1", "Bo Lie"),
            ("PLACE_OF_RESIDENCE", "she|q1", "Lima"),
        )
        assert ("Ada Moe", "livesIn", "Lima") in triples(example)
        assert [example.text[m.start : m.end] for m in example.mentions if not m.named] == ["she"]

    def test_a_pronoun_joins_the_name_it_shares_a_date_with(self, folder):
        facts = (("DATE_OF_BIRTH", "Ada Moe", "1970"), ("DATE_OF_BIRTH", "She", "1970"))
        example = knowledgenet(folder, "Ada Moe is old. She was born in 1970.", [], *facts)
        assert len({m.cluster for m in example.mentions}) == 2

    def test_a_wider_property_keeps_a_label_of_its_own(self, folder):
        fact = ("EMPLOYEE_OR_MEMBER_OF", "Ada Moe", "Vela")
        example = knowledgenet(folder, "Ada Moe of Vela", ["EMPLOYEE_OR_MEMBER_OF"], fact)
        assert {r.label for r in example.relations} == {"benchmark:EMPLOYEE_OR_MEMBER_OF"}
        assert example.relation_labels == {"benchmark:EMPLOYEE_OR_MEMBER_OF"}


def core(folder: Path, relation: str, *, invert: int) -> Example:
    record = {
        "id": next(f"E{i}" for i in range(99) if in_part(f"E{i}", "train")),
        "relation": relation,
        "invert_relation": invert,
        "context": ["The", "company", "'s", "rival", "Torp", "Inc.", ",", "fell", "."],
        "e1_start": 0,
        "e1_end": 2,
        "e2_start": 4,
        "e2_end": 6,
    }
    write(folder / "data/core/train.json.gz", json.dumps([record]))
    (example,) = load_examples(folder, sets=["core"], part="train")
    return example


class TestCore:
    def test_only_the_pair_is_annotated(self, folder):
        example = core(folder, "competitor_of", invert=0)
        assert mentions(example) == {
            "The company": {"Organization", "Company"},
            "Torp Inc.": {"Company"},
        }
        assert [m.named for m in example.mentions] == [False, True]
        assert example.pairs == {(0, 1), (1, 0)}
        assert len(example.relations) == 2

    def test_the_inverted_label_reads_from_the_second_argument(self, folder):
        example = core(folder, "acquired_by", invert=1)
        assert triples(example) == {("The company", "acquired", "Torp Inc.")}
        assert "investorIn" not in example.relation_labels
        assert "partnerOf" in example.relation_labels

    def test_a_label_that_is_none_of_ours_is_a_negative(self, folder):
        example = core(folder, "undefined", invert=0)
        assert example.relations == ()
        assert {"partnerOf", "customerOf", "acquired"} <= example.relation_labels


def test_fire_takes_names_apart_and_leaves_what_is_not_ours(folder):
    tokens = "Mr. Moe left Vela Corp. ( VC ) and its profit .".split()
    spans = [("Person", 0, 2), ("Company", 3, 8), ("FinancialEntity", 10, 11)]
    record = {
        "id": next(f"f{i}" for i in range(99) if in_part(f"f{i}", "train")),
        "tokens": tokens,
        "entities": [{"type": t, "start": s, "end": e} for t, s, e in spans],
        "relations": [
            {"type": "Employeeof", "head": 0, "tail": 1},
            {"type": "Propertyof", "head": 2, "tail": 1},
        ],
    }
    named = {"id": record["id"], "text": "Vela , Oslo-based", "entities": []}
    named["entities"] = [{"type": "Location", "start": 7, "end": 17}]
    write(folder / "data/fire/relations.jsonl.gz", lines(record))
    write(folder / "data/fire/train_ner_strings.jsonl.gz", lines(named))
    related, plain = load_examples(folder, sets=["fire"], part="train")
    assert list(mentions(related)) == ["Moe", "Vela Corp.", "VC"]
    assert triples(related) == {("Moe", "worksFor", "Vela Corp.")}
    assert len({m.cluster for m in related.mentions}) == 2
    assert list(mentions(plain)) == ["Oslo"]
    assert plain.relation_labels == set()


def test_tagged_sentences(folder):
    def sentence(id_: str, tokens: str, tags: str) -> dict:
        return {"id": id_, "tokens": tokens.split(), "tags": tags.split()}

    id_ = next(f"w{i}" for i in range(99) if in_part(f"w{i}", "dev"))
    tags = "B-PER I-PER O B-LOC B-MISC I-MISC B-MISC"
    record = sentence(id_, "Ada Moe left Peru Vela Cup Norwegian", tags)
    write(folder / "data/wikigold/all.jsonl.gz", lines(record))
    (example,) = load_examples(folder, sets=["wikigold"], part="dev")
    assert mentions(example) == {
        "Ada Moe": {"Person"},
        "Peru": {"Country"},
        "Vela Cup": {"Event"},
        "Norwegian": {"Country"},
    }
    assert load_examples(folder, sets=["wikigold"], part="train") == []


def test_columns_of_tags(folder):
    rows = "# sent_id = s1\n1\tAda\tB-PER\t-\n2\tsaw\tO\t-\n3\tLima\tB-LOC\t-\n\n"
    write(folder / "data/uner_ewt/dev.iob2.gz", rows)
    (example,) = load_examples(folder, sets=["uner_ewt"], part="dev")
    assert example.id == "s1"
    assert mentions(example) == {"Ada": {"Person"}, "Lima": {"City"}}
    assert "Country" not in example.mention_types


GUM = """# newdoc id = D
# newpar
1\tThe\tthe\tDET\tDT\t_\t2\tdet\t_\tEntity=(1-organization-new-nnnnn-cf1-2-coref
2\tboard\tboard\tNOUN\tNN\tNumber=Sing\t4\tnsubj\t_\tEntity=1)
3\tof\tof\tADP\tIN\t_\t2\tcase\t_\t_
4\ttold\ttell\tVERB\tVBD\t_\t0\troot\t_\t_
5\tMr.\tMr.\tPROPN\tNNP\tNumber=Sing\t4\tobj\t_\tEntity=(2-person-new-nnnnn-cf1-1-coref
6\tMoe\tMoe\tPROPN\tNNP\tNumber=Sing\t5\tflat\t_\tEntity=2)|SpaceAfter=No
7\t.\t.\tPUNCT\t.\t_\t4\tpunct\t_\t_

# newpar
1\tHe\the\tPRON\tPRP\tNumber=Sing\t2\tnsubj\t_\tEntity=(2-person-giv:act-nnnnn-cf1-1-coref)
2\tleft\tleave\tVERB\tVBD\t_\t0\troot\t_\t_
3\tLima\tLima\tPROPN\tNNP\tNumber=Sing\t2\tobj\t_\tEntity=(3-place-new-nnnnn-cf2-1-sgl-Lima)
4-5\tcity's\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
4\tcity\tcity\tNOUN\tNN\tNumber=Sing\t2\tobl\t_\tEntity=(4-abstract-new-nnnnn-cf2-1-sgl)
5\t's\t's\tPART\tPOS\t_\t4\tcase\t_\t_
6\t!\t!\tPUNCT\t.\t_\t2\tpunct\t_\t_

"""


def test_gum_gives_names_phrases_and_pronouns(folder):
    write(folder / "data/gum/documents.tsv", "document\tsplit\nD\ttest\n")
    write(folder / "data/gum/dep/D.conllu.gz", GUM)
    (example,) = load_examples(folder, sets=["gum"], part="train")
    assert example.text == "The board of told Mr. Moe.\n\nHe left Lima city's!"
    found = [(example.text[m.start : m.end], m.cluster, m.named) for m in example.mentions]
    assert found == [
        ("The board", 0, False),
        ("Moe", 1, True),
        ("He", 1, False),
        ("Lima", 2, True),
    ]
    assert example.coreference
    assert example.pronouns
    assert not example.mention_types & set(load_ontology().entity_classes)


def test_gap_marks_two_people_and_a_pronoun(folder):
    columns = "ID\tText\tPronoun\tPronoun-offset\tA\tA-offset\tA-coref\tB\tB-offset\tB-coref"
    row = 'v-1\tAda met Eva "once" before she left.\tshe\t26\tAda\t0\tFALSE\tEva\t8\tTRUE'
    write(folder / "data/gap/gap-validation.tsv.gz", f"{columns}\n{row}\n")
    (example,) = load_examples(folder, sets=["gap"], part="dev")
    assert [(m.cluster, m.named) for m in example.mentions] == [(0, True), (1, True), (1, False)]
    assert list(mentions(example)) == ["Ada", "Eva", "she"]


def test_paragraphs_with_pronouns_that_annotators_agree_on(folder):
    text = "Vela Works grew. It hired Ada, who left it."
    first = [["17", "it", "vela works (firm)"], ["31", "who", "ada"], ["40", "it", "$no_ref$"]]
    second = [["17", "it", "vela works (firm)"], ["31", "who", "vela works (firm)"]]
    record = {"paragraph": text, "a1": {"para_ann": first}, "a2": {"para_ann": second}}
    key = next(f"k{i}" for i in range(99) if in_part(f"k{i}", "train"))
    path = folder / "data/model_based_coref_wiki/wiki-grounded.json.gz"
    write(path, json.dumps({key: record}))
    (example,) = load_examples(folder, sets=["model_based_coref_wiki"], part="train")
    assert list(mentions(example)) == ["Vela Works", "It"]
    assert len({m.cluster for m in example.mentions}) == 1
    assert "Person" not in example.mentions[0].types


def test_re3d_takes_what_reads_as_a_name(folder):
    text = "the Ministry of Trade met our forces"
    spans = [(0, 21, "Organisation"), (26, 36, "Organisation")]
    record = {
        "id": next(f"r{i}" for i in range(99) if in_part(f"r{i}", "train")),
        "text": text,
        "entities": [{"begin": b, "end": e, "type": t, "value": text[b:e]} for b, e, t in spans],
    }
    write(folder / "data/re3d/documents.jsonl.gz", lines(record))
    (example,) = load_examples(folder, sets=["re3d"], part="train")
    assert mentions(example) == {"Ministry of Trade": {"Organization"}}


def test_a_pair_rules_out_the_labels_that_exclude_its_own(folder):
    id_ = next(f"p{i}" for i in range(99) if in_part(f"p{i}", "train"))
    tokens = "Ada is the mother of Bo".split()
    record = {
        "id": id_,
        "relation": "P25",
        "tokens": tokens,
        "h": ["bo", "Q1", [[5]]],
        "t": ["ada", "Q2", [[0]]],
    }
    write(folder / "data/fewrel_val/val_wiki.jsonl.gz", lines(record, {**record, "relation": "P0"}))
    (example,) = load_examples(folder, sets=["fewrel_val"], part="train")
    assert triples(example) == {("Ada", "parentOf", "Bo")}
    assert example.relation_labels == {"parentOf", "sibling", "spouse"}
    assert example.pairs == {(0, 1), (1, 0)}


def test_typere_reads_positions(folder):
    record = {
        "token": "Ada lives in Lima".split(),
        "h": {"pos": [0, 1]},
        "t": {"pos": [3, 4]},
        "relation": "person_Residence",
    }
    write(folder / "data/typere_wiki80/dev.jsonl.gz", lines(record, {**record, "relation": "NA"}))
    (example,) = load_examples(folder, sets=["typere_wiki80"], part="dev")
    assert triples(example) == {("Ada", "livesIn", "Lima")}


def test_tekgen_finds_both_arguments_or_drops_the_sentence(folder):
    record = {"id": "t1", "rel": "P178", "sub_label": "brix os", "obj_label": "Vela"}
    rows = [
        {**record, "sent": "Brix OS is made by Vela."},
        {**record, "sent": "Brix OS is made by Velasquez."},
    ]
    write(folder / "data/tekgen/train/ont_train.jsonl.gz", lines(*rows))
    (example,) = load_examples(folder, sets=["tekgen"], part="train")
    assert triples(example) == {
        ("Brix OS", "productOf", "Vela"),
        ("Brix OS", "benchmark:P178", "Vela"),
    }


class TestTokens:
    @pytest.mark.parametrize(
        ("tokens", "text"),
        [
            ('He said " yes " .', 'He said "yes".'),
            ("the players ' union", "the players' union"),
            ("a co - founder of 3 / 4", "a co-founder of 3/4"),
            ("$ 5 ( or 6 % )", "$5 (or 6%)"),
            ("-LRB- sic -RRB-", "(sic)"),
        ],
    )
    def test_english_spacing(self, tokens, text):
        joined = TokenText()
        joined.add(tokens.split())
        assert joined.text == text

    @given(st.lists(st.lists(st.text(max_size=6), max_size=8), max_size=4))
    def test_every_token_stands_where_its_span_says(self, sentences):
        joined = TokenText()
        for sentence in sentences:
            joined.add(sentence)
        words = [token for sentence in sentences for token in sentence]
        assert len(words) == len(joined.spans)
        for word, (start, end) in zip(words, joined.spans, strict=True):
            assert joined.text[start:end] == {"``": '"', "''": '"'}.get(word, word.strip())


class TestLoading:
    def test_an_unknown_set_or_part_is_refused(self, folder):
        with pytest.raises(UsageError, match="no data set nosuch"):
            load_examples(folder, sets=["nosuch"], part="train")
        with pytest.raises(UsageError, match="'test'"):
            load_examples(folder, sets=["news"], part="test")

    @pytest.mark.parametrize("name", GIVEN)
    def test_a_missing_file_is_named(self, tmp_path, name):
        with pytest.raises(UnreadableSource, match=re.escape(str(tmp_path))):
            load_examples(tmp_path, sets=[name], part="train")

    def test_a_broken_line_is_named(self, folder):
        write(folder / "data/news/train.jsonl", '\n{"id": ')
        with pytest.raises(UnreadableSource, match=r"train\.jsonl:2"):
            load_examples(folder, sets=["news"], part="train")

    @given(st.text())
    def test_a_document_is_in_one_part(self, id_):
        assert in_part(id_, "train") != in_part(id_, "dev")


def test_mappings_name_predicates_of_the_ontology_only():
    known = set(load_ontology().predicates)
    named = [*load_mapping("core")["relations"].values(), *load_mapping("redocred")["complete"]]
    named += [label for open_ in load_mapping("core")["open"].values() for label in open_]
    for name in ("redocred", "knowledgenet", "fire"):
        named += load_mapping(name)["relations"].values()
    pairs, tekgen = load_mapping("pairs"), load_mapping("tekgen")
    for mapping in (pairs["fewrel_val"], pairs["typere_wiki80"], tekgen):
        named += [rule["to"] for rule in mapping["relations"].values() if "to" in rule]
    ours = {label.removeprefix("^") for label in named if not label.startswith("benchmark:")}
    assert ours <= known


def test_the_corpus_is_read_whole():
    examples = load_examples(Path(), sets=["corpus"], part="train")
    tests = load_examples(Path(), sets=["corpus"], part="dev")
    assert len(examples) > len(tests) > 0
    assert not {e.id for e in examples} & {e.id for e in tests}


@pytest.fixture(scope="module")
def loaded(shared: Path) -> dict[tuple[str, str], list[Example]]:
    return {
        (name, part): load_examples(shared, sets=[name], part=part)
        for name in GIVEN
        for part in ("train", "dev")
    }


class TestSharedData:
    def test_counts(self, loaded):
        counts = {key: len(examples) for key, examples in loaded.items()}
        assert counts["news", "train"] == 304
        assert counts["news", "dev"] == 76
        assert counts["redocred", "train"] == 650
        assert counts["redocred", "dev"] == 100
        assert counts["knowledgenet", "train"] == 2853
        assert counts["knowledgenet", "dev"] == 1440
        assert counts["gum", "train"] + counts["gum", "dev"] == 108
        assert counts["core", "train"] + counts["core", "dev"] == 4000
        assert counts.pop(("wikinews", "dev")) == 0
        assert counts.pop(("wikinews_unmarked", "dev")) == 0
        assert min(counts.values()) > 0

    def test_unmarked_articles_are_no_others(self, loaded):
        marked = {
            example.id
            for key in (("news", "train"), ("news", "dev"), ("wikinews", "train"))
            for example in loaded[key]
        }
        unmarked = loaded["wikinews_unmarked", "train"]
        assert not marked & {example.id for example in unmarked}
        assert not any(example.mentions or example.mention_types for example in unmarked)

    def test_parts_are_apart(self, loaded):
        for name in GIVEN:
            train, dev = ({e.id for e in loaded[name, part]} for part in ("train", "dev"))
            assert not train & dev, name

    def test_spans_and_clusters(self, loaded):
        types = {*load_ontology().entity_classes, *VALUE_TYPES}
        for example in (e for examples in loaded.values() for e in examples):
            clusters = {m.cluster for m in example.mentions}
            for mention in example.mentions:
                assert 0 <= mention.start < mention.end <= len(example.text)
                surface = example.text[mention.start : mention.end]
                assert surface == surface.strip(), (example.source, example.id, surface)
                assert mention.types
                assert mention.types <= types
            for relation in example.relations:
                assert {relation.subject, relation.object} <= clusters
                assert relation.subject != relation.object

    def test_masks_hold(self, loaded):
        wide = {name for name, p in load_ontology().predicates.items() if p.canonical}
        for example in (e for examples in loaded.values() for e in examples):
            ours = {label for label in example.relation_labels if ":" not in label}
            assert ours <= wide
            if example.source not in ("news", "wikinews"):
                assert "operatesIn" not in ours
                assert "blockedIn" not in ours
            if example.source == "redocred":
                assert "worksFor" not in ours
            if example.pairs is not None:
                assert {(r.subject, r.object) for r in example.relations} <= example.pairs

    def test_few_facts_of_the_news_are_lost(self, loaded, shared):
        content = (shared / "data/news/train.jsonl").read_text("utf-8")
        raw = [json.loads(line) for line in content.split("\n") if line]
        facts = Counter(fact["p"] for record in raw for fact in record["facts"])
        kept = Counter(r.label for e in loaded["news", "train"] for r in e.relations)
        assert all(kept[label] >= 0.75 * count for label, count in facts.items())

    def test_symmetric_relations_stand_both_ways(self, loaded):
        symmetric = {name for name, p in load_ontology().predicates.items() if p.symmetric}
        for example in (e for examples in loaded.values() for e in examples):
            found = {(r.subject, r.label, r.object) for r in example.relations}
            assert all((o, p, s) in found for s, p, o in found if p in symmetric)

    def test_labels_are_listed_sorted(self, loaded):
        labels = relation_labels(loaded["redocred", "train"])
        assert list(labels) == sorted(set(labels))
        assert sum(label.startswith("benchmark:P") for label in labels) == 96

    def test_reading_again_gives_the_same(self, loaded, shared):
        again = load_examples(shared, sets=["news", "fire"], part="dev")
        assert again == loaded["news", "dev"] + loaded["fire", "dev"]


class TestWikinews:
    def test_every_annotated_article_is_as_it_was_annotated(self, shared: Path):
        examples = load_examples(shared, sets=["wikinews"], part="train")
        assert len(examples) > 400
        assert sum(len(example.relations) for example in examples) > 3000
        assert load_examples(shared, sets=["wikinews"], part="dev") == []

    def test_none_of_them_is_in_the_annotated_news(self, shared: Path):
        own = {e.id for e in load_examples(shared, sets=["wikinews"], part="train")}
        for part in ("train", "dev"):
            assert own.isdisjoint(e.id for e in load_examples(shared, sets=["news"], part=part))
