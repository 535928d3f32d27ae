"""The network: a MiniLM encoder shared by heads for mentions, coreference and relations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that PyTorch's own documents use

from kg.nlp.encoder.likeness import DISTANCES, GAPS, KINDS, LIKENESSES
from kg.nlp.encoder.pieces import PLACES, SHAPES
from kg.nlp.encoder.tags import tag_count

__all__ = ["Encoder", "Network", "Sizes", "load_minilm"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What determines the shapes of the weights.

    `labels` counts the relation labels, `types` the mention types.
    """

    types: int
    labels: int
    modalities: int = 4
    hidden: int = 384
    layers: int = 6
    heads: int = 12
    vocabulary: int = 30522
    type_width: int = 32
    gap_width: int = 32
    pair_width: int = 384
    block: int = 16
    coreference_width: int = 128
    dropout: float = 0.1
    pair_dropout: float = 0.1


class Layer(nn.Module):
    """One transformer layer in the order of BERT (normalization after each sum)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        width = sizes.hidden
        self.heads = sizes.heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_attention = nn.LayerNorm(width, eps=1e-12)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.norm_output = nn.LayerNorm(width, eps=1e-12)
        self.dropout = nn.Dropout(sizes.dropout)

    def forward(
        self, x: Tensor, lengths: list[int], *, keep_attention: bool = False
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the new representations, and each text's attention per head if asked for."""
        width = x.shape[1]
        query, key, value = self.qkv(x).view(len(x), 3, self.heads, -1).permute(1, 2, 0, 3)
        query = query / query.shape[-1] ** 0.5
        parts = [part.split(lengths, dim=1) for part in (query, key, value)]
        attention: list[Tensor] = []
        mixed: list[Tensor] = []
        for q, k, v in zip(*parts, strict=True):
            scores = q @ k.mT
            # Left alone, autocast would take the softmax to 32 bits, which costs a third.
            with torch.autocast(x.device.type, enabled=False):
                weights = scores.softmax(dim=-1)
            mixed.append(weights @ v)
            if keep_attention:
                attention.append(weights)
        together = torch.cat(mixed, dim=1).transpose(0, 1).reshape(len(x), width)
        x = self.norm_attention(x + self.out(together))
        x = self.norm_output(x + self.dropout(self.down(F.gelu(self.up(x)))))
        return x, attention


class Encoder(nn.Module):
    """MiniLM with an embedding of word shapes; the word embeddings stay as they are."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.words = nn.Embedding(sizes.vocabulary, sizes.hidden)
        self.words.weight.requires_grad = False
        self.positions = nn.Embedding(512, sizes.hidden)
        self.shapes = nn.Embedding(SHAPES * PLACES, sizes.hidden)
        nn.init.zeros_(self.shapes.weight)
        self.norm = nn.LayerNorm(sizes.hidden, eps=1e-12)
        self.dropout = nn.Dropout(sizes.dropout)
        self.layers = nn.ModuleList(Layer(sizes) for _ in range(sizes.layers))

    def forward(
        self, ids: Tensor, shapes: Tensor, places: Tensor, lengths: list[int]
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the representations, and the last layer's attention for each text, per head.

        The texts stand one behind the other without padding; `places` counts the pieces
        of each from zero, `lengths` are their numbers of pieces.
        """
        x = self.words(ids) + self.positions(places) + self.shapes(shapes)
        x = self.dropout(self.norm(x))
        if torch.is_autocast_enabled(x.device.type):
            x = x.to(torch.get_autocast_dtype(x.device.type))
        attention: list[Tensor] = []
        for number, layer in enumerate(self.layers):
            last = number == len(self.layers) - 1
            x, attention = layer(x, lengths, keep_attention=last)
        return x, attention


