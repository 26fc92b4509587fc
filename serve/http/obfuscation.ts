import { randomFillSync } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const step = 48
const pool = new Uint8Array(8192)
let used = pool.length

/**
 * Random filling that brings the JSON of a delta's text to a multiple of 48 bytes, so that the sizes of encrypted
 * packets say little about the words in them (Whisper Leak, 2025). Nearly every single token fills one step.
 */
export function obfuscation(text: string): string {
  const size = Buffer.byteLength(JSON.stringify(text))
  return randomText(step - (size % step))
}

function randomText(length: number): string {
  let text = ''
  for (let at = 0; at < length; at++) {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    text += alphabet[pool[used++] & 63]
  }
  return text
}
