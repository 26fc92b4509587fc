import { expect, test } from 'vitest'
import { assertLicences, type LicenceError, licenceObjection, normaliseLicence } from './licence.ts'

test.each([
  ['public domain text', 'LicenseRef-PublicDomain'],
  ['public domain (statutes, PRC Copyright Law art. 5)', 'LicenseRef-PublicDomain'],
  ['MIT (texts in the public domain)', 'MIT'],
  ['Apache-2.0 (OpenAssistant oasst1)', 'Apache-2.0'],
  ['CC0-1.0 (texts in the US public domain)', 'CC0-1.0'],
  ['Apache License 2.0', 'Apache-2.0'],
  ['apache-2.0', 'Apache-2.0'],
  ['The MIT License', 'MIT'],
  ['CC BY-SA 4.0', 'CC-BY-SA-4.0'],
  ['CC BY 3.0', 'CC-BY-3.0'],
  ['cc0', 'CC0-1.0'],
  ['MIT OR Apache-2.0', 'MIT OR Apache-2.0'],
  ['LicenseRef-research-only', 'LicenseRef-research-only'],
  ['', 'NOASSERTION'],
  [undefined, 'NOASSERTION'],
])('"%s" is %s', (stated, spdx) => {
  expect(normaliseLicence(stated)).toBe(spdx)
})

test.each([
  'MIT',
  'CC-BY-4.0',
  'CC-BY-SA-4.0',
  'LicenseRef-PublicDomain',
  'GPL-2.0-only WITH Classpath-exception-2.0',
  'MIT OR CC-BY-NC-4.0',
  '(MIT AND CC0-1.0) OR LicenseRef-X',
  'CC-BY-NC-4.0 OR (ISC AND 0BSD)',
])('%s may be trained on', (licence) => {
  expect(licenceObjection(licence)).toBeUndefined()
})

test.each([
  ['CC-BY-NC-4.0', /forbids commercial use/],
  ['cc-by-nc-sa-3.0', /forbids commercial use/],
  ['LicenseRef-NonCommercial', /forbids commercial use/],
  ['CC-BY-ND-4.0', /forbids derived works/],
  ['LicenseRef-research-only', /research alone/],
  ['NOASSERTION', /no licence is stated/],
  ['LicenseRef-Ours', /not a licence known/],
  ['MIT AND CC-BY-NC-4.0', /forbids commercial use/],
  ['(MIT', /nor an SPDX expression/],
  ['MIT OR', /nor an SPDX expression/],
  ['MIT WITH', /nor an SPDX expression/],
  ['OR MIT', /nor an SPDX expression/],
  ['MIT MIT', /nor an SPDX expression/],
  ['MIT) OR (MIT', /nor an SPDX expression/],
  ['Free for everyone', /nor an SPDX expression/],
])('%s is refused', (licence, reason) => {
  expect(licenceObjection(licence)).toMatch(reason)
})

test('an owner may allow licences of their own, by name and not by part', () => {
  const rule = { allow: ['LicenseRef-Ours'] }
  expect(licenceObjection('LicenseRef-Ours', rule)).toBeUndefined()
  expect(licenceObjection('LicenseRef-Ours AND MIT', rule)).toBeUndefined()
  expect(licenceObjection('LicenseRef-Ours-NC', rule)).toMatch(/commercial/)
})

test('the refusal names each document, ten at most', () => {
  const documents = Array.from({ length: 14 }, (_, i) => ({
    source: 'corpus',
    licence: 'CC-BY-NC-4.0',
    origin: `a:${i}`,
  }))
  expect(() => assertLicences([{ source: 'x', licence: 'MIT' }])).not.toThrow()
  expect(() => assertLicences(documents)).toThrow(/corpus, a:0: CC-BY-NC-4\.0 forbids.*and 4 more/s)
  try {
    assertLicences(documents)
  } catch (error) {
    expect((error as LicenceError).refused).toHaveLength(14)
  }
})
