/** A server over a slow scripted engine in a process of its own, to be killed: prints its address once it listens. */
import { serveKeeping } from './keeping-server.ts'

const tokens = () => Array.from({ length: 2000 }, (_, at) => `w${at} `)
const server = await serveKeeping({ tokens, delayMs: 20 }, {}, process.argv[2])
process.stdout.write(`${server.url}\n`)
