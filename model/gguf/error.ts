/** A GGUF file that breaks the format or lies about itself, or a model that GGUF, or llama.cpp, has no place for. */
export class GgufError extends Error {
  readonly file: string
  /** The key, tensor or field at fault; null where the file as a whole is. */
  readonly part: string | null
  readonly reason: string

  constructor(file: string, part: string | null, reason: string) {
    super(part === null ? `${file}: ${reason}` : `${file}, ${JSON.stringify(clip(part))}: ${reason}`)
    this.name = 'GgufError'
    this.file = file
    this.part = part
    this.reason = reason
  }
}

// Names come from the file: a hostile one must not flood a log.
const clip = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}...` : text)
