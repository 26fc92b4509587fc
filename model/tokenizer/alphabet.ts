/**
 * GPT-2's byte alphabet: each of the 256 bytes is written as one printable character, so that a token of any bytes is
 * a JSON string. Printable Latin-1 stands for itself, the other 68 bytes take U+0100 and up in order.
 */

const isPrintable = (byte: number) =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff)

/** The character of each byte. */
export const byteToChar: readonly string[] = (() => {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++))
})()

const codeToByte = new Int16Array(0x100 + 68).fill(-1)
byteToChar.forEach((char, byte) => {
  codeToByte[char.charCodeAt(0)] = byte
})

/** Bytes in, alphabet characters out. */
export function bytesToToken(bytes: ArrayLike<number>): string {
  let token = ''
  for (let i = 0; i < bytes.length; i++) token += byteToChar[bytes[i]]
  return token
}

/** Alphabet characters in, bytes out; undefined when a character is not of the alphabet. */
export function tokenToBytes(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const code = token.charCodeAt(i)
    const byte = code < codeToByte.length ? codeToByte[code] : -1
    if (byte < 0) return undefined
    bytes[i] = byte
  }
  return bytes
}
