import { hashOf } from '#serve/secrets'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { addressGroup } from './address.ts'

/**
 * Counts a try at an account before it is made, and takes it back where it was right. The counters stand in the store,
 * so that they hold for all nodes together; a name that nobody has is counted like any other.
 * @returns takes the try back
 * @throws ApiError once there were too many
 */
export async function countTry(store: Store, email: string, address: string): Promise<() => Promise<void>> {
  const { triesOfAccount, triesOfAddress, triesMs } = limits.accounts
  const start = Math.floor(Date.now() / triesMs) * triesMs
  const one = { metric: 'tries', start, until: start + triesMs, amount: 1 }
  const charges = [
    { ...one, subject: `tries:${hashOf(email.trim().toLowerCase())}`, maximum: triesOfAccount },
    { ...one, subject: `tries-from:${addressGroup(address)}`, maximum: triesOfAddress },
  ]
  try {
    await store.limits.take(charges)
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'limit_reached')) throw error
    const seconds = Math.max(1, Math.ceil((start + triesMs - Date.now()) / 1000))
    const text = `Too many tries to sign in. Try again in ${Math.ceil(seconds / 60)} minutes; sessions and keys go on working.`
    throw new ApiError('rate_limit_exceeded', text, null, seconds)
  }
  return () => store.limits.giveBack(charges)
}
