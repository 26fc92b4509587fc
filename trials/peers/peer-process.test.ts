import { expect, test } from 'vitest'
import { PeerError, PeerProcess } from '#trials/peers/peer-process'

/** A peer in JavaScript, so that the test needs no Python. */
const script = `
  let rest = ''
  process.stdin.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\\n')
    rest = lines.pop()
    for (const line of lines) reply(JSON.parse(line))
  })
  function reply(command) {
    if (command.do === 'leave') { console.error('out of here'); process.exit(3) }
    console.log(JSON.stringify(command.do === 'fail' ? { error: 'as asked' } : { value: command.text + '!' }))
  }`
const peer = () => new PeerProcess('echo', process.execPath, ['-e', script])

test('answers come in the order of commands, whatever they hold', async () => {
  const echo = peer()
  expect(await echo.ask({ do: 'say', text: 'line\nbreak 点线 \u2028' })).toBe('line\nbreak 点线 \u2028!')
  expect(await echo.ask({ do: 'say', text: 'again' })).toBe('again!')
  await echo.close()
})

test('a command that fails is an error with what the peer said, and the peer goes on', async () => {
  const echo = peer()
  await expect(echo.ask({ do: 'fail' })).rejects.toThrow(/echo, "fail": as asked/)
  expect(await echo.ask({ do: 'say', text: 'still here' })).toBe('still here!')
  await echo.close()
})

test('a peer that breaks off is an error with its last words', async () => {
  const echo = peer()
  await expect(echo.ask({ do: 'leave' })).rejects.toThrow(/ended with code 3\nout of here/)
  await expect(echo.ask({ do: 'say' })).rejects.toThrow(PeerError)
})

test('a peer that is not there is an error that says so', async () => {
  const missing = new PeerProcess('nobody', '/nowhere/python', [])
  await expect(missing.ask({ do: 'say' })).rejects.toThrow(/nobody could not be started: .*ENOENT/)
  await missing.close()
})
