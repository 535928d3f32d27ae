"""The network as ONNX graphs, written node by node so that they hold nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

__all__ = ["encoder_graph", "relation_graph"]

Array = npt.NDArray[Any]
Weights = Mapping[str, Array]

_OPSET = 20
_IR = 9


class _Graph:
    """Collects nodes and constants; every method returns the name of a tensor."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, array: Array, name: str = "") -> str:
        """Add a constant."""
        name = name or f"constant_{len(self.constants)}"
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def add(
        self,
        operator: str,
        *inputs: str,
        name: str = "",
        **attributes: Any,  # noqa: ANN401 - as onnx takes them
    ) -> str:
        """Add a node with one output."""
        name = name or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def linear(self, x: str, weights: Weights, prefix: str, name: str = "") -> str:
        """Add a product with a weight matrix, and its bias where it has one."""
        matrix = self.constant(weights[f"{prefix}.weight"].T, f"{prefix}.weight")
        bias = weights.get(f"{prefix}.bias")
        if bias is None:
            return self.add("MatMul", x, matrix, name=name)
        added = self.constant(bias, f"{prefix}.bias")
        return self.add("Add", self.add("MatMul", x, matrix), added, name=name)

    def norm(self, x: str, weights: Weights, prefix: str) -> str:
        """Add a layer normalization."""
        scale, bias = (
            self.constant(weights[f"{prefix}.{part}"], f"{prefix}.{part}")
            for part in ("weight", "bias")
        )
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-12)

    def ints(self, *values: int) -> str:
        """Add a constant list of integers."""
        return self.constant(np.array(values, dtype=np.int64))

    def model(
        self, inputs: Sequence[tuple[str, int, list[str]]], outputs: Sequence[tuple[str, list[str]]]
    ) -> onnx.ModelProto:
        """Return the graph as a checked model; `inputs` name type and axes."""
        graph = helper.make_graph(
            self.nodes,
            "kg",
            [helper.make_tensor_value_info(n, kind, axes) for n, kind, axes in inputs],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, axes) for n, axes in outputs],
            list(self.constants.values()),
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
        )
        onnx.checker.check_model(model)
        return model


def encoder_graph(weights: Weights, *, layers: int, heads: int) -> onnx.ModelProto:
    """Return the graph from pieces to representations, last attention and tag scores.

    Inputs are (texts, pieces): `ids`, `shapes` and `mask`, one for a piece and zero for
    padding. Outputs are `hidden`, `attention` (texts, heads, pieces, pieces) and `tags`,
    log-probabilities.
    """
    graph = _Graph()
    x = _embeddings(graph, weights)
    one = graph.constant(np.array(1.0, np.float32))
    far = graph.constant(np.array(-1e4, np.float32))
    blocked = graph.add("Mul", graph.add("Sub", one, "mask"), far)
    blocked = graph.add("Unsqueeze", blocked, graph.ints(1, 2))
    for number in range(layers):
        last = number == layers - 1
        x = _layer(graph, weights, number, x, blocked, heads=heads, last=last)
    graph.add("Identity", x, name="hidden")
    graph.add("LogSoftmax", graph.linear(x, weights, "tags"), name="tags", axis=-1)
    axes = ["texts", "pieces"]
    return graph.model(
        [
            ("ids", TensorProto.INT64, axes),
            ("shapes", TensorProto.INT64, axes),
            ("mask", TensorProto.FLOAT, axes),
        ],
        [
            ("hidden", [*axes, "width"]),
            ("attention", ["texts", "heads", "pieces", "others"]),
            ("tags", [*axes, "tag"]),
        ],
    )


def _embeddings(graph: _Graph, weights: Weights) -> str:
    """Add the sum of the embeddings; those of words are kept in 8 bits with a scale a row."""
    words = weights["encoder.words.weight"]
    scale = np.abs(words).max(axis=1, keepdims=True) / 127
    rounded = np.round(words / np.maximum(scale, 1e-9)).astype(np.int8)
    table = graph.constant(rounded, "words")
    scales = graph.constant(scale.astype(np.float32), "words_scale")
    word = graph.add("Cast", graph.add("Gather", table, "ids"), to=TensorProto.FLOAT)
    word = graph.add("Mul", word, graph.add("Gather", scales, "ids"))
    shapes = graph.constant(weights["encoder.shapes.weight"], "encoder.shapes.weight")
    shape = graph.add("Gather", shapes, "shapes")
    length = graph.add("Gather", graph.add("Shape", "ids"), graph.ints(1))
    positions = graph.constant(weights["encoder.positions.weight"], "encoder.positions.weight")
    position = graph.add("Slice", positions, graph.ints(0), length, graph.ints(0))
    total = graph.add("Add", graph.add("Add", word, shape), position)
    return graph.norm(total, weights, "encoder.norm")


