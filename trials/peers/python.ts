/** Where the peers' Pythons are, and how they get there. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PeerProcess } from '#trials/peers/peer-process'

const root = fileURLToPath(new URL('../..', import.meta.url))
const setup = fileURLToPath(new URL('./setup.sh', import.meta.url))

export type PeerPython = 'today' | 'debian'

const pythons: Record<PeerPython, { path: string; args: string[]; modules: string[] }> = {
  today: {
    path: `${root}.peers/python/bin/python`,
    args: [],
    modules: ['torch', 'transformers', 'tokenizers', 'safetensors', 'numpy', 'gymnasium', 'stable_baselines3', 'peft'],
  },
  debian: { path: `${root}.peers/debian/python`, args: ['--debian'], modules: ['torch'] },
}

/** Whether this Python is installed with what it needs. */
export function hasPython(which: PeerPython): boolean {
  const { path, modules } = pythons[which]
  if (!existsSync(path)) return false
  const look = `import importlib.util as u, sys; sys.exit(any(u.find_spec(m) is None for m in ${JSON.stringify(modules)}))`
  return spawnSync(path, ['-c', look]).status === 0
}

/**
 * Installs this Python where it is missing, which takes minutes and needs the network.
 *
 * @returns null, or why it is not there
 */
export function ensurePython(which: PeerPython): string | null {
  if (hasPython(which)) return null
  console.log(`installing the peers: trials/peers/setup.sh ${pythons[which].args.join(' ')}`.trimEnd())
  const { status, error, stderr } = spawnSync(setup, pythons[which].args, {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  })
  if (error) return error.message
  if (status !== 0) return `setup.sh ended with ${status}: ${stderr.trim().split('\n').slice(-3).join(' / ')}`
  return hasPython(which) ? null : 'setup.sh ended well, but the packages are not there'
}

/** Starts a script of this folder under a peer's Python, without variables that would change its number of threads. */
export function startPython(name: string, which: PeerPython, script: string): PeerProcess {
  const kept = Object.entries(process.env).filter(([key]) => !/^(OPENBLAS|OMP|MKL|GOTO)_/.test(key))
  const environment = { ...Object.fromEntries(kept), HF_HUB_OFFLINE: '1', PYTHONDONTWRITEBYTECODE: '1' }
  const file = fileURLToPath(new URL(`./${script}`, import.meta.url))
  return new PeerProcess(name, pythons[which].path, [file], environment)
}
