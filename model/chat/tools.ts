/** Functions and calls as a chat template is given them, and as plain text for templates that have no form for them. */
import type { ChatCall, ChatMessage, ChatTool } from './message.ts'

type Guard = (text: string) => string

/** A function in the form that templates of published models expect. */
export function toolObject({ name, description, parameters }: ChatTool, guard: Guard): object {
  const described = description === undefined ? {} : { description }
  return guarded(
    {
      type: 'function',
      function: { name, ...described, parameters: parameters ?? { type: 'object', properties: {} } },
    },
    guard,
  ) as object
}

/** A call in that form: its arguments as an object where they are one. */
export function callObject(call: ChatCall, guard: Guard): object {
  return { type: 'function', function: { name: guard(call.name), arguments: guarded(parsed(call.arguments), guard) } }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : text
  } catch {
    return text
  }
}

/** Every string in a value, keys too, as a content is guarded: none may take part in a control token. */
function guarded(value: unknown, guard: Guard): unknown {
  if (typeof value === 'string') return guard(value)
  if (Array.isArray(value)) return value.map((each) => guarded(each, guard))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [guard(key), guarded(each, guard)]))
}

/** The same conversation for a template without functions: they are described in the system message, calls are text. */
export function foldTools(messages: readonly ChatMessage[], tools: readonly ChatTool[]): ChatMessage[] {
  const folded = messages.map(({ role, content, name, calls = [] }) => {
    const written = calls.map(({ name, arguments: text }) => {
      const json = `{"name": ${JSON.stringify(name)}, "arguments": ${text}}`
      return `<tool_call>\n${json}\n</tool_call>`
    })
    const named = name === undefined ? {} : { name }
    return { role, ...named, content: [...(content === '' ? [] : [content]), ...written].join('\n') }
  })
  if (tools.length === 0) return folded
  const text = described(tools)
  const [first, ...rest] = folded
  if (first?.role === 'system' || first?.role === 'developer')
    return [{ ...first, content: first.content === '' ? text : `${first.content}\n\n${text}` }, ...rest]
  return [{ role: 'system', content: text }, ...folded]
}

function described(tools: readonly ChatTool[]): string {
  const list = tools.map((tool) => JSON.stringify(toolObject(tool, (same) => same)))
  return [
    'You can call these functions:',
    '<tools>',
    ...list,
    '</tools>',
    'To call one, write:',
    '<tool_call>',
    '{"name": "...", "arguments": {...}}',
    '</tool_call>',
  ].join('\n')
}
