"""How fast articles are read, beside a bare encoder of the size that others build on.

    python benchmarks/extraction.py ../shared/data/wikinews/articles.jsonl.gz

Prints, measured in one run on one machine: words a second of the whole pipeline with one
and two processes, of its encoder alone, and of an encoder of BERT-base's size (12 layers
of 768, random weights, 32 bit, same ONNX Runtime) on the same text; then where the time
of the pipeline goes. The bare encoders get their pieces ready made, sorted by length and
without overlap, so that nothing but the network is timed. Needs the extra `train` (onnx).
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import onnxruntime
from rich.console import Console
from rich.table import Table
from tokenizers import Tokenizer

from kg.articles import read_articles
from kg.model import Article
from kg.nlp import extract, load_pipeline
from kg.nlp.document import make_doc
from kg.nlp.encoder.pieces import ARTICLE, PLACES, SHAPES, WINDOW, Pieces, cut

MODEL = Path(__file__).parent.parent / "kg" / "nlp" / "model"
BATCH_PIECES = 4096
CLS, SEP = 101, 102
LAYERS, WIDTH, HEADS, VOCABULARY = 12, 768, 12, 30522

Feed = dict[str, np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("source", help="articles: a file or folder that kg build reads")
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--bare", type=int, default=100, help="articles for the bare encoders")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    found = read_articles([options.source], on_error=lambda _: None)
    articles = list(islice(found, options.articles))
    console = Console(highlight=False)
    words = count_words(articles)
    console.print(
        f"{len(articles)} articles, {words:,} words; {platform.processor() or platform.machine()}, "
        f"{options.threads} threads, ONNX Runtime {onnxruntime.__version__}"
    )
    bare = articles[: options.bare]
    speeds = {
        "whole pipeline, 1 process": words / time_pipeline(articles, threads=options.threads),
        "whole pipeline, 2 processes": words / time_processes(articles, threads=options.threads),
        "its encoder alone": count_words(bare) / time_encoder(bare, threads=options.threads),
        "BERT-base encoder alone": count_words(bare) / time_bert(bare, threads=options.threads),
    }
    console.print(tabulate_speeds(speeds))
    console.print(tabulate_parts(time_parts(articles, threads=options.threads)))


def tabulate_speeds(speeds: dict[str, float]) -> Table:
    reference = speeds["BERT-base encoder alone"]
    table = Table("what", "words a second", "times BERT-base", title="Speed")
    for name, speed in speeds.items():
        table.add_row(name, f"{speed:,.0f}", f"{speed / reference:.1f}")
    return table


def tabulate_parts(parts: dict[str, float]) -> Table:
    total = sum(parts.values())
    table = Table("component", "seconds", "share", title="Where the time goes, 1 process")
    for name, seconds in sorted(parts.items(), key=lambda part: -part[1]):
        table.add_row(name, f"{seconds:.1f}", f"{seconds / total:.0%}")
    return table


def count_words(articles: Sequence[Article]) -> int:
    return sum(len(article.text.split()) for article in articles)


def time_pipeline(articles: Sequence[Article], *, threads: int) -> float:
    nlp = load_pipeline(threads=threads)
    list(extract(articles[:2], pipeline=nlp))
    start = time.perf_counter()
    list(extract(articles, pipeline=nlp))
    return time.perf_counter() - start


def time_processes(articles: Sequence[Article], *, threads: int) -> float:
    """Return the seconds of two processes that share the articles and the threads."""
    parts = [(articles[::2], max(1, threads // 2)), (articles[1::2], max(1, threads // 2))]
    # Started anew, since threads of ONNX Runtime do not survive a fork.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(extract_part, [(part[:2], n) for part, n in parts]))
        start = time.perf_counter()
        list(pool.map(extract_part, parts))
        return time.perf_counter() - start


_pipelines: dict[int, object] = {}


def extract_part(part: tuple[Sequence[Article], int]) -> int:
    articles, threads = part
    nlp = _pipelines.setdefault(threads, None) or load_pipeline(threads=threads)
    _pipelines[threads] = nlp
    return sum(len(found.relations) for found in extract(articles, pipeline=nlp))


def time_encoder(articles: Sequence[Article], *, threads: int) -> float:
    return time_session(str(MODEL / "encoder.onnx"), articles, threads=threads)


def time_bert(articles: Sequence[Article], *, threads: int) -> float:
    from kg.train.graphs import encoder_graph

    model = encoder_graph(random_weights(), layers=LAYERS, heads=HEADS)
    return time_session(model.SerializeToString(), articles, threads=threads)


def time_session(model: str | bytes, articles: Sequence[Article], *, threads: int) -> float:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feeds = list(make_feeds(articles))
    session.run(["hidden"], feeds[0])
    start = time.perf_counter()
    for feed in feeds:
        session.run(["hidden"], feed)
    return time.perf_counter() - start


def make_feeds(articles: Sequence[Article]) -> Iterator[Feed]:
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    cuts = [cut(article.text, tokenizer) for article in articles]
    windows = [
        (pieces, start, min(start + WINDOW, len(pieces)))
        for pieces in cuts
        for start in range(0, len(pieces), WINDOW)
    ]
    windows.sort(key=lambda window: window[2] - window[1])
    batch: list[tuple[Pieces, int, int]] = []
    for window in windows:
        if batch and (len(batch) + 1) * (window[2] - window[1] + 2) > BATCH_PIECES:
            yield pad(batch)
            batch = []
        batch.append(window)
    yield pad(batch)


def pad(batch: Sequence[tuple[Pieces, int, int]]) -> Feed:
    longest = max(end - start for _, start, end in batch)
    ids = np.zeros((len(batch), longest + 2), dtype=np.int64)
    shapes, mask = np.zeros_like(ids), np.zeros(ids.shape, dtype=np.float32)
    for row, (pieces, start, end) in enumerate(batch):
        size = end - start
        ids[row, [0, size + 1]] = CLS, SEP
        ids[row, 1 : size + 1] = pieces.ids[start:end]
        shapes[row, [0, size + 1]] = ARTICLE
        shapes[row, 1 : size + 1] = pieces.shapes[start:end]
        mask[row, : size + 2] = 1
    return {"ids": ids, "shapes": shapes, "mask": mask}


def random_weights() -> dict[str, np.ndarray]:
    """Return weights of the shapes of BERT-base, by the names of our network."""
    dice = np.random.default_rng(0)

    def matrix(*shape: int) -> np.ndarray:
        return (dice.standard_normal(shape) * 0.02).astype(np.float32)

    weights = {
        "encoder.words.weight": matrix(VOCABULARY, WIDTH),
        "encoder.shapes.weight": matrix(SHAPES * PLACES, WIDTH),
        "encoder.positions.weight": matrix(WINDOW + 2, WIDTH),
        "tags.weight": matrix(2, WIDTH),
        "tags.bias": matrix(2),
    }
    norms = ["encoder.norm"]
    for number in range(LAYERS):
        prefix = f"encoder.layers.{number}"
        norms += [f"{prefix}.norm_attention", f"{prefix}.norm_output"]
        for name, rows, columns in (
            ("qkv", 3 * WIDTH, WIDTH),
            ("out", WIDTH, WIDTH),
            ("up", 4 * WIDTH, WIDTH),
            ("down", WIDTH, 4 * WIDTH),
        ):
            weights[f"{prefix}.{name}.weight"] = matrix(rows, columns)
            weights[f"{prefix}.{name}.bias"] = matrix(rows)
    for norm in norms:
        weights[f"{norm}.weight"], weights[f"{norm}.bias"] = (
            np.ones(WIDTH, np.float32),
            matrix(WIDTH),
        )
    return weights


def time_parts(articles: Sequence[Article], *, threads: int) -> dict[str, float]:
    """Return the seconds of each component, run one after the other over all Docs."""
    nlp = load_pipeline(threads=threads)
    list(extract(articles[:2], pipeline=nlp))
    seconds: defaultdict[str, float] = defaultdict(float)
    for first in range(0, len(articles), 16):
        start = time.perf_counter()
        docs = [make_doc(nlp, article) for article in articles[first : first + 16]]
        seconds["tokens"] += time.perf_counter() - start
        for name, component in nlp.pipeline:
            start = time.perf_counter()
            pipe = getattr(component, "pipe", None)
            docs = list(pipe(docs, batch_size=16)) if pipe else [component(doc) for doc in docs]
            seconds[name.removeprefix("kg_")] += time.perf_counter() - start
    return dict(seconds)


if __name__ == "__main__":
    main()
