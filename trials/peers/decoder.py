"""The benchmark's decoders in PyTorch, written for both peers (torch 1.13 and today's)."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

fused_attention = hasattr(F, "scaled_dot_product_attention")
fused_norm = getattr(F, "rms_norm", None)

OUR_NAMES = {
    "model.embed_tokens.weight": "embed.weight",
    "model.embed_positions.weight": "positions",
    "model.norm.weight": "norm.weight",
    "input_layernorm": "norm1",
    "post_attention_layernorm": "norm2",
    "q_proj": "q",
    "k_proj": "k",
    "v_proj": "v",
    "o_proj": "o",
    "gate_proj": "gate",
    "up_proj": "up",
    "down_proj": "down",
}


def peer_name(name):
    """The name here of a parameter of model/config.ts."""
    if name in OUR_NAMES:
        return OUR_NAMES[name]
    parts = name.split(".")
    return f"blocks.{parts[2]}.{OUR_NAMES[parts[-2]]}.weight"


def load_weights(model, path, placed):
    """Fills the model from a file of float32; `placed` holds each parameter's name, offset and size in values."""
    with open(path, "rb") as file:
        values = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for place in placed:
            parameter = parameters.pop(peer_name(place["name"]))
            parameter.copy_(values[place["offset"] : place["offset"] + place["size"]].view_as(parameter))
    if parameters:
        raise ValueError(f"no weights for {list(parameters)}")


def adamw(model, rate, decay, betas=(0.9, 0.95)):
    """AdamW that decays matrices and embeddings; in one fused loop where this PyTorch has one for the processor."""
    groups = [
        {"params": [p for p in model.parameters() if p.dim() == 2], "weight_decay": decay},
        {"params": [p for p in model.parameters() if p.dim() != 2], "weight_decay": 0.0},
    ]
    fused = {"fused": True} if int(torch.__version__.split(".")[0]) >= 2 else {}
    return torch.optim.AdamW(groups, rate, betas=betas, eps=1e-8, **fused)


class RMSNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        if fused_norm:
            return fused_norm(x, self.weight.shape, self.weight, 1e-5)
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, hidden = c["width"], c["hidden"]
        self.heads, self.swiglu, self.dropout = c["heads"], c["activation"] == "swiglu", c["dropout"]
        self.norm1, self.norm2 = RMSNorm(width), RMSNorm(width)
        linear = lambda i, o: nn.Linear(i, o, bias=False)
        self.q, self.k, self.v, self.o = (linear(width, width) for _ in range(4))
        self.up, self.down = linear(width, hidden), linear(hidden, width)
        self.gate = linear(width, hidden) if self.swiglu else None

    def attend(self, x, mask, turn):
        batch, length, width = x.shape
        split = lambda t: t.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = split(self.q(x)), split(self.k(x)), split(self.v(x))
        if turn is not None:
            q, k = rotate(q, *turn), rotate(k, *turn)
        if fused_attention:
            o = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            o = F.softmax(q @ k.transpose(-1, -2) / math.sqrt(width // self.heads) + mask, -1) @ v
        return self.o(o.transpose(1, 2).reshape(batch, length, width))

    def forward(self, x, mask, turn):
        drop = lambda t: F.dropout(t, self.dropout, self.training) if self.dropout else t
        x = x + drop(self.attend(self.norm1(x), mask, turn))
        n = self.norm2(x)
        inner = F.silu(self.gate(n)) * self.up(n) if self.swiglu else F.relu(self.up(n)).square()
        return x + drop(self.down(inner))


class Decoder(nn.Module):
    """Pre-norm decoder with RMSNorm, tied embeddings, learned positions or RoPE, ReLU² or SwiGLU."""

    def __init__(self, c):
        super().__init__()
        self.c = c
        self.embed = nn.Embedding(c["vocab"], c["width"])
        self.rope = c["positions"] == "rope"
        if not self.rope:
            self.positions = nn.Parameter(torch.zeros(c["length"], c["width"]))
        self.blocks = nn.ModuleList([Block(c) for _ in range(c["layers"])])
        self.norm = RMSNorm(c["width"])
        for name, p in self.named_parameters():
            if p.dim() == 2:
                writes = name.endswith("o.weight") or name.endswith("down.weight")
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * c["layers"]) if writes else 0.02)
        half = c["width"] // c["heads"] // 2
        angles = torch.arange(c["length"])[:, None] * 10_000.0 ** (-torch.arange(half) / half)[None, :]
        self.register_buffer("cos", torch.cat((angles, angles), -1).cos())
        self.register_buffer("sin", torch.cat((angles, angles), -1).sin())
        self.register_buffer("mask", torch.full((c["length"], c["length"]), -1e9).triu(1))

    def forward(self, tokens, targets, reduction="mean"):
        x = self.embed(tokens)
        turn = (self.cos, self.sin) if self.rope else None
        if not self.rope:
            x = x + self.positions
        if self.c["dropout"]:
            x = F.dropout(x, self.c["dropout"], self.training)
        for block in self.blocks:
            x = block(x, self.mask, turn)
        logits = self.norm(x) @ self.embed.weight.T
        return F.cross_entropy(logits.view(-1, self.c["vocab"]), targets.reshape(-1), reduction=reduction)
