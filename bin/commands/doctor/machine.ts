import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { limits } from '#wire/limits'
import { type Finding, gibibytes } from './finding.ts'

const leastNode = 24
const scarce = { memory: 2 ** 30, disk: 2 ** 30, noDisk: 100 * 2 ** 20 }

export function processor(): Finding {
  const cores = cpus()
  const name = cores.at(0)?.model.trim() || process.arch
  return {
    check: 'processor',
    state: 'ok',
    facts: { cores: cores.length, name },
    say: (t) => t.cores(cores.length, name),
  }
}

export function memory(free = process.availableMemory(), total = process.constrainedMemory() || totalmem()): Finding {
  // Where nothing bounds a process, some systems say so with a number beyond the machine's own.
  const all = Math.min(total, totalmem())
  const say: Finding['say'] = (t) => t.memory(gibibytes(free), gibibytes(all))
  const facts = { free, total: all }
  if (free >= scarce.memory) return { check: 'memory', state: 'ok', facts, say }
  return { check: 'memory', state: 'note', facts, say, remedy: (t) => t.moreMemory }
}

export function node(version = process.versions.node): Finding {
  const say: Finding['say'] = (t) => t.node(version)
  if (Number.parseInt(version, 10) >= leastNode) return { check: 'node', state: 'ok', facts: { version }, say }
  return { check: 'node', state: 'broken', facts: { version }, say, remedy: (t) => t.newerNode }
}

/** ONNX Runtime is native code: it may be missing, or be meant for another system. */
export async function runtime(load = () => import('#tensor/providers')): Promise<Finding> {
  try {
    const providers = (await load()).providers()
    return { check: 'runtime', state: 'ok', facts: { providers }, say: (t) => t.runtime(providers.join(', ')) }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    const say: Finding['say'] = (t) => t.noRuntime(problem)
    return { check: 'runtime', state: 'broken', facts: { problem }, say, remedy: (t) => t.install }
  }
}

/** Whether the port could be listened on, or is Dotline's already. */
export async function port(asked: number): Promise<Finding> {
  const code = await listening(asked)
  const told = (state: Finding['state'], found: string, say: Finding['say'], remedy?: Finding['say']): Finding => ({
    check: 'port',
    state,
    facts: { port: asked, found },
    say,
    ...(remedy && { remedy }),
  })
  if (code === null) return told('ok', 'free', (t) => t.portFree(asked))
  if (code === 'EADDRINUSE' && (await isDotline(asked))) return told('ok', 'dotline', (t) => t.portOurs(asked))
  const say: Finding['say'] = (t) => (code === 'EADDRINUSE' ? t.portTaken(asked) : t.portDenied(asked))
  return told('broken', code === 'EADDRINUSE' ? 'taken' : 'denied', say, (t) => t.otherPort)
}

function listening(asked: number): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const server = createServer()
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
  server.listen(asked, '127.0.0.1', () => server.close(() => resolve(null)))
  return promise
}

/** Our `/health` names itself by a header that every reply of ours carries. */
async function isDotline(asked: number): Promise<boolean> {
  const { get } = await import('node:http')
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port: asked, path: '/health', timeout: 2000 }, (reply) => {
      let text = ''
      reply.setEncoding('utf8').on('data', (part: string) => (text += part).length > 4096 && request.destroy())
      reply.on('end', () => resolve('openai-version' in reply.headers && text.includes('"uptime_seconds"')))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
    request.on('close', () => resolve(false))
  })
}

/** Room and leave to write where the operator's own data lies, or will. */
export function disk(folder: string): Finding {
  let place = folder
  while (!existsSync(place)) place = dirname(place)
  const { bavail, bsize } = statfsSync(place)
  const free = bavail * bsize
  const facts = { folder, free }
  try {
    accessSync(place, constants.W_OK)
  } catch {
    return { check: 'disk', state: 'broken', facts, say: (t) => t.unwritable(place), remedy: (t) => t.writable }
  }
  const say: Finding['say'] = (t) => t.disk(folder, gibibytes(free))
  if (free >= scarce.disk) return { check: 'disk', state: 'ok', facts, say }
  return { check: 'disk', state: free < scarce.noDisk ? 'broken' : 'note', facts, say, remedy: (t) => t.moreDisk }
}

export function page(folder: string): Finding {
  if (existsSync(join(folder, 'index.html')))
    return { check: 'page', state: 'ok', facts: { folder }, say: (t) => t.page }
  return { check: 'page', state: 'note', facts: { folder }, say: (t) => t.noPage, remedy: (t) => t.build }
}

/** What the server takes, and whether the system gives it as many files as connections. */
export function bounds(files = openFiles()): Finding {
  const { queue, bodyBytes, connections } = limits
  const facts = { queue, bodyBytes, connections, files }
  const spare = 256
  if (files !== null && files < connections + spare) {
    const say: Finding['say'] = (t) => t.files(files)
    return { check: 'limits', state: 'note', facts, say, remedy: (t) => t.moreFiles(2 * connections) }
  }
  const say: Finding['say'] = (t) => t.limits(queue, (bodyBytes / 2 ** 20).toFixed(0), connections)
  return { check: 'limits', state: 'ok', facts, say }
}

/** Files that this process may open; null where the system does not say. Node tells it in its report alone. */
function openFiles(): number | null {
  // Without this it would look up the names of whoever is connected. Node's types do not know it yet.
  Object.assign(process.report, { excludeNetwork: true })
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : null
}
