/** What a fresh checkout serves without any setting: the starter, and the embedding model beside it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertManifestLicences, readManifest, verifyManifest } from '#data/manifest'
import { type RunningServer, startServer } from '#serve/start'
import { registeredModels } from './commands/serve/registered.ts'
import { shippedEmbedder, starter } from './shipped-model.ts'

let folder: string
let server: RunningServer
let client: OpenAI
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-shipped-'))
  const opener = registeredModels(join(folder, 'models'), { starter, embedder: shippedEmbedder }, {})
  if (opener === null) throw new Error('this checkout ships a starter')
  const data = join(folder, 'data')
  const options = { host: '127.0.0.1', port: 0, modelFolder: folder, pageFolder: null, dataFolder: data, log: () => {} }
  server = await startServer({ ...options, slots: 2, threads: 1 }, opener)
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
}, 60_000)
afterAll(async () => {
  await server.close(0)
  rmSync(folder, { recursive: true })
})

const model = 'dotline-embed'
const cosine = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, at) => sum + value * b[at], 0)

describe('the shipped embedding model', { timeout: 60_000 }, () => {
  it('is listed behind the starter, which stays the one that answers', async () => {
    const listed = (await client.models.list()).data as unknown as {
      id: string
      created: number
      dotline: { capabilities: string[] }
    }[]
    expect(listed.map(({ id }) => id)).toEqual(['dotline-starter', model])
    expect(listed[1].dotline.capabilities).toEqual(['embeddings', 'tokenize'])
    expect(listed[1].created).toBeGreaterThan(1_000_000_000)
    expect(server.model).toBe('dotline-starter')
  })

  it('lays texts that mean alike near each other, in both languages and at each of its lengths', async () => {
    const triples = [
      ['How do I start the server?', 'Starting the server on your machine', 'She walked through the quiet garden.'],
      ['中华人民共和国公民有劳动的权利和义务', '公民的劳动权利受法律保护', '床前明月光，疑是地上霜'],
    ]
    for (const dimensions of [256, 128, 64])
      for (const input of triples) {
        const { data, usage } = await client.embeddings.create({ model, input, dimensions })
        const [asked, alike, other] = data.map(({ embedding }) => embedding)
        expect(asked).toHaveLength(dimensions)
        expect(cosine(asked, asked)).toBeCloseTo(1, 5)
        expect(cosine(asked, alike)).toBeGreaterThan(cosine(asked, other) + 0.1)
        expect(usage.prompt_tokens).toBeGreaterThan(12)
      }
  })

  it('is paid for by the tokens that it read', async () => {
    const usage = async () => {
      const reply = await fetch(
        `${server.url}/v1/organization/usage/embeddings?start_time=${Math.floor(Date.now() / 1000) - 3600}`,
      )
      const { data } = (await reply.json()) as { data: { results: { input_tokens: number }[] }[] }
      return data.flatMap(({ results }) => results).reduce((sum, each) => sum + each.input_tokens, 0)
    }
    const before = await usage()
    const made = await client.embeddings.create({ model, input: ['one text', 'and another'] })
    expect((await usage()) - before).toBe(made.usage.prompt_tokens)
  })

  it('tells which documents it learned from, each under a licence that lets its weights be given away', async () => {
    const manifest = readManifest(shippedEmbedder)
    expect(() => assertManifestLicences(manifest)).not.toThrow()
    // The token files stay with the run; the list of documents has to hold.
    const { documents, problems } = await verifyManifest(shippedEmbedder)
    expect(documents).toBe(manifest.documents.count)
    expect(problems.filter((problem) => !problem.includes('no token file here'))).toEqual([])
  })
})
