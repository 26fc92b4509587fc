"""The Shakespeare recipe in PyTorch, for the same seconds of training: the peer of bench-shakespeare.ts."""
from answering import answer, two_processors

two_processors()
import math
import time

import torch

from decoder import Decoder, adamw, load_weights

torch.set_num_threads(2)
state = {"spent": 0.0, "done": 0}


def load(path):
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.int16).long()


def setup(config, train, validation, rows, rate, seed):
    torch.manual_seed(seed)
    model = Decoder(config)
    state.update(plain=model, forward=model, c=config, rows=rows, rate=rate, seed=seed)
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
    loss = state["forward"](tokens, targets)
    state["optimizer"].zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state["plain"].parameters(), 1.0)
    state["optimizer"].step()
    return time.perf_counter() - start


def begin():
    """An optimizer with nanoGPT's settings for this text."""
    state["plain"].train()
    state["optimizer"] = adamw(state["plain"], state["rate"], 0.1, betas=(0.9, 0.99))


def choose(count):
    """Median seconds of a step, plain and compiled, at a rate of 0, where nothing is learnt; training uses the faster."""
    begin()
    seconds = {}
    for kind, forward in (("eager", state["plain"]), ("compiled", torch.compile(state["plain"]))):
        state["forward"] = forward
        times = sorted([step(0.0) for _ in range(count + 2)][2:])
        seconds[kind] = times[len(times) // 2]
    chosen = min(seconds, key=seconds.get)
    state["forward"] = state["plain"] if chosen == "eager" else forward
    begin()
    return {"seconds": seconds, "chosen": chosen}


def train(until, total):
    """Trains until so many seconds are spent of so many in all: the schedule follows the clock and ends with it.

    nanoGPT's: warm-up, here over a fiftieth, then a cosine down to a tenth of the rate.
    """
    state["plain"].train()
    while state["spent"] < until:
        progress = state["spent"] / total
        fall = 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * (progress - 0.02) / 0.98))
        rising = max(progress, 1e-3) / 0.02
        state["spent"] += step(state["rate"] * min(rising, fall))
        state["done"] += 1
    return {"seconds": state["spent"], "steps": state["done"], "loss": evaluate()}


def evaluate():
    """Mean loss of a character over all whole windows of the validation text."""
    model = state["plain"].eval()
    length, data = state["c"]["length"], state["validation"]
    total, windows = 0.0, (len(data) - 1) // length
    with torch.no_grad():
        for first in range(0, windows, 16):
            rows = range(first, min(windows, first + 16))
            tokens = torch.stack([data[i * length : (i + 1) * length] for i in rows])
            targets = torch.stack([data[i * length + 1 : (i + 1) * length + 1] for i in rows])
            total += model(tokens, targets, "sum").item()
    return total / (windows * length)


def judge(weights, placed):
    """The validation loss of other weights, which proves that model and validation text are the same on both sides."""
    own = {name: value.clone() for name, value in state["plain"].state_dict().items()}
    load_weights(state["plain"], weights, placed)
    loss = evaluate()
    state["plain"].load_state_dict(own)
    return loss


answer({"setup": setup, "choose": choose, "train": train, "judge": judge})
