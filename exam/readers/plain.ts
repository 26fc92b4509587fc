import { type Item, itemSchema } from '../item.ts'
import { ExamDataError, records, type Source } from './file.ts'

/** Items as they stand, one JSON object a line. */
export function readPlain(source: Source): Item[] {
  return records(source, itemSchema).map(({ value, number }) => {
    const most = value.options?.length ?? 0
    const wrong = value.right?.find((at) => at >= most)
    if (wrong !== undefined)
      throw new ExamDataError(source.path, number, `right: ${wrong} is no option: there are ${most}, from 0 on`)
    return value
  })
}
