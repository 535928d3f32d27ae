"""The weights of pretrained encoders, put where ours has them."""

from __future__ import annotations

from pathlib import Path

import torch

from kg.train.network import Encoder

__all__ = ["load_minilm", "load_mpnet"]


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


def load_mpnet(encoder: Encoder, folder: Path) -> None:
    """Fill an encoder of 12 layers with the pretrained weights of MPNet.

    MPNet's word pieces are BERT's, four numbers later, with marks of its own at both ends.
    """
    from safetensors.torch import load_file

    source = load_file(folder / "model.safetensors")
    words = source["embeddings.word_embeddings.weight"]
    state = encoder.state_dict()
    state["words.weight"] = words[4 : 4 + len(state["words.weight"])].clone()
    state["words.weight"][[101, 102]] = words[[0, 2]]
    state["positions.weight"] = source["embeddings.position_embeddings.weight"][2:]
    state["distances.weight"] = source["encoder.relative_attention_bias.weight"]
    renamed = _RENAMED | {"out": "attention.attn.o", "norm_attention": "attention.LayerNorm"}
    for part in ("weight", "bias"):
        state[f"norm.{part}"] = source[f"embeddings.LayerNorm.{part}"]
        for number in range(len(encoder.layers)):
            ours, theirs = f"layers.{number}.", f"encoder.layer.{number}."
            qkv = [source[f"{theirs}attention.attn.{x}.{part}"] for x in "qkv"]
            state[f"{ours}qkv.{part}"] = torch.cat(qkv)
            for mine, other in renamed.items():
                state[f"{ours}{mine}.{part}"] = source[f"{theirs}{other}.{part}"]
    encoder.load_state_dict(state)


_RENAMED = {
    "out": "attention.output.dense",
    "norm_attention": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm_output": "output.LayerNorm",
}
