/** The store's thread: the one place where SQLite runs, far from the HTTP loop. Started by threads.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { type FromThread, faultOf, type Reply, type Request, type ThreadSettings } from '../ground/message.ts'
import { migrate } from '../schema/migrations.ts'
import { type Connection, connect } from './connection.ts'
import { storeErrorOf } from './faults.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

if (parentPort === null) throw new Error('thread.ts runs in a worker thread that the store starts')
const port = parentPort
const { file, blobs, role } = workerData as ThreadSettings

const send = (message: FromThread): void => port.postMessage(message)
const answer = (replies: Reply[]): void => send({ kind: 'replies', replies })

/** One migration a transaction; `immediate` keeps a second process out until it is committed. */
async function migrateFile({ database, everyone }: Connection): Promise<void> {
  await migrate('sqlite', async (run) => {
    database.exec('begin immediate')
    try {
      const more = await run(everyone)
      database.exec('commit')
      return more
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      throw error
    }
  })
}

try {
  const connection = connect(file, role === 'writer' ? 'write' : 'read')
  if (role === 'writer') await migrateFile(connection)
  const worker = role === 'writer' ? new Writer(connection, blobs, answer) : new Reader(connection, blobs, answer)
  port.on('message', (message: Request[] | 'close') => {
    if (message !== 'close') return worker.take(message)
    if (role === 'writer') connection.database.exec('pragma wal_checkpoint(truncate)')
    connection.database.close()
    port.close()
  })
  send({ kind: 'ready' })
} catch (error) {
  send({ kind: 'refused', fault: faultOf(storeErrorOf(error)) })
}
