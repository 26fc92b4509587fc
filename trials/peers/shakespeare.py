"""The Shakespeare recipe in PyTorch, for the same seconds of training: the peer of bench-shakespeare.ts."""
from answering import answer, two_processors

two_processors()
import math
import time

import torch

from decoder import Decoder

torch.set_num_threads(2)
state = {}


def load(path):
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.int16).long()


def setup(config, train, validation, rows, rate, seed):
    torch.manual_seed(seed)
    model = Decoder(config)
    decayed = [p for p in model.parameters() if p.dim() == 2]
    plain = [p for p in model.parameters() if p.dim() != 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}]
    state.update(model=model, c=config, rows=rows, rate=rate)
    state.update(optimizer=torch.optim.AdamW(groups, rate, betas=(0.9, 0.95)))
    state.update(train=load(train), validation=load(validation))
    return {"torch": torch.__version__, "parameters": sum(p.numel() for p in model.parameters())}


def batch():
    length, data = state["c"]["length"], state["train"]
    at = torch.randint(len(data) - length - 1, (state["rows"],))
    return (torch.stack([data[i : i + length] for i in at]), torch.stack([data[i + 1 : i + length + 1] for i in at]))


def step(rate):
    start = time.perf_counter()
    tokens, targets = batch()
    for group in state["optimizer"].param_groups:
        group["lr"] = rate
    loss = state["model"](tokens, targets)
    state["optimizer"].zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state["model"].parameters(), 1.0)
    state["optimizer"].step()
    return time.perf_counter() - start


def probe(count):
    """Seconds of a step, with a rate of zero: nothing is learnt."""
    times = sorted(step(0.0) for _ in range(count))
    return times[len(times) // 2]


def train(steps):
    """Warm-up over a hundredth of the steps, then a cosine down to a tenth of the rate (nanoGPT's settings)."""
    state["model"].train()
    warmup, seconds = max(1, steps // 100), 0.0
    for i in range(steps):
        progress = (i - warmup) / max(1, steps - warmup)
        share = (i + 1) / warmup if i < warmup else 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * progress))
        seconds += step(state["rate"] * share)
    return {"seconds": seconds, "loss": evaluate()}


def evaluate():
    """Mean loss of a character over all whole windows of the validation text."""
    state["model"].eval()
    length, data = state["c"]["length"], state["validation"]
    total, windows = 0.0, (len(data) - 1) // length
    with torch.no_grad():
        for first in range(0, windows, 16):
            rows = range(first, min(windows, first + 16))
            tokens = torch.stack([data[i * length : (i + 1) * length] for i in rows])
            targets = torch.stack([data[i * length + 1 : (i + 1) * length + 1] for i in rows])
            total += state["model"](tokens, targets, "sum").item()
    return total / (windows * length)


answer({"setup": setup, "probe": probe, "train": train})
