/** A streamed answer with nothing but `fetch`: in Node 24 or newer, node examples/fetch.ts */
const { DOTLINE_URL = 'http://127.0.0.1:8787', DOTLINE_KEY = 'none', DOTLINE_MODEL = 'dotline-starter' } = process.env

const reply = await fetch(`${DOTLINE_URL}/v1/chat/completions`, {
  method: 'POST',
  headers: { authorization: `Bearer ${DOTLINE_KEY}`, 'content-type': 'application/json' },
  body: JSON.stringify({
    model: DOTLINE_MODEL,
    messages: [{ role: 'user', content: 'Who are you?' }],
    stream: true,
  }),
})
if (!reply.ok || reply.body === null) throw new Error(await reply.text())

// An event ends with an empty line, and may come in pieces.
let rest = ''
for await (const part of reply.body.pipeThrough(new TextDecoderStream())) {
  const events = (rest + part).split('\n\n')
  rest = events.pop() ?? ''
  for (const event of events) {
    if (!event.startsWith('data: ') || event === 'data: [DONE]') continue
    const chunk = JSON.parse(event.slice('data: '.length))
    // What goes wrong after the first word comes as an event as well.
    if (chunk.error) throw new Error(chunk.error.message)
    process.stdout.write(chunk.choices[0]?.delta.content ?? '')
  }
}
console.log()
