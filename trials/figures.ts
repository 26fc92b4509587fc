import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform } from 'node:os'
import { fileURLToPath } from 'node:url'

/** What a figure is held against; missed goals decide the exit code under `--check`. */
export interface Goal {
  op: '>=' | '<=' | '>' | '<' | '='
  value: number
}

export interface FiguresOptions {
  /** Append the figures to the log when finished. Default: whether the command line holds `--log`. */
  log?: boolean
  /** Exit with 1 where a goal is missed. Default: whether the command line holds `--check`. */
  check?: boolean
  logFile?: string
  now?: () => Date
  print?: (line: string) => void
}

/**
 * The figures of one benchmark or trial: printed one a line as `figure <name> = <number> <unit> (goal <op> <number>)`,
 * appended to trials/LOG.md under `--log`, and judged under `--check`.
 */
export class Figures {
  readonly command: string
  readonly #log: boolean
  readonly #check: boolean
  readonly #logFile: string
  readonly #now: () => Date
  readonly #print: (line: string) => void
  readonly #lines: string[] = []
  readonly #missed: string[] = []

  /** @param command the command line that repeats the run, such as `npm run bench -- train` */
  constructor(command: string, options: FiguresOptions = {}) {
    this.command = command
    this.#log = options.log ?? process.argv.includes('--log')
    this.#check = options.check ?? process.argv.includes('--check')
    this.#logFile = options.logFile ?? fileURLToPath(new URL('./LOG.md', import.meta.url))
    this.#now = options.now ?? (() => new Date())
    this.#print = options.print ?? console.log
  }

  /** Prints one figure and judges it, unrounded, against its goal. Throws a RangeError for a value that is no number. */
  record(name: string, value: number, unit: string, goal?: Goal): void {
    if (!Number.isFinite(value)) throw new RangeError(`figure ${name}: ${value} is not a finite number`)
    if (/[=\n]/.test(name)) throw new RangeError(`figure name ${JSON.stringify(name)} holds "=" or a line break`)
    const against = goal ? ` (goal ${goal.op} ${goal.value})` : ''
    const line = `figure ${name} = ${rounded(value)}${unit ? ` ${unit}` : ''}${against}`
    this.#lines.push(line)
    this.#print(line)
    if (goal && !meets(value, goal)) this.#missed.push(`goal missed: ${name} is ${value}, not ${goal.op} ${goal.value}`)
  }

  /** A sentence that belongs beside the figures in the log: what was compared, what could not be measured, and why. */
  note(text: string): void {
    const line = text.replaceAll('\n', ' ')
    this.#lines.push(line)
    this.#print(line)
  }

  /** Names the missed goals, appends to the log, and sets the exit code. Returns whether every goal was met. */
  finish(): boolean {
    for (const line of this.#missed) this.#print(line)
    if (this.#log) this.#append()
    if (this.#check && this.#missed.length > 0) process.exitCode = 1
    return this.#missed.length === 0
  }

  #append(): void {
    const processors = cpus()
    const machine = `${platform()} ${arch()}, ${processors.length} × ${processors[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`
    const date = this.#now().toISOString().slice(0, 10)
    const lines = [...this.#lines, ...this.#missed].map((line) => `- ${line}`)
    if (!existsSync(this.#logFile)) writeFileSync(this.#logFile, logHead)
    // One write: a section stands in the log whole, or a crash left its end away; nothing before it can be harmed.
    const file = openSync(this.#logFile, 'a')
    try {
      appendFileSync(file, `\n## ${date} \`${this.command}\`\n\n${machine}\n\n${lines.join('\n')}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }
}

const logHead = `# Figures

Every figure that a benchmark or a trial measured and somebody kept (\`--log\`), with the command that repeats it. Negative results stay.
`

function meets(value: number, { op, value: goal }: Goal): boolean {
  switch (op) {
    case '>=':
      return value >= goal
    case '<=':
      return value <= goal
    case '>':
      return value > goal
    case '<':
      return value < goal
    case '=':
      return value === goal
  }
}

/** Four digits tell all that such a measurement knows; whole numbers are counts and stay whole. */
function rounded(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4)))
}
