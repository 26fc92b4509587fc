import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Servers that tests start keep what they keep here, not among the developer's own things. */
const data = mkdtempSync(join(tmpdir(), 'dotline-data-'))
process.once('exit', () => rmSync(data, { recursive: true, force: true }))

export default defineConfig({
  test: {
    include: ['{tensor,model,data,train,exam,wire,guard,store,apps,serve,web,trials,bin}/**/*.test.{ts,tsx}'],
    pool: 'forks',
    // ONNX Runtime sends no usage data to its maker: read by native code, so set for the whole process.
    env: { ORT_DISABLE_TELEMETRY: '1', DOTLINE_DATA: data },
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
