import { type GptConfig, parameterSpecs } from '#model/config'

/**
 * Floating-point operations of one training token, forward and backward: 6 per parameter of a product (an embedding
 * that is only looked up costs nothing, a tied one counts once, as the output product) and 12·layers·length·(heads·headWidth)
 * for attention (Chowdhery 2022, PaLM, appendix B).
 */
export function flopsPerToken(config: GptConfig, length: number): number {
  // A vector is looked up and added to its text's, and its slope to the vector's.
  if (config.layers === 0) return 4 * config.width
  const products = parameterSpecs(config)
    .filter(({ name, kind }) => kind === 'matrix' || (kind === 'embedding' && isOutput(config, name)))
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  return 6 * products + 12 * config.layers * length * config.heads * config.headWidth
}

const isOutput = (config: GptConfig, name: string): boolean =>
  name === (config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight')