def _layer(
    graph: _Graph, weights: Weights, number: int, x: str, blocked: str, *, heads: int, last: bool
) -> str:
    """Add one transformer layer."""
    prefix = f"encoder.layers.{number}"
    width = weights[f"{prefix}.out.weight"].shape[0]
    size = width // heads
    parts = []
    for part, order in enumerate(([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])):
        rows = slice(part * width, (part + 1) * width)
        name = f"{prefix}.{'qkv'[part]}"
        own = {f"{name}.{p}": weights[f"{prefix}.qkv.{p}"][rows] for p in ("weight", "bias")}
        if part == 0:
            own = {key: value / np.float32(size**0.5) for key, value in own.items()}
        split = graph.add("Reshape", graph.linear(x, own, name), graph.ints(0, 0, heads, size))
        parts.append(graph.add("Transpose", split, perm=order))
    scores = graph.add("Add", graph.add("MatMul", parts[0], parts[1]), blocked)
    attention = graph.add("Softmax", scores, axis=-1, name="attention" if last else "")
    mixed = graph.add("Transpose", graph.add("MatMul", attention, parts[2]), perm=[0, 2, 1, 3])
    mixed = graph.add("Reshape", mixed, graph.ints(0, 0, width))
    x = graph.add("Add", x, graph.linear(mixed, weights, f"{prefix}.out"))
    x = graph.norm(x, weights, f"{prefix}.norm_attention")
    up = graph.add("Gelu", graph.linear(x, weights, f"{prefix}.up"))
    x = graph.add("Add", x, graph.linear(up, weights, f"{prefix}.down"))
    return graph.norm(x, weights, f"{prefix}.norm_output")


def relation_graph(
    weights: Weights, *, ontology: Sequence[int], benchmark: Sequence[int], block: int
) -> onnx.ModelProto:
    """Return the graph from the entities of a window to the scores of their pairs.

    Inputs: `hidden` (pieces, width), `attention` (heads, entities, pieces), `entities`
    (entities, width), `types` (entities, types), and for each pair `subject`, `object`
    (entity numbers) and `gap`. Outputs, a row for each pair: the scores of the labels
    numbered in `ontology` and in `benchmark`, of the `modality`, and `focus`, the share
    of attention that the pair gives to each piece.
    """
    graph = _Graph()
    focus = _focus(graph)
    context = graph.add("MatMul", focus, "hidden")
    types = [graph.add("Gather", "types", side, axis=0) for side in ("subject", "object")]
    both_types = graph.add("Concat", *types, axis=1)
    sides = []
    for side in ("subject", "object"):
        prefix = f"relations.{side}"
        x = graph.linear(graph.add("Gather", "entities", side, axis=0), weights, prefix)
        x = graph.add("Add", x, graph.linear(context, weights, f"{prefix}_context"))
        x = graph.add("Add", x, graph.linear(both_types, weights, f"{prefix}_types"))
        gaps = graph.constant(weights[f"{prefix}_gap.weight"], f"{prefix}_gap.weight")
        sides.append(graph.add("Tanh", graph.add("Add", x, graph.add("Gather", gaps, "gap"))))
    left = graph.add("Reshape", sides[0], graph.ints(0, -1, block, 1))
    right = graph.add("Reshape", sides[1], graph.ints(0, -1, 1, block))
    product = graph.add("Mul", left, right)
    product = graph.add("Flatten", product, axis=1)
    both = graph.add("Concat", *sides, axis=1)
    for name, rows in (("ontology", list(ontology)), ("benchmark", list(benchmark))):
        own = {
            f"{name}.product.weight": weights["relations.product.weight"][rows],
            f"{name}.product.bias": weights["relations.product.bias"][rows],
            f"{name}.sum.weight": weights["relations.sum.weight"][rows],
        }
        parts = (
            graph.linear(product, own, f"{name}.product"),
            graph.linear(both, own, f"{name}.sum"),
        )
        graph.add("Add", *parts, name=name)
    graph.linear(both, weights, "relations.modality", name="modality")
    whole, pairs = TensorProto.INT64, ["pairs"]
    return graph.model(
        [
            ("hidden", TensorProto.FLOAT, ["pieces", "width"]),
            ("attention", TensorProto.FLOAT, ["heads", "entities", "pieces"]),
            ("entities", TensorProto.FLOAT, ["entities", "width"]),
            ("types", TensorProto.FLOAT, ["entities", "kinds"]),
            ("subject", whole, pairs),
            ("object", whole, pairs),
            ("gap", whole, pairs),
        ],
        [(n, ["pairs", n]) for n in ("ontology", "benchmark", "modality")]
        + [("focus", ["pairs", "pieces"])],
    )


def _focus(graph: _Graph) -> str:
    """Add the product of two entities' attention, summed over heads, with sum one."""
    by_piece = graph.add("Transpose", "attention", perm=[2, 1, 0])
    turned = graph.add("Transpose", "attention", perm=[2, 0, 1])
    shared = graph.add("Transpose", graph.add("MatMul", by_piece, turned), perm=[1, 2, 0])
    pairs = graph.add("Concat", *[
        graph.add("Unsqueeze", side, graph.ints(1)) for side in ("subject", "object")
    ], axis=1)  # fmt: skip
    shared = graph.add("GatherND", shared, pairs)
    total = graph.add("ReduceSum", shared, graph.ints(1), keepdims=1)
    smallest = graph.constant(np.array(1e-6, np.float32))
    return graph.add("Div", shared, graph.add("Max", total, smallest), name="focus")
