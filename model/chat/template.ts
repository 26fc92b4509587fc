/**
 * A Jinja template from a model's folder, run within bounds. The language has no unbounded loop once `range` is
 * limited, so counting evaluated nodes, characters and milliseconds stops every template; functions that multiply
 * their input (`replace`, `join`, `indent`, `tojson`) take short arguments only.
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'
import { ChatTemplateError } from './error.ts'

/** What is read of the library's values and nodes; its own declarations do not resolve under Node's module rules. */
interface Value {
  type: string
  value: unknown
}

interface Node {
  type: string
  value?: unknown
  callee?: Node
  filter?: Node
  property?: Node
  args?: Node[]
}

interface Evaluator {
  evaluate(node: Node | undefined, environment: object): Value
  run(program: Node): Value
}

const MAX_SOURCE = 128 * 1024
/** The lexer's whitespace patterns are quadratic in a run's length. */
const MAX_WHITESPACE_RUN = 1024
const MAX_NODES = 2_000_000
const MAX_MILLISECONDS = 2000
const MAX_ARGUMENT = 64
const MAX_RANGE = 10_000
const MULTIPLIERS = new Set(['replace', 'join', 'indent', 'tojson'])

export class BoundedTemplate {
  private readonly program: Node

  /** @throws ChatTemplateError where the source is too long or not a template. */
  constructor(source: string) {
    if (source.length > MAX_SOURCE) {
      throw new ChatTemplateError(`chat template of ${source.length} characters, the limit is ${MAX_SOURCE}`)
    }
    if (new RegExp(`\\s{${MAX_WHITESPACE_RUN}}`).test(source)) {
      throw new ChatTemplateError(`chat template with a run of ${MAX_WHITESPACE_RUN} white-space characters`)
    }
    this.program = asTemplateError(() => parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })))
  }

  /** Renders with the given variables; `maxCharacters` bounds the output, and 64 times it all text on the way. */
  render(variables: Record<string, unknown>, maxCharacters: number): string {
    return asTemplateError(() => {
      const environment = new Environment()
      for (const [name, value] of Object.entries({ ...globals, ...variables })) environment.set(name, value)
      const interpreter: Evaluator = new Interpreter(environment)
      bound(interpreter, new Budget(maxCharacters))
      return String(interpreter.run(this.program).value)
    })
  }
}

function asTemplateError<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ChatTemplateError) throw error
    // A stack overflow by deep nesting arrives here as well, as a RangeError.
    throw new ChatTemplateError(`chat template: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

const globals = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range: boundedRange,
  strftime_now: (format: unknown) => formatDate(new Date(), String(format)),
  raise_exception: (message: unknown) => {
    throw new ChatTemplateError(`chat template refuses these messages: ${String(message)}`)
  },
}

function boundedRange(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  const count = Math.max(0, Math.ceil((stop - start) / step))
  if (!(count <= MAX_RANGE)) throw new ChatTemplateError(`chat template: range of ${count}, the limit is ${MAX_RANGE}`)
  return Array.from({ length: count }, (_, i) => start + i * step)
}

/** The directives of strftime that chat templates use; months in English. */
function formatDate(date: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const month = (style: 'short' | 'long') => date.toLocaleString('en-US', { month: style })
  return format.replace(/%[YmdbBHMS%]/g, (directive) => {
    if (directive === '%Y') return String(date.getFullYear())
    if (directive === '%m') return two(date.getMonth() + 1)
    if (directive === '%d') return two(date.getDate())
    if (directive === '%b') return month('short')
    if (directive === '%B') return month('long')
    if (directive === '%H') return two(date.getHours())
    if (directive === '%M') return two(date.getMinutes())
    return directive === '%S' ? two(date.getSeconds()) : '%'
  })
}

/** Every node, at any depth, is evaluated through this one method. */
function bound(interpreter: Evaluator, budget: Budget): void {
  const evaluate = interpreter.evaluate.bind(interpreter)
  interpreter.evaluate = (node, environment) => {
    if (node === undefined || node === null) return evaluate(node, environment)
    budget.enter(node)
    const value = evaluate(node, environment)
    budget.leave(node, value)
    return value
  }
}

/** What one rendering may use. */
class Budget {
  private nodes = 0
  private characters = 0
  private readonly started = performance.now()
  private readonly maxCharacters: number
  private readonly callees = new WeakSet<Node>()
  private readonly shortArguments = new WeakSet<object>()

  constructor(maxCharacters: number) {
    this.maxCharacters = maxCharacters
  }

  enter(node: Node): void {
    if (++this.nodes > MAX_NODES) throw new ChatTemplateError(`chat template takes more than ${MAX_NODES} steps`)
    if ((this.nodes & 255) === 0 && performance.now() - this.started > MAX_MILLISECONDS) {
      throw new ChatTemplateError(`chat template takes more than ${MAX_MILLISECONDS} ms`)
    }
    const call = node.type === 'CallExpression' ? node : node.filter
    if (call?.type !== 'CallExpression' || call.callee === undefined) return
    this.callees.add(call.callee)
    const named = call.callee.type === 'MemberExpression' ? call.callee.property : call.callee
    if (!MULTIPLIERS.has(String(named?.value))) return
    for (const argument of call.args ?? []) {
      this.shortArguments.add(argument)
      // A keyword argument's or a spread's own expression.
      for (const part of Object.values(argument))
        if (typeof part === 'object' && part !== null) this.shortArguments.add(part)
    }
  }

  leave(node: Node, { type, value }: Value): void {
    if (typeof value === 'string') {
      this.characters += value.length
      if (value.length > this.maxCharacters || this.characters > this.maxCharacters * 64) {
        throw new ChatTemplateError(`chat template writes too much, the limit is ${this.maxCharacters} characters`)
      }
      if (value.length > MAX_ARGUMENT && this.shortArguments.has(node)) tooLong()
    } else if (typeof value === 'number') {
      if (value > MAX_ARGUMENT && this.shortArguments.has(node)) tooLong()
    } else if (Array.isArray(value)) {
      if (value.length > this.maxCharacters) throw new ChatTemplateError('chat template makes too long a list')
    } else if (type === 'FunctionValue' && node.type === 'MemberExpression' && !this.callees.has(node)) {
      // Kept in a variable, a method would escape the rule on its arguments.
      throw new ChatTemplateError('chat template keeps a method without calling it')
    }
  }
}

function tooLong(): never {
  throw new ChatTemplateError(
    `chat template: arguments of ${[...MULTIPLIERS].join(', ')} are limited to ${MAX_ARGUMENT}`,
  )
}
