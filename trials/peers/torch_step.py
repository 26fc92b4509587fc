"""Training steps in PyTorch, a number of them at a time: the peer of bench-train.ts."""
from answering import answer, two_processors

two_processors()
import time

import torch

from decoder import Decoder

torch.set_num_threads(2)
state = {}


def setup(config, batch, compiled):
    torch.manual_seed(1)
    model = Decoder(config)
    state["parameters"] = sum(p.numel() for p in model.parameters())
    state["optimizer"] = torch.optim.AdamW(model.parameters(), 1e-3)
    state["model"] = torch.compile(model) if compiled else model
    state["tokens"] = torch.randint(config["vocab"], (batch, config["length"]))
    return {"torch": torch.__version__, "parameters": state["parameters"]}


def steps(count):
    times = []
    for _ in range(count):
        start = time.perf_counter()
        loss = state["model"](state["tokens"], state["tokens"])
        state["optimizer"].zero_grad()
        loss.backward()
        state["optimizer"].step()
        times.append((time.perf_counter() - start) * 1000)
    return {"ms": times, "loss": loss.item()}


answer({"setup": setup, "steps": steps})