class CoreferenceHead(nn.Module):
    """Scores each mention against those before it; zero stands for "none of them"."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        width = sizes.hidden + sizes.type_width
        self.later = nn.Linear(width, sizes.coreference_width)
        self.earlier = nn.Linear(width, sizes.coreference_width)
        self.prior = nn.Linear(width, 1)
        self.alike = nn.Embedding(LIKENESSES * KINDS * KINDS, 1)
        self.distance = nn.Embedding(DISTANCES * KINDS * KINDS, 1)
        for table in (self.alike, self.distance):
            nn.init.zeros_(table.weight)

    def forward(self, mentions: Tensor, alike: Tensor, distance: Tensor) -> Tensor:
        """Return the score of each mention (row) with each other one (column)."""
        scores = self.later(mentions) @ self.earlier(mentions).T
        scores = scores.float() / self.later.out_features**0.5
        features = self.alike(alike) + self.distance(distance)
        return torch.as_tensor(scores + self.prior(mentions).float().T + features.squeeze(-1))


class RelationHead(nn.Module):
    """Scores every label for pairs of entities, with the context the two attend to."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        width, pair = sizes.hidden, sizes.pair_width
        self.block = sizes.block
        self.subject = nn.Linear(width, pair)
        self.object = nn.Linear(width, pair)
        self.subject_context = nn.Linear(width, pair, bias=False)
        self.object_context = nn.Linear(width, pair, bias=False)
        self.subject_types = nn.Linear(2 * sizes.types, pair, bias=False)
        self.object_types = nn.Linear(2 * sizes.types, pair, bias=False)
        self.subject_gap = nn.Embedding(GAPS, pair)
        self.object_gap = nn.Embedding(GAPS, pair)
        self.dropout = nn.Dropout(sizes.pair_dropout)
        self.product = nn.Linear(pair * sizes.block, sizes.labels)
        self.sum = nn.Linear(2 * pair, sizes.labels, bias=False)
        self.modality = nn.Linear(2 * pair, sizes.modalities)
        nn.init.constant_(self.product.bias, -3.0)

    def forward(
        self, subject: Tensor, object_: Tensor, context: Tensor, types: Tensor, gap: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the scores of the labels and of the modalities; one row a pair."""
        left = self.subject(subject) + self.subject_context(context)
        left = torch.tanh(left + self.subject_types(types) + self.subject_gap(gap))
        right = self.object(object_) + self.object_context(context)
        right = torch.tanh(right + self.object_types(types) + self.object_gap(gap))
        left, right = self.dropout(left).to(context.dtype), self.dropout(right).to(context.dtype)
        both = torch.cat([left, right], dim=-1)
        groups = left.view(len(left), -1, self.block, 1) * right.view(len(right), -1, 1, self.block)
        scores = self.product(groups.flatten(1)) + self.sum(both)
        return scores.float(), self.modality(both).float()


class Network(nn.Module):
    """The encoder with its heads."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.encoder = Encoder(sizes)
        self.dropout = nn.Dropout(sizes.dropout)
        self.tags = nn.Linear(sizes.hidden, tag_count(sizes.types))
        self.mention = nn.Linear(2 * sizes.hidden, sizes.hidden)
        self.kind = nn.Linear(sizes.types, sizes.type_width, bias=False)
        self.coreference = CoreferenceHead(sizes)
        self.relations = RelationHead(sizes)

    def mention_vectors(self, hidden: Tensor, first: Tensor, last: Tensor) -> Tensor:
        """Return one vector for each mention, from its first and last piece."""
        ends = torch.cat([hidden.index_select(0, first), hidden.index_select(0, last)], dim=-1)
        return torch.as_tensor(self.mention(ends))


def load_minilm(encoder: Encoder, folder: Path) -> None:
    """Fill an encoder with the pretrained weights of MiniLM (BERT format)."""
    from safetensors.torch import load_file

    source = {
        k.removeprefix("bert."): v for k, v in load_file(folder / "model.safetensors").items()
    }
    embeddings = "embeddings."
    state = encoder.state_dict()
    state["words.weight"] = source[embeddings + "word_embeddings.weight"]
    kinds = source[embeddings + "token_type_embeddings.weight"]
    state["positions.weight"] = source[embeddings + "position_embeddings.weight"] + kinds[0]
    for part in ("weight", "bias"):
        state[f"norm.{part}"] = source[f"{embeddings}LayerNorm.{part}"]
        for number in range(len(encoder.layers)):
            ours, theirs = f"layers.{number}.", f"encoder.layer.{number}."
            qkv = [source[f"{theirs}attention.self.{x}.{part}"] for x in ("query", "key", "value")]
            state[f"{ours}qkv.{part}"] = torch.cat(qkv)
            for mine, other in _RENAMED.items():
                state[f"{ours}{mine}.{part}"] = source[f"{theirs}{other}.{part}"]
    encoder.load_state_dict(state)


_RENAMED = {
    "out": "attention.output.dense",
    "norm_attention": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm_output": "output.LayerNorm",
}
