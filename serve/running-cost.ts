/** What the machine costs that computes our own models: by the hour, or by the energy that it draws. */
export type RunningCost = { currency: string } & ({ perHour: number } | { watts: number; perKilowattHour: number })

const amount = String.raw`(\d{1,9}(?:\.\d{1,9})?)`
const byHour = new RegExp(`^${amount} ?([A-Z]{3})/h$`)
const byEnergy = new RegExp(`^${amount} ?W at ${amount} ?([A-Z]{3})/kWh$`)

/** `0.90 EUR/h`, or `65 W at 0.30 EUR/kWh`; null for what is neither. */
export function readRunningCost(text: string): RunningCost | null {
  const hour = byHour.exec(text)
  if (hour !== null) return { currency: hour[2], perHour: Number(hour[1]) }
  const energy = byEnergy.exec(text)
  return energy && { currency: energy[3], watts: Number(energy[1]), perKilowattHour: Number(energy[2]) }
}

export const hourly = (cost: RunningCost): number =>
  'perHour' in cost ? cost.perHour : (cost.watts / 1000) * cost.perKilowattHour
