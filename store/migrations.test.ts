import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import * as vitest from 'vitest'
import { afterAll, describe, expect, test } from 'vitest'
import { openStore, type Store } from './open.ts'
import { migrations, newestVersion } from './schema/migrations.ts'
import { onEveryDatabase, someone } from './testing/stage.ts'

const kept = fileURLToPath(new URL('./fixtures/', import.meta.url))
const files = readdirSync(kept).filter((name) => name.endsWith('.sqlite.gz'))
const ground = mkdtempSync(join(tmpdir(), 'dotline-versions-'))
afterAll(() => rmSync(ground, { recursive: true, force: true }))

let folders = 0
function unpack(name: string): string {
  const folder = join(ground, String(folders++))
  mkdirSync(folder)
  writeFileSync(join(folder, 'dotline.sqlite'), gunzipSync(readFileSync(join(kept, name))))
  return folder
}

function versionIn(folder: string): unknown {
  const database = new DatabaseSync(join(folder, 'dotline.sqlite'))
  try {
    expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    return database.prepare('select max(version) as version from schema_versions').get()?.version
  } finally {
    database.close()
  }
}

describe('a database of an older version', () => {
  test('is kept for every version but the newest, whose turn comes when it is released', () => {
    const versions = files.map((name) => Number(/^version-(\d+)\.sqlite\.gz$/.exec(name)?.[1]))
    for (const { version } of migrations.slice(0, -1)) expect(versions).toContain(version)
  })

  test.each(files)('%s opens, with everything in it, and takes what is new', async (name) => {
    const folder = unpack(name)
    const store = await openStore({ folder })
    const owner = await store.organisations.owner(
      'org-kept',
      'proj_kept',
      (await store.accounts.byEmail('kept@example.org'))!.id,
    )
    expect((await store.conversations.get(owner, 'conv_kept')).title).toBe('Kept 点线')
    expect((await store.conversations.branch(owner, 'conv_kept')).map(({ id }) => id)).toEqual(['msg_1', 'msg_3'])
    expect((await store.search.messages(owner, '北京')).data.map(({ message }) => message)).toEqual(['msg_1'])
    expect((await store.keys.find('key-hash'))?.key.prefix).toBe('dl-kept')
    expect(await store.usage.report('org-kept', { from: 0, until: 2e12 })).toMatchObject([{ requests: 1, cost: 7n }])
    expect(await store.audit.verify()).toEqual([])
    await store.streams.append(owner, await store.streams.start(owner), 0, ['new'])
    await store.close()
    expect(versionIn(folder)).toBe(newestVersion)
  })

  test('killed at any statement while it is brought up to date, has the old version, whole, and goes on', async () => {
    for (const statement of [3, 12, 24]) {
      const folder = unpack('version-1.sqlite.gz')
      expect(await openInChild(folder, statement)).toBe('killed')
      expect(versionIn(folder)).toBe(1)
      await (await openStore({ folder })).close()
      expect(versionIn(folder)).toBe(newestVersion)
    }
    const folder = unpack('version-1.sqlite.gz')
    expect(await openInChild(folder, Number.POSITIVE_INFINITY)).toBe('opened')
    expect(versionIn(folder)).toBe(newestVersion)
    // Eight processes and threads start here; a busy machine takes its time.
  }, 300_000)
})

/** Opens a database in a process of its own, which gets a SIGKILL in the middle: at its `statement`th statement. */
async function openInChild(folder: string, statement: number): Promise<string> {
  const [fatal, script] = [join(ground, 'fatal.mjs'), join(ground, 'open.mjs')]
  const door = pathToFileURL(fileURLToPath(new URL('./open.ts', import.meta.url))).href
  const lines = [
    `import { DatabaseSync } from 'node:sqlite'`,
    'const { prepare } = DatabaseSync.prototype',
    'let left = Number(process.env.FATAL_STATEMENT)',
    'DatabaseSync.prototype.prepare = function (sql) {',
    `  if (--left === 0) process.kill(process.pid, 'SIGKILL')`,
    '  return prepare.call(this, sql)',
    '}',
  ]
  writeFileSync(fatal, lines.join('\n'))
  writeFileSync(
    script,
    `import { openStore } from '${door}'\nawait openStore({ folder: process.argv[2] })\nprocess.exit(7)`,
  )
  const child = spawn(process.execPath, ['--import', pathToFileURL(fatal).href, script, folder], {
    stdio: 'inherit',
    env: { ...process.env, FATAL_STATEMENT: String(statement) },
  })
  const [code, signal] = await once(child, 'exit')
  return signal === 'SIGKILL' ? 'killed' : code === 7 ? 'opened' : `ended with ${code}`
}

onEveryDatabase(vitest, 'an empty database', (stage) => {
  test('is made ready by one of several nodes that start at once', async () => {
    const opened = await stage.fresh()
    const nodes: Store[] = await Promise.all([opened.beside(), opened.beside(), opened.beside()])
    const ada = await someone(opened.store, 'ada')
    const { id } = await nodes[0].conversations.create(ada.owner)
    expect((await nodes[2].conversations.get(ada.owner, id)).id).toBe(id)
  }, 300_000)
})
