/** The thread that prepares a run's data, started by `prepareRunData` and ended by it at any point. */
import { parentPort, workerData } from 'node:worker_threads'
import type { PreparationNews, PreparationTask } from './messages.ts'
import { prepareInFolder } from './prepare.ts'

const { run, folder, base } = workerData as PreparationTask
const tell = (news: PreparationNews) => parentPort?.postMessage(news)

// What it throws ends the thread and reaches whoever started it.
await prepareInFolder(run, folder, base, {
  onTokenizer: (done, total) => tell({ kind: 'tokenizer', done, total }),
  onCorpus: (progress) => tell({ kind: 'corpus', progress }),
})
tell({ kind: 'done' })
