import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'

/** A real PostgreSQL in a temporary folder, on a socket there and on no port. */
export interface TestPostgres {
  /** A new, empty database; the address of it. */
  database(): Promise<string>
  stop(): Promise<void>
  /** Stops at once, as a power cut would, and starts again. */
  crash(): Promise<void>
}

const debian = '/usr/lib/postgresql'

/** Where `initdb` and `postgres` are; null where they are not installed. */
export function findPostgres(): string | null {
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(':')]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null
}

export const howToInstall =
  'PostgreSQL is not installed here; these tests are skipped. Debian: apt-get install postgresql'

/** PostgreSQL refuses to run as root: it gets the account that Debian's package makes for it. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

export async function startPostgres(bin: string): Promise<TestPostgres> {
  const as = account()
  const folder = mkdtempSync(join(tmpdir(), 'dotline-pg-'))
  const [data, socket] = [join(folder, 'data'), join(folder, 'socket')]
  for (const each of [data, socket]) mkdirSync(each)
  if (as.uid !== undefined) for (const each of [folder, data, socket]) chownSync(each, as.uid, as.gid!)
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'dotline', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { ...as, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  const options = ['-D', data, '-k', socket, '-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'max_connections=60']
  const address = (name: string) => `postgresql://dotline@/${name}?host=${encodeURIComponent(socket)}`
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(join(bin, 'postgres'), options, { ...as, stdio: 'ignore' })
    await untilReady(address('postgres'))
    return child
  }
  let server = await start()
  let databases = 0
  return {
    async database() {
      const name = `test${databases++}`
      await run(address('postgres'), `create database ${name}`)
      return address(name)
    },
    async crash() {
      await ended(server, 'SIGQUIT')
      server = await start()
    },
    async stop() {
      await ended(server, 'SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await gone
}

async function run(address: string, statement: string): Promise<void> {
  const client = new pg.Client(address)
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

async function untilReady(address: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await run(address, 'select 1')
    } catch (error) {
      if (tries === 300) throw error
      await wait(100)
    }
  }
}
