import { math } from 'micromark-extension-math'

type Extension = ReturnType<typeof math>
type Construct = Extract<NonNullable<NonNullable<Extension['text']>[number]>, { tokenize: unknown }>
type Tokenize = Construct['tokenize']
type Code = Parameters<ReturnType<Tokenize>>[0]

/** A formula between brackets ends within so many characters, so that brackets that never close cost little. */
const longest = 4000

const dollar = 36
const backslash = 92
/** `(` and `[`, with what closes them. */
const closers: ReadonlyMap<Code, Code> = new Map([
  [40, 41],
  [91, 93],
])

/**
 * Formulas as models write them: `$…$` as Pandoc reads it (no space inside the dollars and no digit after them, so that
 * "$5 and $10" stay prices), `$$…$$`, `\(…\)` and `\[…\]`; and blocks between lines of `$$`.
 */
export const mathMarks: Extension = {
  flow: math().flow,
  text: {
    [dollar]: { name: 'mathText', tokenize: dollars, previous: (code) => code !== dollar },
    [backslash]: { name: 'mathText', tokenize: brackets },
  },
}

/** `$$…$$` on lines of their own only, where a block that never ended is read again. */
export const mathMarksInText: Extension = { text: mathMarks.text }

function dollars(...[effects, ok, nok]: Parameters<Tokenize>): ReturnType<Tokenize> {
  let size = 0
  let last: Code = null
  let length = 0
  const start = (code: Code) => {
    effects.enter('mathText')
    effects.enter('mathTextSequence')
    return open(code)
  }
  const open = (code: Code): ReturnType<ReturnType<Tokenize>> => {
    if (code === dollar && size < 2) {
      effects.consume(code)
      size++
      return open
    }
    effects.exit('mathTextSequence')
    return code === dollar || (size === 1 && isBlank(code)) ? nok(code) : content(code)
  }
  const content = (code: Code): ReturnType<ReturnType<Tokenize>> => {
    if (code === null || (size === 1 && isFullWidthMark(code))) return nok(code)
    if (code === dollar) return length > 0 && (size === 2 || !isBlank(last)) ? close(code) : nok(code)
    return within(effects, code, content, (seen) => {
      last = seen
      length++
    })
  }
  const close = (code: Code) => {
    effects.enter('mathTextSequence')
    effects.consume(code)
    return size === 1 ? after : second
  }
  const second = (code: Code) => {
    if (code !== dollar) return nok(code)
    effects.consume(code)
    return after
  }
  const after = (code: Code) => {
    if (size === 1 && code !== null && code >= 48 && code <= 57) return nok(code)
    effects.exit('mathTextSequence')
    effects.exit('mathText')
    return ok(code)
  }
  return start
}

function brackets(...[effects, ok, nok]: Parameters<Tokenize>): ReturnType<Tokenize> {
  let closer: Code = null
  let length = 0
  const start = (code: Code) => {
    effects.enter('mathText')
    effects.enter('mathTextSequence')
    effects.consume(code)
    return open
  }
  const open = (code: Code): ReturnType<ReturnType<Tokenize>> => {
    const other = closers.get(code)
    if (other === undefined) return nok(code)
    closer = other
    effects.consume(code)
    effects.exit('mathTextSequence')
    return content
  }
  const content = (code: Code): ReturnType<ReturnType<Tokenize>> => {
    if (code === null || length++ > longest) return nok(code)
    if (code === backslash) return effects.attempt(end(closer), done, command)(code)
    return within(effects, code, content, () => undefined)
  }
  // A backslash that closes nothing belongs to the formula, with what it stands before.
  const command = (code: Code) => within(effects, code, content, () => undefined)
  const done = (code: Code) => {
    effects.exit('mathText')
    return ok(code)
  }
  return start
}

function end(closer: Code): Construct {
  return {
    partial: true,
    tokenize: (effects, ok, nok) => {
      const second = (code: Code) => {
        if (code !== closer) return nok(code)
        effects.consume(code)
        effects.exit('mathTextSequence')
        return ok
      }
      return (code: Code) => {
        effects.enter('mathTextSequence')
        effects.consume(code)
        return second
      }
    },
  }
}

type Effects = Parameters<Tokenize>[0]
type State = ReturnType<Tokenize>

/** One character of a formula, or the end of a line in it. */
function within(effects: Effects, code: Code, next: State, saw: (code: Code) => void): State {
  const kind = isLineEnd(code) ? 'lineEnding' : 'mathTextData'
  effects.enter(kind)
  effects.consume(code)
  effects.exit(kind)
  saw(code)
  return next
}

const isLineEnd = (code: Code): boolean => code !== null && code < -2
/** Chinese punctuation stands between sentences, hence between prices, and in no formula. */
const isFullWidthMark = (code: Code): boolean =>
  code !== null && ((code >= 0x3000 && code <= 0x303f) || (code >= 0xff00 && code <= 0xff20))
const isBlank = (code: Code): boolean => code === null || code < 0 || code === 32
