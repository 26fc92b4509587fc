"""Training steps in PyTorch, a number of them at a time: the peer of bench-train.ts."""
from answering import answer, two_processors

two_processors()
import time

import torch

from decoder import Decoder, adamw, load_weights

torch.set_num_threads(2)
state = {"done": 0}


def setup(config, weights, placed, batches, rate, decay, compiled):
    """`batches` holds rows of one token more than the model reads: inputs, and the same shifted by one as targets."""
    model = Decoder(config)
    load_weights(model, weights, placed)
    state["optimizer"] = adamw(model, rate, decay)
    state["model"] = torch.compile(model) if compiled else model
    rows = [torch.tensor(batch) for batch in batches]
    state["batches"] = [(batch[:, :-1].contiguous(), batch[:, 1:].contiguous()) for batch in rows]
    return {"torch": torch.__version__, "parameters": sum(p.numel() for p in model.parameters())}


def steps(count):
    times, losses = [], []
    for _ in range(count):
        tokens, targets = state["batches"][state["done"] % len(state["batches"])]
        start = time.perf_counter()
        loss = state["model"](tokens, targets)
        state["optimizer"].zero_grad(set_to_none=True)
        loss.backward()
        state["optimizer"].step()
        losses.append(loss.item())
        times.append((time.perf_counter() - start) * 1000)
        state["done"] += 1
    return {"ms": times, "losses": losses}


answer({"setup": setup, "steps": steps})
