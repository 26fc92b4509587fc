/**
 * What bytes are, told by the bytes: a name or a header that came with them may say anything. Markup (HTML, SVG, XML) is
 * plain text here, so that no upload is ever run as a page.
 */
const signatures: readonly [type: string, offset: number, bytes: string][] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['audio/wav', 8, 'WAVE'],
  ['video/mp4', 4, 'ftyp'],
  ['audio/ogg', 0, 'OggS'],
  ['audio/flac', 0, 'fLaC'],
  ['audio/mpeg', 0, 'ID3'],
  ['audio/mpeg', 0, '\xff\xfb'],
  ['video/webm', 0, '\x1a\x45\xdf\xa3'],
  ['application/pdf', 0, '%PDF-'],
  ['application/zip', 0, 'PK\x03\x04'],
  ['application/gzip', 0, '\x1f\x8b'],
  ['application/vnd.sqlite3', 0, 'SQLite format 3\0'],
]
/** Office documents are zip files whose first entries have these names. */
const office: readonly [type: string, name: string][] = [
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'word/'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xl/'],
  ['application/vnd.openxmlformats-officedocument.presentationml.presentation', 'ppt/'],
]

/** The type of a file that begins with `head`; `whole` where that is all of it. */
export function mediaTypeOf(head: Buffer, whole: boolean): string {
  const letters = head.toString('latin1')
  const found = signatures.find(([, offset, bytes]) => letters.startsWith(bytes, offset))?.[0]
  if (found === 'application/zip') return office.find(([, name]) => letters.includes(name))?.[0] ?? found
  if (found) return found
  return isText(head, whole) ? 'text/plain' : 'application/octet-stream'
}

function isText(head: Buffer, whole: boolean): boolean {
  try {
    // A character may be cut where the head ends.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !whole })
    return !/[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]/.test(text)
  } catch {
    return false
  }
}
