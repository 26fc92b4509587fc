import { describe, expect, it } from 'vitest'
import { hostAllowed, hostName, isLoopback, originAllowed } from './origin.ts'

describe('hosts', () => {
  it.each([
    ['localhost:8787', 'localhost'],
    ['LOCALHOST', 'localhost'],
    ['localhost.', 'localhost'],
    ['127.0.0.1:1', '127.0.0.1'],
    ['[::1]:8787', '::1'],
    ['model.example.org:443', 'model.example.org'],
    ['', null],
    ['a b', null],
    ['user@localhost', null],
    ['localhost:8787/evil', null],
    ['localhost:port', null],
    ['localhost, evil.example', null],
    ['::1', null],
  ])('%j names %j', (header, name) => expect(hostName(header)).toBe(name))

  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.255.1.2', true],
    ['::1', true],
    ['127.0.0.256', false],
    ['127.1', false],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.1.4', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example', false],
  ])('loopback %s: %s', (host, expected) => expect(isLoopback(host)).toBe(expected))

  it.each([
    ['localhost:8787', [], true],
    ['127.0.0.1:8787', [], true],
    ['evil.example:8787', [], false],
    ['model.lan', ['model.lan'], true],
    ['MODEL.lan:8787', ['model.lan'], true],
    ['other.lan', ['model.lan'], false],
    [undefined, ['model.lan'], false],
  ])('host %j with %j: %s', (header, allowed, expected) => expect(hostAllowed(header, allowed)).toBe(expected))
})

describe('origins', () => {
  const host = '127.0.0.1:8787'
  it.each([
    [undefined, undefined, true],
    ['http://127.0.0.1:8787', 'same-origin', true],
    ['http://127.0.0.1:8787', undefined, true],
    [undefined, 'none', true],
    [undefined, 'same-origin', true],
    ['http://127.0.0.1:8788', undefined, false],
    ['http://localhost:8787', undefined, false],
    ['http://evil.example', undefined, false],
    ['null', undefined, false],
    ['', undefined, false],
    ['http://127.0.0.1:8787/', undefined, false],
    ['file://127.0.0.1:8787', undefined, false],
    ['http://127.0.0.1:8787', 'cross-site', false],
    ['http://127.0.0.1:8787', 'same-site', false],
    [undefined, 'cross-site', false],
    [undefined, '', false],
  ])('origin %j, site %j: %s', (origin, secFetchSite, expected) =>
    expect(originAllowed({ host, origin, secFetchSite })).toBe(expected),
  )
})
