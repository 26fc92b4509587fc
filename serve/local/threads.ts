import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Below this, a step of the model takes a few milliseconds, and handing it from thread to thread a good part of them. */
const smallBytes = 256 << 20

/**
 * Threads inside one operation of the model in a folder, or in a GGUF file. The threads of an operation wait for one
 * another in a busy loop: on two cores a small model's second one takes its core from the loop that speaks HTTP, and from
 * whatever else runs there. Beside other work one thread then wrote 2.3 to 2.7 times as many tokens as two
 * (`npm run bench -- serve --only=ours-1,ours-2`; trials/LOG.md).
 */
export function usualThreads(model: string, cores: number): number {
  return cores < 3 && weightBytes(model) <= smallBytes ? 1 : 2
}

function weightBytes(model: string): number {
  if (model.endsWith('.gguf')) return statSync(model).size
  const files = readdirSync(model).filter((name) => name.endsWith('.safetensors'))
  return files.reduce((sum, name) => sum + statSync(join(model, name)).size, 0)
}
