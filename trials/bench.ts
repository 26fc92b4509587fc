import { runFromMenu } from './house/menu.ts'

// For every process and thread that the modules below start; `tensor` sees to it where it runs by itself.
process.env.ORT_DISABLE_TELEMETRY = '1'

const benchmarks = {
  train: {
    module: new URL('./bench-train.ts', import.meta.url),
    meaning: 'a training step against the same step in PyTorch, and its share of the machine’s peak',
  },
  shakespeare: {
    module: new URL('./bench-shakespeare.ts', import.meta.url),
    meaning: 'Tiny Shakespeare for --seconds (900), and the same model by PyTorch for as long',
  },
  optimizers: {
    module: new URL('./bench-optimizers.ts', import.meta.url),
    meaning: 'Muon against AdamW in equal time on Tiny Shakespeare: --steps (300) of Muon, several rates each',
  },
  decode: {
    module: new URL('./bench-decode.ts', import.meta.url),
    meaning: 'tokens per second, alone and over 32 sequences',
  },
  grammar: {
    module: new URL('./bench-grammar.ts', import.meta.url),
    meaning: 'answers held to a JSON Schema: compiling it, and the cost of a token (--model)',
  },
  prefix: {
    module: new URL('./bench-prefix.ts', import.meta.url),
    meaning:
      'a second request that begins with the first’s 400 tokens: its time to the first token (--rounds, --model)',
  },
  tokenizer: {
    module: new URL('./bench-tokenizer.ts', import.meta.url),
    meaning: 'training 8,000 merges, and encoding in MB/s',
  },
  start: {
    module: new URL('./bench-start.ts', import.meta.url),
    meaning: 'a second npm start: until /health replies, and until the first answer (--runs, --model)',
  },
  serve: {
    module: new URL('./bench-serve.ts', import.meta.url),
    meaning:
      'our engine over HTTP beside llama.cpp’s server and node-llama-cpp on the same weights (--streams, --rounds, --seconds, --dtype, --only)',
  },
  streams: {
    module: new URL('./bench-streams.ts', import.meta.url),
    meaning:
      '500 streams of 20 tokens/s from the scripted engine, beside a bare Node server (--streams, --rate, --seconds, --rounds)',
  },
  ppo: {
    module: new URL('./bench-ppo.ts', import.meta.url),
    meaning: 'PPO on CartPole and Pendulum, and Stable-Baselines3’s beside it (--seeds, --only, --steps, --no-peers)',
  },
  rollout: {
    module: new URL('./bench-rollout.ts', import.meta.url),
    meaning:
      'PPO with a language model: tokens written a second, their share of an iteration, memory (--model, --steps, --answers)',
  },
  store: {
    module: new URL('./bench-store.ts', import.meta.url),
    meaning:
      'durable writes a second; over HTTP the first page of conversations, and search (--messages, --conversations, --seconds, --url)',
  },
  upstream: {
    module: new URL('./bench-upstream.ts', import.meta.url),
    meaning:
      'what one process adds before an upstream, nothing kept, beside Portkey’s gateway and LiteLLM (--seconds, --rounds, --most, --peers, --no-peers)',
  },
  gateway: {
    module: new URL('./bench-gateway.ts', import.meta.url),
    meaning:
      'what the server adds before an upstream, with keys, limits and ledger on, beside LiteLLM (--seconds, --rounds, --rate, --only, --no-peers, --profile)',
  },
  data: {
    module: new URL('./bench-data.ts', import.meta.url),
    meaning: 'a corpus larger than memory through cleaning, shuffling and packing: peak memory and speed (--megabytes)',
  },
}

const code = await runFromMenu('npm run bench', benchmarks, process.argv.slice(2))
process.exitCode ||= code
