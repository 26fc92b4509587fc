import { runFromMenu } from './house/menu.ts'

const benchmarks = {
  train: {
    module: new URL('./bench-train.ts', import.meta.url),
    meaning: 'a training step against the same step in PyTorch, and its share of the machine’s peak',
  },
  decode: {
    module: new URL('./bench-decode.ts', import.meta.url),
    meaning: 'tokens per second, alone and over 32 sequences',
  },
  tokenizer: {
    module: new URL('./bench-tokenizer.ts', import.meta.url),
    meaning: 'training 8,000 merges, and encoding in MB/s',
  },
  data: {
    module: new URL('./bench-data.ts', import.meta.url),
    meaning: 'a corpus larger than memory through cleaning, shuffling and packing: peak memory and speed (--megabytes)',
  },
}

const code = await runFromMenu('npm run bench', benchmarks, process.argv.slice(2))
process.exitCode ||= code
