/** The two descriptions: OpenAI's from a file, ours from a server. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { openKeeping } from '#serve/keeping'
import { ScriptedEngine } from '#serve/scripted-engine'
import { createServer } from '#serve/server'
import { DescriptionError, type Document } from './shapes.ts'

/** @throws DescriptionError where the file holds no description */
export function readDescription(path: string): Document {
  const text = readFileSync(path, 'utf8')
  const read: unknown = path.endsWith('.json') ? JSON.parse(text) : parse(text)
  if (typeof read !== 'object' || read === null || !('paths' in read))
    throw new DescriptionError(`${path} holds no 'paths': it is no OpenAPI description`)
  return read as Document
}

/** What our own server says of itself at /openapi.json: from the schemas that judge its requests and its replies. */
export async function ownDescription(): Promise<Document> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-openapi-'))
  const { store, people, close } = await openKeeping({ folder }, console.error)
  const app = createServer({ engine: new ScriptedEngine({ tokens: () => [] }), store, people, log: console.error })
  try {
    const reply = await app.inject({ url: '/openapi.json', headers: { host: 'localhost' } })
    return reply.json() as Document
  } finally {
    await app.close()
    await close()
    rmSync(folder, { recursive: true })
  }
}
