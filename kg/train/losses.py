"""What the network is taught by a batch: one loss for each head, and those of a teacher."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that PyTorch's own documents use

from kg.train.batch import Batch
from kg.train.network import FAR, Output

__all__ = ["gold_losses", "teacher_losses"]


def gold_losses(output: Output, batch: Batch, allowed: Tensor) -> dict[str, Tensor]:
    """Return the losses against what is annotated, by the name of the head.

    `allowed` holds the rows that `batch.allowed` counts: which tags a piece may have.
    """
    losses = {"mentions": _mention_loss(output.tags, allowed[batch.allowed])}
    if output.links is not None:
        losses["coreference"] = _coreference_loss(output.links, batch)
    if output.scores is not None and output.modality is not None:
        losses["relations"] = _label_loss(output.scores, batch)
        losses["modality"] = _modality_loss(output.modality, batch.modality)
    if output.focus is not None and len(output.focus):
        losses["evidence"] = -output.focus.clamp_min(1e-4).log().mean()
    return losses


def teacher_losses(output: Output, teacher: Output, batch: Batch) -> dict[str, Tensor]:
    """Return the losses against what a teacher makes of the same batch, by name of the head.

    Knowledge distillation (Hinton et al. 2015, arXiv 1503.02531) without a temperature.
    Relations are labels of their own, so each has a cross-entropy of its own.
    """
    losses = {"mentions": _divergence(output.tags, teacher.tags).mean()}
    if output.links is not None and teacher.links is not None:
        rows = (batch.chain >= 0) & (batch.chain >= 0).cumsum(1).gt(1)
        apart = _divergence(output.links, teacher.links)
        losses["coreference"] = (apart * rows).sum() / rows.sum().clamp_min(1)
    if output.scores is not None and teacher.scores is not None:
        target = teacher.scores.sigmoid()
        apart = F.binary_cross_entropy_with_logits(output.scores, target, reduction="sum")
        losses["relations"] = apart / (0.25 * len(target) + 250)
        if output.modality is not None and teacher.modality is not None:
            weight = target.max(dim=1).values
            apart = _divergence(output.modality, teacher.modality)
            losses["modality"] = (apart * weight).sum() / weight.sum().clamp_min(1)
    return losses


def _divergence(scores: Tensor, target: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence from the target distribution, row by row."""
    sure = target.log_softmax(dim=-1)
    return (sure.exp() * (sure - scores.log_softmax(dim=-1))).sum(-1)


def _mention_loss(tags: Tensor, allowed: Tensor) -> Tensor:
    """Return minus the log of the summed probability of the allowed tags, per piece."""
    permitted = tags.masked_fill(~allowed, FAR).logsumexp(dim=-1)
    return (tags.logsumexp(dim=-1) - permitted).mean()


def _coreference_loss(links: Tensor, batch: Batch) -> Tensor:
    """Return minus the log probability of the true antecedents, or of none, per mention."""
    true = torch.cat([~batch.antecedents.any(2, keepdim=True), batch.antecedents], dim=2)
    right = links.masked_fill(~true, FAR).logsumexp(2)
    missed = (links.logsumexp(2) - right) * batch.linked
    return missed.sum() / batch.linked.sum().clamp_min(1)


def _label_loss(scores: Tensor, batch: Batch) -> Tensor:
    """Return the multi-label loss whose threshold is zero, over the known labels.

    log(1 + sum exp(negative scores)) + log(1 + sum exp(-positive scores)), Su et al.,
    ZLPR (arXiv 2208.02955). Batches with few pairs count for a little less than their size.
    """
    positive = torch.zeros_like(scores, dtype=torch.bool)
    positive[batch.gold[0], batch.gold[1]] = True
    negative = batch.known[batch.pair_text] & batch.judged[:, None] & ~positive
    zero = torch.zeros_like(scores[:, :1])
    above = torch.cat([zero, scores.masked_fill(~negative, FAR)], dim=1)
    below = torch.cat([zero, -scores.masked_fill(~positive, -FAR)], dim=1)
    return (above.logsumexp(1) + below.logsumexp(1)).sum() / (0.25 * batch.judged.sum() + 250)


def _modality_loss(modality: Tensor, target: Tensor) -> Tensor:
    """Return the cross-entropy of modality over the pairs where it is annotated."""
    missed = F.cross_entropy(modality, target, ignore_index=-1, reduction="sum")
    return missed / (target >= 0).sum().clamp_min(1)
