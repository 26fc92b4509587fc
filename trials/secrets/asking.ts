import { connect } from 'node:net'
import type { Address, OpenApi } from '../fuzz/addresses.ts'
import { addressesOf } from '../fuzz/addresses.ts'
import { send } from '../fuzz/client.ts'
import { type Document, sample, written } from '../fuzz/documents.ts'
import { type Asked, creations, type Ground, post } from '../kept/creating.ts'
import type { Canaries, Kind, Leak } from './canaries.ts'
import type { Cast, Headers } from './cast.ts'
import { signIn } from './cast.ts'

/** Sends words and secrets by every way that there is, and looks at once at what refusals say. */
export class Asking {
  readonly #url: string
  readonly #cast: Cast
  readonly #canaries: Canaries
  readonly #random: () => number
  #kept: Headers | null = null
  readonly leaks: Leak[] = []
  readonly codes = new Set<string>()
  requests = 0
  refused = 0

  constructor(url: string, cast: Cast, canaries: Canaries, random: () => number) {
    this.#url = url
    this.#cast = cast
    this.#canaries = canaries
    this.#random = random
  }

  /** Every address, with everything that can stand in a request. */
  async everywhere(addresses: readonly string[], openapi: OpenApi): Promise<void> {
    const bodies = new Map(addressesOf(openapi).map((each) => [`${each.method} ${each.pattern}`, each]))
    for (const address of addresses) {
      const [method, pattern] = address.split(' ')
      const path = pattern.replaceAll(/:\w+/g, () => this.#canaries.make('name', `an id in ${address}`))
      const name = (what: string) => this.#canaries.make('name', `${what} of ${address}`)
      await this.#ask(method, path, this.#session(path))
      await this.#ask(
        method,
        `${path}?${name('a field')}=${name('a value')}&limit=${name('a limit')}&after=${name('a place')}`,
      )
      await this.#ask(method, `${path}?api_key=${this.#cast.keySecret}&q=${this.#cast.keySecret}`)
      await this.#ask(method, pattern.replaceAll(/:\w+/g, this.#cast.keySecret))
      for (const headers of Object.values(this.#cast.others)) await this.#ask(method, path, headers)
      await this.#ask(method, path, { ...this.#cast.key, ...this.#headers(address) })
      const body = bodies.get(address)
      if (body !== undefined) await this.#bodies(address, path, body)
    }
  }

  /** Some addresses end sessions. */
  #session(path: string): Headers {
    if (/session|account/.test(path)) return this.#cast.session()
    this.#kept ??= this.#cast.session()
    return this.#kept
  }

  /** Headers that are read, and hold what they should not. */
  #headers(address: string): Headers {
    const name = (what: string) => this.#canaries.make('name', `${what} of ${address}`)
    return {
      'idempotency-key': name('a repetition'),
      'last-event-id': name('an event'),
      'openai-organization': name('an organisation'),
      'openai-project': name('a project'),
      'x-forwarded-for': name('an address'),
      'user-agent': name('a program'),
      referer: `https://${name('a page')}/`,
      traceparent: name('a trace'),
    }
  }

