"""What transformers makes of a reward model's folder, and PEFT of an adapter's."""
from answering import answer, two_processors

two_processors()

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

torch.set_num_threads(2)


def rewards(folder, sequences):
    """What the head says at the last token of each sequence, given in one batch padded on the right."""
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    pad = model.config.pad_token_id
    longest = max(map(len, sequences))
    ids = torch.tensor([one + [pad] * (longest - len(one)) for one in sequences])
    mask = torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one in sequences])
    with torch.no_grad():
        logits = model(ids, attention_mask=mask).logits
    return {"kind": type(model).__name__, "shape": list(logits.shape), "rewards": logits[:, 0].tolist()}


def adapted(base, adapter, tokens):
    """Logits with the adapter beside the model, and merged into it by PEFT."""
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), adapter).eval()
    active = sum(1 for name, _ in model.named_parameters() if "lora_" in name)
    with torch.no_grad():
        beside = model(torch.tensor([tokens])).logits.flatten().tolist()
        merged = model.merge_and_unload()(torch.tensor([tokens])).logits.flatten().tolist()
    return {"arrays": active, "beside": beside, "merged": merged}


answer({"rewards": rewards, "adapted": adapted})
