import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{tensor,model,data,train,exam,wire,guard,store,apps,serve,web,trials,bin}/**/*.test.{ts,tsx}'],
    pool: 'forks',
    // ONNX Runtime sends no usage data to its maker: read by native code, so set for the whole process.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