  async #bodies(address: string, path: string, { body, form, method }: Address): Promise<void> {
    // What administrators call things is a name.
    const kind = /\/(organizations?|keys|account)(\/|$)/.test(path) ? 'name' : 'text'
    const word = (what: string) => this.#canaries.make(kind, `${what} in ${address}`)
    const ask = (text: string | Buffer, type = 'application/json') =>
      this.#ask(method, path, { ...this.#session(path), 'content-type': type }, Buffer.from(text))
    const json = (value: unknown) => JSON.stringify(value)
    const secret = this.#cast.keySecret
    await ask(json({ [this.#canaries.make('name', `a field in ${address}`)]: word('a value') }))
    await ask(`{"a":"${word('broken JSON')}"`)
    await ask(`{"a":${word('a bare word')}}`)
    await ask(Buffer.concat([Buffer.from(`{"a":"${word('no UTF-8')}`), Buffer.of(0xc3, 0x28), Buffer.from('"}')]))
    await ask(json([word('a list')]))
    await ask(json(word('a text alone')))
    await ask(json({ a: word('a long text').repeat(80_000) }))
    await ask(word('another type'), 'text/plain')
    await ask(`${'['.repeat(100)}"${word('deep JSON')}"${']'.repeat(100)}`)
    await ask(`{"__proto__":"${word('a prototype')}"}`)
    await ask(this.#form(word, 'file'), 'multipart/form-data; boundary=x')
    await ask(this.#form(word, 'data').slice(0, -6), 'multipart/form-data; boundary=x')
    if (form || body === null) return
    for (let turn = 0; turn < 4; turn++)
      await ask(written(filled(this.#sample(body), () => word('a value'), this.#random)))
    await ask(written(filled(this.#sample(body), () => secret, this.#random)))
  }

  #sample(body: Parameters<typeof sample>[0]): Document {
    return sample(body, this.#random, this.#random() < 0.5 ? { model: 'scripted' } : {})
  }

  #form(word: (what: string) => string, field: string): string {
    const head = `Content-Disposition: form-data; name="${field}"; filename="${word('a file’s name')}"`
    const purpose = ['--x', 'Content-Disposition: form-data; name="purpose"', '', word('a purpose')]
    return [...purpose, '--x', head, '', word('a file'), '--x--', ''].join('\r\n')
  }

  /** What is right is kept and answered; an engine that fails says so in its own words. */
  async rightly(ground: Ground): Promise<void> {
    for (const [way, { ask }] of Object.entries(creations)) {
      const kind = /\/(organizations?|keys)/.test(way) ? 'name' : 'text'
      for (const trouble of ['', 'please-throw ', 'please-parse ']) {
        const word = this.#canaries.make(kind, `${way} ${trouble}`)
        const asked = await ask(ground, kind === 'text' ? `${trouble}${word}` : word)
        this.#see(`${way} ${trouble}`, await whole(this.#url, asked, this.#cast.key))
      }
    }
  }

  /** Signing in, and what a person’s own account answers. */
  async account(): Promise<void> {
    const json = (value: unknown) => Buffer.from(JSON.stringify(value))
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
    const own = { ...headers, ...this.#cast.session() }
    const guard = (secret: string, from: string) => this.#canaries.guard(secret, from)
    await this.#ask('POST', '/api/session', headers, json(signIn))
    await this.#ask(
      'POST',
      '/api/session',
      headers,
      json({ ...signIn, password: guard('wrong-password-8d02b6', 'a wrong password') }),
    )
    const enrolled = await this.#ask('POST', '/api/account/totp', own)
    const { secret = '' } = JSON.parse(enrolled.text || '{}') as { secret?: string }
    if (secret !== '') guard(secret, 'the secret of one-time codes')
    await this.#ask('POST', '/api/account/totp/confirm', own, json({ code: guard('834621-canary', 'a code') }))
    const changed = { current: signIn.password, password: guard('short-7', 'a new password') }
    await this.#ask('PUT', '/api/account/password', own, json(changed))
    const invited = { email: 'new@example.org', role: 'member' }
    const { text } = await this.#ask('POST', '/api/organization/invitations', own, json(invited))
    const invitation = guard(
      (JSON.parse(text || '{}') as { secret?: string }).secret ?? 'none-invited',
      'an invitation',
    )
    await this.#ask('POST', '/api/invitations/look', headers, json({ secret: `${invitation}x` }))
    await this.#ask(
      'POST',
      '/api/invitations/accept',
      headers,
      json({ secret: invitation, password: guard('tiny-4', 'a password') }),
    )
    const made = await this.#ask('POST', '/api/keys', own, json({ name: 'a' }))
    guard((JSON.parse(made.text || '{}') as { key?: string }).key ?? 'none-made', 'a new key')
  }

  /** What Node refuses before there is a request, and what is no address. */
  async oddly(): Promise<void> {
    const name = (what: string) => this.#canaries.make('name', what)
    const { keySecret: secret } = this.#cast
    await this.#ask('GET', `/${name('no address')}`)
    await this.#ask('POST', `/v1/${secret}`)
    await this.#ask('GET', `/%zz${name('no URL')}`)
    await this.#ask('DELETE', '/v1/chat/completions', this.#cast.key)
    const host = new URL(this.#url).host
    for (const text of [
      `GET /health HTTP/1.1\r\nHost: ${name('a host')}.example\r\nConnection: close\r\n\r\n`,
      `POST /v1/files HTTP/1.1\r\nHost: ${host}\r\nOrigin: https://${name('an origin')}.example\r\nConnection: close\r\n\r\n`,
      `GET /health HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${secret}\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
      `${name('no HTTP')} ${secret}\r\n\r\n`,
      `POST /v1/files HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${name('no length')}\r\nAuthorization: Bearer ${secret}\r\n\r\n`,
    ])
      this.#see('a bare connection', await said(Number(new URL(this.#url).port), text))
  }

  async #ask(method: string, path: string, headers: Headers = this.#cast.key, bytes = Buffer.alloc(0)) {
    const { status, text } = await send({ method, url: this.#url + path, headers, bytes })
    this.#see(`${method} ${path}`, { status, text })
    return { status, text }
  }

  #see(from: string, { status, text }: { status: number | null; text: string }): void {
    this.requests++
    // A stream that breaks off says so in its last event.
    const refusal = status !== null && status < 400 ? text.slice(Math.max(0, text.lastIndexOf('"error":{'))) : text
    const failed = (status !== null && status >= 400) || (refusal.startsWith('"error":{') && refusal !== text)
    if (!failed) return
    this.refused++
    this.codes.add(/"code":"(\w+)"/.exec(refusal)?.[1] ?? '')
    const kinds: Kind[] = ['text', 'secret']
    this.leaks.push(...this.#canaries.leaksIn(`the refusal of ${from}`, refusal, kinds))
  }
}

/** Texts of a document, or some of them, become the word. */
function filled(document: Document, word: () => string, random: () => number): Document {
  if ('list' in document) return { list: document.list.map((each) => filled(each, word, random)) }
  if ('fields' in document) return { fields: document.fields.map(([key, value]) => [key, filled(value, word, random)]) }
  return document.raw.startsWith('"') && random() < 0.6 ? { raw: JSON.stringify(word()) } : document
}

async function whole(url: string, asked: Asked, headers: Headers): Promise<{ status: number; text: string }> {
  const reply = await post(url, asked, headers)
  return { status: reply.status, text: await reply.text() }
}

function said(port: number, text: string): Promise<{ status: number | null; text: string }> {
  return new Promise((done) => {
    let heard = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('data', (part) => (heard += part))
    socket.on('error', () => {})
    socket.on('close', () => done({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 400), text: heard }))
  })
}
