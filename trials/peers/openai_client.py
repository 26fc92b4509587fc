"""OpenAI's Python client against a server: each line of standard input names a check, each line of output says how it went."""

import json
import sys
import traceback

import openai

url, said = sys.argv[1:]
client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
ask = {"model": "scripted", "messages": [{"role": "user", "content": "Hi"}]}
schema = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
weather = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def chat():
    reply = client.chat.completions.create(**ask)
    assert reply.choices[0].message.content == said, reply
    assert reply.usage.prompt_tokens == 7, reply


def stream():
    text, tokens = "", 0
    for chunk in client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}):
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        tokens = chunk.usage.prompt_tokens if chunk.usage else tokens
    assert (text, tokens) == (said, 7), (text, tokens)


def tools():
    reply = client.chat.completions.create(**ask, tools=[weather])
    cities = [json.loads(call.function.arguments)["city"] for call in reply.choices[0].message.tool_calls]
    assert cities == ["巴黎", "Rome"], cities


def json_():
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema, "strict": True}}
    reply = client.chat.completions.create(**ask, response_format=form)
    assert json.loads(reply.choices[0].message.content) == {"name": "Ann", "age": 33}, reply


def logprobs():
    reply = client.chat.completions.create(**ask, n=2, logprobs=True, top_logprobs=1)
    data = b"".join(bytes(one.bytes) for one in reply.choices[1].logprobs.content)
    assert data.decode() == said, data


def error():
    try:
        client.chat.completions.create(**ask, extra_body={"temprature": 1})
    except openai.BadRequestError as failure:
        assert (failure.param, failure.code) == ("temprature", "unknown_parameter"), failure
        return
    raise AssertionError("no error")


def completions():
    reply = client.completions.create(model="scripted", prompt=["a", "b"], max_tokens=99, echo=True)
    assert [choice.text for choice in reply.choices] == ["a" + said, "b" + said], reply


def models():
    assert [model.id for model in client.models.list()] == ["scripted"]
    assert client.models.retrieve("scripted").id == "scripted"


def embeddings():
    reply = client.embeddings.create(model="scripted", input=["a", "b"])
    plain = client.embeddings.create(model="scripted", input=["a", "b"], encoding_format="float")
    assert len(reply.data[0].embedding) == 8, reply
    assert max(abs(x - y) for x, y in zip(reply.data[1].embedding, plain.data[1].embedding)) < 1e-6, plain


def files():
    made = client.files.create(file=("said.txt", said.encode()), purpose="user_data")
    assert client.files.retrieve(made.id).filename == "said.txt"
    assert made.id in [each.id for each in client.files.list()]
    assert client.files.content(made.id).read().decode() == said
    assert client.files.delete(made.id).deleted


def responses():
    first = client.responses.create(model="scripted", input="Hi")
    assert first.output_text == said, first
    assert client.responses.retrieve(first.id).output_text == said
    events = client.responses.create(model="scripted", input="And?", previous_response_id=first.id, stream=True)
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == said, text
    client.responses.delete(first.id)


def kept():
    made = client.chat.completions.create(**ask, store=True, metadata={"of": "pypi"})
    assert [each.id for each in client.chat.completions.list(metadata={"of": "pypi"})] == [made.id]
    assert client.chat.completions.retrieve(made.id).choices[0].message.content == said
    assert [each.content for each in client.chat.completions.messages.list(made.id)] == ["Hi"]
    assert client.chat.completions.delete(made.id).deleted


def conversations():
    items = [{"type": "message", "role": "user", "content": "My name is Ann."}]
    made = client.conversations.create(items=items, metadata={"topic": "names"})
    reply = client.responses.create(model="scripted", input="Who am I?", conversation=made.id)
    assert reply.output_text == said, reply
    roles = [item.role for item in client.conversations.items.list(made.id, order="asc")]
    assert roles == ["user", "user", "assistant"], roles
    assert client.conversations.delete(made.id).deleted


def uploads():
    whole = (said * 3).encode()
    about = {"bytes": len(whole), "filename": "said.txt", "mime_type": "text/plain", "purpose": "user_data"}
    made = client.uploads.create(**about)
    parts = [client.uploads.parts.create(made.id, data=part).id for part in (whole[:20], whole[20:])]
    done = client.uploads.complete(made.id, part_ids=parts)
    assert client.files.content(done.file.id).read() == whole
    assert client.uploads.cancel(client.uploads.create(**about).id).status == "cancelled"


checks = {
    "kept": kept,
    "conversations": conversations,
    "uploads": uploads,
    "responses": responses,
    "embeddings": embeddings,
    "files": files,
    "chat": chat,
    "stream": stream,
    "tools": tools,
    "json": json_,
    "logprobs": logprobs,
    "error": error,
    "completions": completions,
    "models": models,
}
for line in sys.stdin:
    try:
        checks[line.strip()]()
        print(json.dumps(None), flush=True)
    except Exception:
        print(json.dumps(traceback.format_exc()), flush=True)
