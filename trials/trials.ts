import { runFromMenu } from './house/menu.ts'

// For every process and thread that the modules below start; `tensor` sees to it where it runs by itself.
process.env.ORT_DISABLE_TELEMETRY = '1'

const trials = {
  'kill-train': {
    module: new URL('./kill-train.ts', import.meta.url),
    meaning: 'kill -9 a training run at random points: resumed, it ends with the same weights',
  },
  'kill-serve': {
    module: new URL('./kill-serve.ts', import.meta.url),
    meaning:
      'kill -9 the server at random points: it starts again, and no client takes a piece for the whole (--kills, --seed)',
  },
  'kill-store': {
    module: new URL('./kill-store.ts', import.meta.url),
    meaning:
      'kill -9 a process that writes to the store: nothing acknowledged is lost, nothing is there twice (--kills, --seed, --url)',
  },
  kill: {
    module: new URL('./kill.ts', import.meta.url),
    meaning:
      'kill -9 a server amid chats, streams, uploads, batches and deletions, then a full disk, a failing one and no more files (--kills, --rounds, --seed)',
  },
  nodes: {
    module: new URL('./nodes.ts', import.meta.url),
    meaning:
      'several HTTP nodes on one PostgreSQL: answers read on elsewhere, limits across nodes, a killed node’s batch (--nodes, --allowed, --url)',
  },
  sync: {
    module: new URL('./sync.ts', import.meta.url),
    meaning: 'a trace of the server: what it acknowledges is synced to the disk before the reply leaves (--rounds)',
  },
  access: {
    module: new URL('./access.ts', import.meta.url),
    meaning:
      'every address by everybody who should not get through, and random keys made by random keys (--mints, --seed)',
  },
  guess: {
    module: new URL('./guess.ts', import.meta.url),
    meaning: 'passwords tried from one address and from a hundred, while others chat (--tries)',
  },
  ledger: {
    module: new URL('./ledger.ts', import.meta.url),
    meaning:
      'requests that are cut, fail or lose their server: settled is what was delivered, to the token (--requests, --kills, --seed)',
  },
  isolation: {
    module: new URL('./isolation.ts', import.meta.url),
    meaning:
      'many people, requests cut anywhere, restarts: nobody reads a word of somebody else, and no log has one (--requests, --people, --restarts, --seed)',
  },
  fuzz: {
    module: new URL('./fuzz.ts', import.meta.url),
    meaning:
      'generated bodies at every address that takes one: refused by the name of the field, or answered (--bodies, --seed, --only)',
  },
  'store-fixture': {
    module: new URL('./store-fixture.ts', import.meta.url),
    meaning: 'keep a small database of this schema version, which later versions must open',
  },
  conformance: {
    module: new URL('./conformance.ts', import.meta.url),
    meaning: 'what of OpenAI’s format is supported, by the clients that people have (--write: into the READMEs)',
  },
  openapi: {
    module: new URL('./openapi.ts', import.meta.url),
    meaning: 'what we serve beside OpenAI’s OpenAPI description: fields, types, enums (--spec PATH, --all)',
  },
  starter: {
    module: new URL('./starter.ts', import.meta.url),
    meaning: 'the starter model on held-out conversations, per language',
  },
  gold: {
    module: new URL('./gold.ts', import.meta.url),
    meaning: 'two models on held-out prompts, judged by the rules alone (--model, --against, --prompts, --temperature)',
  },
  instruct: {
    module: new URL('./instruct.ts', import.meta.url),
    meaning:
      'the line of InstructGPT by recipes/instruct, trained where it is not yet, and judged by the rules (--folder, --prompts, --stages, --quick)',
  },
  overoptimise: {
    module: new URL('./overoptimise.ts', import.meta.url),
    meaning: 'gold score against divergence, of the best of n and of PPO that nothing holds back (--folder, --samples)',
  },
  headline: {
    module: new URL('./headline.ts', import.meta.url),
    meaning: 'the aligned small model against a base model of eight times its size on the same text (--folder)',
  },
  'two-roads': {
    module: new URL('./two-roads.ts', import.meta.url),
    meaning:
      'an encoder and a GPT of one size and text, fine-tuned on GLUE and FewCLUE, and the GPT merely asked (--folder, --tasks)',
  },
  embed: {
    module: new URL('./embed.ts', import.meta.url),
    meaning:
      'the shipped embedding model on held-out passages beside BM25, and on paraphrases (--data, --model, --pairs; --compare SECONDS)',
  },
  'publish-starter': {
    module: new URL('./publish-starter.ts', import.meta.url),
    meaning: 'make the folder starter/ from the runs of recipes/starter, and measure it for its card',
  },
  'publish-embed': {
    module: new URL('./publish-embed.ts', import.meta.url),
    meaning:
      'make the folder starter-embed/ from the run of recipes/embed, and measure it for its card (--run, --data)',
  },
  structured: {
    module: new URL('./structured.ts', import.meta.url),
    meaning: 'the starter writes documents for random JSON Schemas, judged by ajv (--schemas, --seed, --model)',
  },
  'fuzz-weights': {
    module: new URL('./fuzz-weights.ts', import.meta.url),
    meaning: 'mutated weight and config files: only typed errors, in bounded time and memory (--count, --seed)',
  },
  'llama-parity': {
    module: new URL('./llama-parity.ts', import.meta.url),
    meaning: 'llama.cpp goes on with 50 greedy prompts as our own engine does, from f32, f16 and q8_0 (--tokens)',
  },
  'lm-eval': {
    module: new URL('./peers/lm-eval.ts', import.meta.url),
    meaning: "EleutherAI's lm_eval against our examiner on the same server, item by item (--data, --format, --limit)",
  },
  'page-xss': {
    module: new URL('./page-xss.ts', import.meta.url),
    meaning: 'hostile answers, questions and titles in the page: none becomes code (--payloads, --streamed, --seed)',
  },
  'page-exfil': {
    module: new URL('./page-exfil.ts', import.meta.url),
    meaning: 'answers that would carry what was said to others: no request leaves the page (--outputs, --seed)',
  },
  screenshots: {
    module: new URL('./screenshots.ts', import.meta.url),
    meaning: 'take the pictures of the README in Chromium',
  },
}

const code = await runFromMenu('npm run trials', trials, process.argv.slice(2))
process.exitCode ||= code
