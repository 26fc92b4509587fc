import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Engine, ModelInfo } from '#serve/engine'
import { embeddingInputs, embeddingReplySchema, embeddingRequestSchema } from '#wire/embeddings'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { findModel, leaving, type RouteOptions } from './routes.ts'

/** `POST /v1/embeddings`. */
export function embeddingRoute(app: FastifyInstance, { engineOf }: RouteOptions): void {
  const schema = {
    summary: 'A vector for each text',
    body: embeddingRequestSchema,
    response: { 200: embeddingReplySchema, ...failures },
  }
  app.withTypeProvider<ZodTypeProvider>().post('/v1/embeddings', { schema }, async (request, reply) => {
    const { body } = request
    const engine = engineOf(request)
    const model = findModel(engine, body.model)
    const inputs = embeddingInputs(body.input)
    expectVectors(engine, model)
    expectFew(inputs)
    const asked = { model: body.model, inputs, dimensions: body.dimensions ?? null }
    const { vectors, promptTokens } = await engine.embed(asked, leaving(reply))
    const written = body.encoding_format === 'base64' ? base64 : numbers
    return {
      object: 'list' as const,
      data: vectors.map((vector, index) => ({ object: 'embedding' as const, index, embedding: written(vector) })),
      model: model.id,
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    }
  })
}

/** What a model can do is not known before it is loaded: then it refuses by itself. */
function expectVectors(engine: Engine, { id, capabilities }: ModelInfo): void {
  if (capabilities.length === 0 || capabilities.includes('embeddings')) return
  const able = engine.models().filter((model) => model.capabilities.includes('embeddings'))
  const remedy =
    able.length > 0 ? `Name one that does: ${able.map((model) => `'${model.id}'`).join(', ')}.` : 'None here does.'
  throw new ApiError('unsupported_value', `The model '${id}' makes no embeddings. ${remedy}`, 'model')
}

function expectFew(inputs: readonly (string | number[])[]): void {
  const tokens = inputs.reduce((sum, input) => sum + (typeof input === 'string' ? 0 : input.length), 0)
  if (tokens <= limits.embeddingTokens) return
  const text = `The inputs hold ${tokens} tokens, of ${limits.embeddingTokens} that one request may hold. Send fewer at once.`
  throw new ApiError('invalid_value', text, 'input')
}

const numbers = (vector: Float32Array): number[] => Array.from(vector)

/** Little-endian, as clients read it and every machine that Node runs on has it. */
const base64 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')
