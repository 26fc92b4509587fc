import { expect, test } from 'vitest'
import { readTrace, unsynced } from './trace.ts'

const wal = '17</d/dotline.sqlite-wal>'
const write = `11 pwrite64(${wal}, "..conv_mark..", 4120, 32) = 4120`
const began = `11 fdatasync(${wal} <unfinished ...>`
const ended = '11 <... fdatasync resumed>) = 0'
const sent = '10 write(21<TCP:[1->2]>, "HTTP/1.1 201 Created\\r\\n", 22) = 22'
const judged = (...lines: string[]) => unsynced(readTrace(lines.join('\n')), 'conv_mark')

test('a sync counts when it has ended, and before the reply alone', () => {
  expect(judged(write, began, ended, sent)).toBeNull()
  expect(judged(write, `11 fdatasync(${wal}) = 0`, sent)).toBeNull()
  expect(judged(write, began, sent)).toContain('not synced')
  expect(judged(began, ended, write, sent)).toContain('not synced')
  expect(judged(write, `11 fdatasync(${wal}) = -1 EIO (Input/output error)`, sent)).toContain('not synced')
  expect(judged(write, '11 fdatasync(18</d/other>) = 0', sent)).toContain('not synced')
  expect(judged(began, ended, sent)).toContain('nothing with conv_mark')
})

test('replies are told from other writes', () => {
  expect(readTrace(sent)).toEqual([{ kind: 'reply', status: 201 }])
  expect(readTrace('10 writev(21<TCP:[1->2]>, [{iov_base="HTTP/1.1 404 Not Found", iov_len=9}], 1) = 9')).toEqual([
    { kind: 'reply', status: 404 },
  ])
})
