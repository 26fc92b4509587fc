import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest, placeDots } from './position.ts'

test('the steps add up to the places of the messages', () => {
  const places = placeDots([10, 200, 900], 700)
  expect(places.map((place) => place.step)).toEqual([10, 190, 700])
})

test('in a long talk the dots keep their order, and the edges leave most of the window free', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 200, max: 2000 }), (count, height) => {
      const places = placeDots(
        Array.from({ length: count }, (_, index) => index * 100),
        height,
      )
      expect(places.every((place, index) => index === 0 || place.top >= places[index - 1].top)).toBe(true)
      expect(places.every((place, index) => index === 0 || place.bottom <= places[index - 1].bottom)).toBe(true)
      expect(places.every((place) => place.top + place.bottom <= height / 4 + 34)).toBe(true)
    }),
  )
})

test('the nearest dot within reach is found', () => {
  expect(nearest([10, 100, 104], 103, 12)).toBe(2)
  expect(nearest([10, 100, 104], 50, 12)).toBe(-1)
  expect(nearest([], 50, 12)).toBe(-1)
})
