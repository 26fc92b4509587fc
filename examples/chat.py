"""OpenAI's Python client: pip install openai, then python examples/chat.py"""

import os

from openai import OpenAI

url = os.environ.get("DOTLINE_URL", "http://127.0.0.1:8787")
model = os.environ.get("DOTLINE_MODEL", "dotline-starter")
client = OpenAI(base_url=url + "/v1", api_key=os.environ.get("DOTLINE_KEY", "none"))

stream = client.chat.completions.create(
    model=model,
    messages=[{"role": "user", "content": "Who are you?"}],
    stream=True,
)
for chunk in stream:
    print(chunk.choices[0].delta.content or "", end="", flush=True)
print()

vectors = [each.id for each in client.models.list() if "embeddings" in each.model_extra["dotline"]["capabilities"]]
if vectors:
    reply = client.embeddings.create(model=vectors[0], input=["a dot", "a line"])
    print(len(reply.data), "vectors of", len(reply.data[0].embedding))
