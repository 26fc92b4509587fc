import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { texts } from '#bin/catalogue'
import { UsageError } from '#bin/command'
import { llamaFolder } from '#model/llama-cpp'

/** One version, whose binding `model` knows. */
const version = '3.22.1'

const systems: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', win32: 'win', darwin: 'mac' }

/** The package with the binaries of this machine; those of graphics cards come where they are asked for alone. */
function binaries(gpu: string | undefined): string[] {
  const system = `${systems[process.platform] ?? process.platform}-${process.arch}`
  const own = system === 'mac-arm64' ? 'mac-arm64-metal' : system
  const card = gpu === undefined ? [] : gpu === 'cuda' ? [`${system}-cuda`, `${system}-cuda-ext`] : [`${system}-${gpu}`]
  return [own, ...card].map((name) => `@node-llama-cpp/${name}`)
}

/**
 * Installs node-llama-cpp into a folder of its own, without running scripts. Its optional packages, 600 MB of libraries for
 * graphics cards among them, are left out, and the one for this machine is named instead.
 */
export function installLlama(action: string, gpu: string | undefined): string {
  if (action !== 'install') throw new UsageError(texts().usage.modelAction)
  if (gpu !== undefined && gpu !== 'cuda' && gpu !== 'vulkan') throw new UsageError(texts().usage.modelGpu(gpu))
  const folder = llamaFolder()
  const draft = `${folder}.part`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  const dependencies = Object.fromEntries(['node-llama-cpp', ...binaries(gpu)].map((name) => [name, version]))
  writeFileSync(join(draft, 'package.json'), JSON.stringify({ private: true, dependencies }))
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const args = ['install', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status } = spawnSync(npm, args, { cwd: draft, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(texts().model.llamaFailed(`npm ${args.join(' ')}`))
  // Beside and renamed: what is cut short never looks installed.
  rmSync(folder, { recursive: true, force: true })
  renameSync(draft, folder)
  return texts().model.llamaInstalled(folder)
}
