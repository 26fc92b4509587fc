"""What transformers makes of a model folder: logits, gradients, token ids, chat text and greedy answers."""
from answering import answer, two_processors

two_processors()

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

torch.set_num_threads(2)
opened = {}


def load(folder):
    opened["model"] = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    opened["tokenizer"] = AutoTokenizer.from_pretrained(folder)
    return type(opened["model"]).__name__


def gradients(tokens, targets, out):
    """Logits, mean next-token loss and the gradient of every parameter, under published names."""
    model = opened["model"]
    model.zero_grad()
    logits = model(torch.tensor(tokens)).logits
    loss = F.cross_entropy(logits.flatten(0, 1), torch.tensor(targets).flatten())
    loss.backward()
    found = {name: parameter.grad.contiguous() for name, parameter in model.named_parameters()}
    save_file({"logits": logits.detach().contiguous(), "loss": loss.detach().reshape(1), **found}, out)


def save(folder):
    opened["model"].save_pretrained(folder)


def encode(texts, special):
    tokenizer = opened["tokenizer"]
    return tokenizer(texts, add_special_tokens=False, split_special_tokens=not special)["input_ids"]


def decode(ids, special):
    tokenizer = opened["tokenizer"]
    return [tokenizer.decode(one, skip_special_tokens=not special) for one in ids]


def chat(conversations, prompt):
    tokenizer = opened["tokenizer"]
    texts = [tokenizer.apply_chat_template(one, tokenize=False, add_generation_prompt=prompt) for one in conversations]
    encoded = [
        tokenizer.apply_chat_template(one, tokenize=True, return_dict=False, add_generation_prompt=prompt)
        for one in conversations
    ]
    return {"texts": texts, "ids": encoded}


def generate(prompts, tokens):
    """Greedy continuations: ids, the token that ended them included, and text."""
    answers = []
    for prompt in prompts:
        ids = torch.tensor([prompt])
        with torch.no_grad():
            out = opened["model"].generate(
                ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=tokens
            )
        new = out[0, len(prompt) :].tolist()
        answers.append({"ids": new, "text": opened["tokenizer"].decode(new, skip_special_tokens=True)})
    return answers


answer({f.__name__: f for f in (load, gradients, save, encode, decode, chat, generate)})
