/** A weight file that breaks the safetensors format, lies about itself, or cannot hold what it is asked to hold. */
export class WeightFileError extends Error {
  readonly file: string
  /** The tensor at fault, or null where the file as a whole is. */
  readonly tensor: string | null
  readonly reason: string

  constructor(file: string, tensor: string | null, reason: string) {
    super(tensor === null ? `${file}: ${reason}` : `${file}, tensor ${JSON.stringify(clip(tensor))}: ${reason}`)
    this.name = 'WeightFileError'
    this.file = file
    this.tensor = tensor
    this.reason = reason
  }
}

/** A model folder whose JSON files are missing, malformed or describe a model that Dotline or the target format cannot carry. */
export class ModelFolderError extends Error {
  readonly file: string
  /** The field at fault, or null where the file as a whole is. */
  readonly field: string | null
  readonly reason: string

  constructor(file: string, field: string | null, reason: string) {
    super(field === null ? `${file}: ${reason}` : `${file}, field ${JSON.stringify(clip(field))}: ${reason}`)
    this.name = 'ModelFolderError'
    this.file = file
    this.field = field
    this.reason = reason
  }
}

// Names come from the file: a hostile one must not flood a log.
function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text
}
