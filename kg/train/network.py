"""The network: a MiniLM encoder shared by heads for mentions, coreference and relations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that PyTorch's own documents use

from kg.nlp.encoder.likeness import DISTANCES, GAPS, KINDS, LIKENESSES
from kg.nlp.encoder.pieces import PLACES, SHAPES
from kg.nlp.encoder.tags import tag_count
from kg.train.batch import Batch

__all__ = [
    "FAR",
    "Encoder",
    "Network",
    "Output",
    "Sizes",
    "mean_output",
]

FAR = -1e4
"""A score that rules something out, and is no infinity."""

# The share of mentions whose types are, in training, what the tags say.
_FREE = 0.25


@dataclass(frozen=True, slots=True)
class Sizes:
    """What determines the shapes of the weights.

    `labels` counts the relation labels, `types` the mention types, `buckets` those of the
    distances between pieces, for encoders that know them.
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
    buckets: int = 0


@dataclass(frozen=True, slots=True)
class Output:
    """What the network makes of a batch; None where the batch has nothing of the kind.

    `tags` (N, tags), `links` (B, C, 1 + C) scores "none" and the antecedents of each mention
    of a chain, `scores` (P, labels), `modality` (P, modalities), `focus` (V) the share of a
    pair's attention that lies on its evidence.
    """

    tags: Tensor
    links: Tensor | None = None
    scores: Tensor | None = None
    modality: Tensor | None = None
    focus: Tensor | None = None


