"""What the network is taught by a batch of instances, one loss for each head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that PyTorch's own documents use

from kg.train.instances import Instance
from kg.train.network import Network

__all__ = ["batch_losses"]

_FAR = -1e4


@dataclass(frozen=True, slots=True)
class _Batch:
    """The encoder's output for instances that stand one behind the other."""

    instances: Sequence[Instance]
    offsets: list[int]
    hidden: Tensor
    attention: list[Tensor]
    tags: Tensor

    def flat(self, name: str) -> Tensor:
        """Return an array of piece numbers of all instances as rows of `hidden`."""
        parts = [getattr(i, name) + o for i, o in zip(self.instances, self.offsets, strict=True)]
        return torch.from_numpy(np.concatenate(parts)).to(self.hidden.device)


def batch_losses(
    network: Network, instances: Sequence[Instance], allowed: Tensor, modal: frozenset[str]
) -> dict[str, Tensor]:
    """Return the losses of a batch by the name of the head.

    `allowed` holds the rows that the instances' `allowed` number; `modal` are the
    sources whose modality is annotated.
    """
    batch = _encode(network, instances)
    rows = _tensor(np.concatenate([i.allowed for i in instances]), batch.hidden)
    losses = {"mentions": _mention_loss(batch.tags, allowed[rows])}
    if not sum(len(i.first) for i in instances):
        return losses
    mentions = network.mention_vectors(batch.hidden, batch.flat("first"), batch.flat("last"))
    types = _mention_types(network, batch)
    chained = _coreference_loss(network, batch, mentions, types)
    if chained is not None:
        losses["coreference"] = chained
    if sum(len(i.subject) for i in instances):
        losses |= _relation_losses(network, batch, mentions, types, modal)
    return losses


def _tensor(array: np.ndarray, like: Tensor) -> Tensor:
    """Return an array as a tensor on the device of another."""
    return torch.from_numpy(array).to(like.device)


def _encode(network: Network, instances: Sequence[Instance]) -> _Batch:
    """Return what the encoder makes of a batch."""
    device = network.tags.weight.device
    lengths = [len(i) for i in instances]
    ids = torch.from_numpy(np.concatenate([i.ids for i in instances])).to(device)
    shapes = torch.from_numpy(np.concatenate([i.shapes for i in instances])).to(device)
    places = torch.cat([torch.arange(n, device=device) for n in lengths])
    hidden, attention = network.encoder(ids, shapes, places, lengths)
    offsets = [0, *np.cumsum(lengths)[:-1].tolist()]
    tags = network.tags(network.dropout(hidden)).float()
    return _Batch(instances, offsets, hidden, attention, tags)


def _mention_loss(tags: Tensor, allowed: Tensor) -> Tensor:
    """Return minus the log of the summed probability of the allowed tags, per piece."""
    permitted = tags.masked_fill(~allowed, _FAR).logsumexp(dim=-1)
    return (tags.logsumexp(dim=-1) - permitted).mean()


def _mention_types(network: Network, batch: _Batch) -> Tensor:
    """Return for each mention the distribution over its possible types.

    It is what the tags say, within what the data set says; sometimes, in training, it
    is what the tags say alone, as when a new text is read.
    """
    mass = batch.tags.detach().softmax(dim=-1)[:, 1:]
    mass = mass.view(len(mass), -1, 4).sum(-1)
    total = F.pad(mass.cumsum(0), (0, 0, 1, 0))
    first, last = batch.flat("first"), batch.flat("last")
    seen = (total[last + 1] - total[first]) / (last + 1 - first)[:, None]
    mask = _tensor(np.concatenate([i.types for i in batch.instances]), seen)
    named = (mask.sum(0) > 0).float()
    if network.training:
        free = torch.rand(len(mask), 1, device=mask.device) < 0.25
        mask = torch.where(free, named[None], mask)
    within = seen * mask + 1e-4 * mask
    return within / within.sum(-1, keepdim=True).clamp_min(1e-6)


def _coreference_loss(
    network: Network, batch: _Batch, mentions: Tensor, types: Tensor
) -> Tensor | None:
    """Return minus the log probability of the true antecedents, or of none, per mention."""
    vectors = torch.cat([mentions, network.kind(types)], dim=-1)
    start, losses, count = 0, [], 0
    for instance in batch.instances:
        if len(instance.chain) > 1:
            chosen = vectors[_tensor(instance.chain + start, vectors)]
            alike = _tensor(instance.alike, vectors)
            scores = network.coreference(chosen, alike, _tensor(instance.distance, vectors))
            before = torch.ones_like(scores, dtype=torch.bool).tril(-1)
            scores = F.pad(scores.masked_fill(~before, _FAR), (1, 0))
            true = _tensor(instance.antecedents, vectors)
            true = torch.cat([~true.any(1, keepdim=True), true], dim=1)
            right = scores.masked_fill(~true, _FAR).logsumexp(1)
            losses.append((scores.logsumexp(1) - right).sum())
            count += len(chosen)
        start += len(instance.first)
    return torch.stack(losses).sum() / count if losses else None


