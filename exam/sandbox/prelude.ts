/**
 * What a program finds beside the language: `console`, whose `assert` throws, and Node's `assert` under `require`, as the
 * tests of HumanEval-X and MultiPL-E use them. Neither can be replaced by the program.
 */
export const prelude = `(() => {
  'use strict'
  const is = Object.is, keys = Object.keys, isArray = Array.isArray, define = Object.defineProperty
  const proto = Object.getPrototypeOf, entries = (c) => [...c]
  const fail = (message) => { throw new Error(message === undefined ? 'assertion failed' : String(message)) }
  const same = (a, b, strict) => {
    if (strict ? is(a, b) : a == b || is(a, b)) return true
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
    if (isArray(a) !== isArray(b) || (strict && proto(a) !== proto(b))) return false
    if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
    if (a instanceof Map && b instanceof Map) return same(entries(a), entries(b), strict)
    if (a instanceof Set && b instanceof Set) return a.size === b.size && entries(a).every((x) => entries(b).some((y) => same(x, y, strict)))
    const [left, right] = [keys(a), keys(b)]
    return left.length === right.length && left.every((key) => right.includes(key) && same(a[key], b[key], strict))
  }
  const show = (value) => { try { return JSON.stringify(value) } catch { return String(value) } }
  const check = (ok, a, b, message) => ok || fail(message === undefined ? show(a) + ' is not ' + show(b) : message)
  const assert = (value, message) => { if (!value) fail(message) }
  Object.assign(assert, {
    ok: assert,
    equal: (a, b, message) => check(same(a, b, false) && (typeof a !== 'object' || a === b), a, b, message),
    strictEqual: (a, b, message) => check(is(a, b), a, b, message),
    notStrictEqual: (a, b, message) => check(!is(a, b), a, b, message),
    notEqual: (a, b, message) => check(a != b, a, b, message),
    deepEqual: (a, b, message) => check(same(a, b, false), a, b, message),
    deepStrictEqual: (a, b, message) => check(same(a, b, true), a, b, message),
    throws: (act, message) => { try { act() } catch { return } fail(message === undefined ? 'nothing was thrown' : message) },
  })
  Object.freeze(assert)
  const nothing = () => {}
  const console = Object.freeze({ log: nothing, info: nothing, warn: nothing, error: nothing, debug: nothing, assert: (value, message) => { if (!value) fail(message) } })
  const require = (name) => {
    if (name === 'assert' || name === 'node:assert' || name === 'assert/strict') return assert
    throw new Error('there is no module ' + name + ' here')
  }
  const rejections = []
  const then = Promise.prototype.then
  for (const [name, value] of Object.entries({ console, require, __rejections: () => rejections.join() }))
    define(globalThis, name, { value, writable: false, configurable: false })
})()`