def mean_output(outputs: Sequence[Output]) -> Output:
    """Return the mean of what several networks make of one batch."""

    def mean(name: str) -> Tensor | None:
        own = [getattr(output, name) for output in outputs]
        return None if own[0] is None else torch.stack(own).mean(0)

    tags = torch.stack([output.tags for output in outputs]).mean(0)
    return Output(tags, mean("links"), mean("scores"), mean("modality"))


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

    def forward(self, x: Tensor, batch: Batch, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Return the new representations (N, hidden) and the attention (B, heads, width, width).

        `bias` is added to the scores of attention.
        """
        wide = spread(self.qkv(x), batch)
        query, key, value = wide.view(*wide.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = (query / query.shape[-1] ** 0.5) @ key.mT + bias
        # Left alone, autocast would take the softmax to 32 bits, which costs a third.
        with torch.autocast(x.device.type, enabled=False):
            weights = scores.softmax(dim=-1)
        mixed = (weights @ value).transpose(1, 2).flatten(2).flatten(0, 1)
        x = self.norm_attention(x + self.out(mixed.index_select(0, batch.grid)))
        x = self.norm_output(x + self.dropout(self.down(F.gelu(self.up(x)))))
        return x, weights


class Encoder(nn.Module):
    """A pretrained encoder with an embedding of word shapes; the word embeddings stay."""

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
        if sizes.buckets:
            self.distances = nn.Embedding(sizes.buckets, sizes.heads)
            self.distances.weight.requires_grad = False

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the representations of the pieces, and the last layer's attention."""
        x = self.words(batch.ids) + self.positions(batch.places) + self.shapes(batch.shapes)
        x = self.dropout(self.norm(x))
        if torch.is_autocast_enabled(x.device.type):
            x = x.to(torch.get_autocast_dtype(x.device.type))
        bias = self._bias(batch).to(x.dtype)
        attention = x
        for layer in self.layers:
            x, attention = layer(x, batch, bias)
        return x, attention

    def _bias(self, batch: Batch) -> Tensor:
        """Return what rules out the padding and, where distances count, adds them."""
        real = torch.zeros(batch.texts * batch.width, device=batch.ids.device)
        real[batch.grid] = 1.0
        bias = (1 - real.view(batch.texts, 1, 1, -1)) * FAR
        if not hasattr(self, "distances"):
            return bias
        place = torch.arange(batch.width, device=bias.device)
        apart = distance_buckets(place[None, :] - place[:, None], self.distances.num_embeddings)
        return torch.as_tensor(bias + self.distances(apart).permute(2, 0, 1)[None])


def distance_buckets(apart: Tensor, count: int) -> Tensor:
    """Return the bucket of each distance between pieces, as T5 and MPNet count them.

    Half of the buckets are for what comes later; half of each half are single distances,
    the others widen up to 128 (Raffel et al. 2020, arXiv 1910.10683, section 2.1).
    """
    half = count // 2
    exact = half // 2
    size = apart.abs()
    wide = (size.clamp_min(1) / exact).log() / math.log(128 / exact) * (half - exact)
    far = (exact + wide.long()).clamp_max(half - 1)
    return (apart > 0) * half + torch.where(size < exact, size, far)


def spread(x: Tensor, batch: Batch) -> Tensor:
    """Return rows of pieces (N, ...) as a padded table (B, width, ...)."""
    table = x.new_zeros(batch.texts * batch.width, *x.shape[1:])
    return table.index_copy(0, batch.grid, x).view(batch.texts, batch.width, *x.shape[1:])


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
        scores = self.later(mentions) @ self.earlier(mentions).mT
        scores = scores.float() / self.later.out_features**0.5
        features = self.alike(alike) + self.distance(distance)
        return torch.as_tensor(scores + self.prior(mentions).float().mT + features.squeeze(-1))


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

    def forward(self, batch: Batch) -> Output:
        """Return what the heads make of a batch."""
        hidden, attention = self.encoder(batch)
        tags = self.tags(self.dropout(hidden)).float()
        if not len(batch.first):
            return Output(tags)
        ends = hidden.index_select(0, batch.first), hidden.index_select(0, batch.last)
        mentions = self.mention(torch.cat(ends, dim=-1))
        types = self._mention_types(tags, batch)
        links = self._links(mentions, types, batch) if batch.chain.shape[1] > 1 else None
        if not len(batch.subject):
            return Output(tags, links)
        scores, modality, focus = self._relate(hidden, attention, mentions, types, batch)
        return Output(tags, links, scores, modality, focus)

    def _mention_types(self, tags: Tensor, batch: Batch) -> Tensor:
        """Return for each mention the distribution over its possible types.

        It is what the tags say, within what the data set says; sometimes, in training, it
        is what the tags say alone, as when a new text is read.
        """
        mass = tags.detach().softmax(dim=-1)[:, 1:]
        mass = mass.view(len(mass), -1, 4).sum(-1)
        total = F.pad(mass.cumsum(0), (0, 0, 1, 0))
        length = (batch.last + 1 - batch.first)[:, None]
        seen = (total[batch.last + 1] - total[batch.first]) / length
        mask = batch.types
        if self.training:
            named = (mask.sum(0) > 0).float()
            free = torch.rand(len(mask), 1, device=mask.device) < _FREE
            mask = torch.where(free, named[None], mask)
        within = seen * mask + 1e-4 * mask
        return within / within.sum(-1, keepdim=True).clamp_min(1e-6)

    def _links(self, mentions: Tensor, types: Tensor, batch: Batch) -> Tensor:
        """Return the scores of "none" and of each mention of the chain as antecedent."""
        vectors = torch.cat([mentions, self.kind(types)], dim=-1)
        scores = self.coreference(vectors[batch.chain], batch.alike, batch.distance)
        before = torch.ones_like(scores[0], dtype=torch.bool).tril(-1)
        return F.pad(scores.masked_fill(~before, FAR), (1, 0))

    def _relate(
        self, hidden: Tensor, attention: Tensor, mentions: Tensor, types: Tensor, batch: Batch
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the scores of the pairs, their modality, and the focus on their evidence.

        An entity is the log-sum-exp of its mentions, with the mean of their types and
        attention; the context of a pair is the text that both attend to.
        """
        member = batch.entity >= 0
        row = (batch.text * batch.entities + batch.entity)[member]
        size = batch.texts * batch.entities
        vectors = _sum_exponentials(mentions[member].float(), row, size)
        share = 1 / torch.bincount(row, minlength=size).clamp_min(1)
        kinds = _add_rows(types[member], row, size) * share[:, None]
        looks = attention[batch.text[member], :, batch.place[member]].float()
        looks = (_add_rows(looks, row, size) * share[:, None, None]).to(attention.dtype)
        looks = looks.view(batch.texts, batch.entities, *looks.shape[1:])
        both = torch.einsum("bshl,bohl->bsol", looks, looks).float()
        both = (both / both.sum(-1, keepdim=True).clamp_min(1e-6)).to(attention.dtype)
        context = both.flatten(1, 2) @ spread(hidden, batch)
        own = batch.subject * batch.entities + batch.object
        subject = batch.pair_text * batch.entities + batch.subject
        object_ = batch.pair_text * batch.entities + batch.object
        scores, modality = self.relations(
            vectors.index_select(0, subject),
            vectors.index_select(0, object_),
            context.flatten(0, 1).index_select(0, batch.pair_text * batch.entities**2 + own),
            torch.cat([kinds[subject], kinds[object_]], dim=-1),
            batch.gap,
        )
        seen = both.flatten(1, 2)[batch.pair_text[batch.evidence], own[batch.evidence]]
        return scores, modality, (seen.float() * batch.evidence_mask).sum(-1)


def _add_rows(x: Tensor, row: Tensor, count: int) -> Tensor:
    """Return the sums of the rows of `x` that go to the same of `count` rows."""
    return x.new_zeros(count, *x.shape[1:]).index_add(0, row, x)


def _sum_exponentials(x: Tensor, row: Tensor, count: int) -> Tensor:
    """Return the log-sum-exp of the rows of `x` that go to the same of `count` rows."""
    with torch.no_grad():
        spots = row[:, None].expand_as(x)
        most = x.new_zeros(count, x.shape[1]).scatter_reduce(
            0, spots, x, "amax", include_self=False
        )
    return most + _add_rows((x - most[row]).exp(), row, count).clamp_min(1e-30).log()