def _relation_losses(
    network: Network, batch: _Batch, mentions: Tensor, types: Tensor, modal: frozenset[str]
) -> dict[str, Tensor]:
    """Return the losses of labels, evidence and modality over all pairs of a batch."""
    subjects, objects, contexts, kinds, focus = [], [], [], [], []
    start = 0
    for number, instance in enumerate(batch.instances):
        rows = slice(start, start + len(instance.first))
        start = rows.stop
        if not len(instance.subject):
            continue
        vectors, entity_types, attention = _entities(batch, number, mentions[rows], types[rows])
        subject = _tensor(instance.subject, vectors)
        object_ = _tensor(instance.object, vectors)
        shared = torch.einsum("hsl,hol->sol", attention, attention)[subject, object_].float()
        shared = shared / shared.sum(-1, keepdim=True).clamp_min(1e-6)
        offset = batch.offsets[number]
        hidden = batch.hidden[offset : offset + len(instance)]
        contexts.append(shared.to(hidden.dtype) @ hidden)
        subjects.append(vectors.index_select(0, subject))
        objects.append(vectors.index_select(0, object_))
        kinds.append(torch.cat([entity_types[subject], entity_types[object_]], dim=-1))
        focus += [shared[n, _within(instance, ranges)].sum() for n, ranges in instance.evidence]
    gaps = _tensor(np.concatenate([i.gap for i in batch.instances]), batch.hidden)
    scores, modality = network.relations(
        torch.cat(subjects), torch.cat(objects), torch.cat(contexts), torch.cat(kinds), gaps
    )
    losses = {"relations": _label_loss(batch, scores)}
    if focus:
        losses["evidence"] = -torch.stack(focus).clamp_min(1e-4).log().mean()
    stated = _modality_loss(batch, modality, modal)
    return losses if stated is None else losses | {"modality": stated}


def _within(instance: Instance, ranges: Sequence[tuple[int, int]]) -> Tensor:
    """Return the piece numbers that lie in the ranges."""
    inside = np.zeros(len(instance), dtype=np.bool_)
    for start, end in ranges:
        inside[start:end] = True
    return torch.from_numpy(inside.nonzero()[0])


def _entities(
    batch: _Batch, number: int, mentions: Tensor, types: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return vectors, types and attention of the entities of one instance.

    A vector is the log-sum-exp over the mentions; types and attention are their mean.
    """
    instance = batch.instances[number]
    entity = _tensor(instance.entity, mentions)
    member = entity[None, :] == torch.arange(int(instance.entity.max()) + 1)[:, None]
    spread = torch.zeros(member.shape, device=mentions.device).masked_fill(~member, _FAR)
    vectors = (mentions.float()[None] + spread[..., None]).logsumexp(1)
    share = member.float() / member.sum(1, keepdim=True)
    own = batch.attention[number][:, _tensor(instance.first, mentions)]
    attention = (share.to(own.dtype) @ own).float()
    return vectors, share @ types, attention


def _label_loss(batch: _Batch, scores: Tensor) -> Tensor:
    """Return the multi-label loss whose threshold is zero, over the known labels.

    log(1 + sum exp(negative scores)) + log(1 + sum exp(-positive scores)), Su et al.,
    ZLPR (arXiv 2208.02955). Batches with few pairs count for a little less than their size.
    """
    positive = torch.zeros_like(scores, dtype=torch.bool)
    known = torch.zeros_like(positive)
    start = 0
    for instance in batch.instances:
        stop = start + len(instance.subject)
        known[start:stop] = _tensor(instance.known, scores)
        if instance.gold:
            pair, label = np.array(instance.gold).T
            positive[_tensor(pair + start, scores), _tensor(label, scores)] = True
        start = stop
    zero = torch.zeros_like(scores[:, :1])
    above = torch.cat([zero, scores.masked_fill(positive | ~known, _FAR)], dim=1)
    below = torch.cat([zero, -scores.masked_fill(~positive, -_FAR)], dim=1)
    return (above.logsumexp(1) + below.logsumexp(1)).sum() / (0.25 * len(scores) + 250)


def _modality_loss(batch: _Batch, modality: Tensor, modal: frozenset[str]) -> Tensor | None:
    """Return the cross-entropy of modality over the stated pairs of the modal sources."""
    known = [
        i.modality if i.source in modal else np.full_like(i.modality, -1) for i in batch.instances
    ]
    target = _tensor(np.concatenate(known), modality)
    if not bool((target >= 0).any()):
        return None
    return F.cross_entropy(modality, target, ignore_index=-1)
