import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{tensor,model,data,train,exam,wire,guard,store,apps,serve,web,trials,bin}/**/*.test.{ts,tsx}'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
