import { Listeners } from '../conversation/listeners.ts'
import type { Sampling } from '../settings/sampling.ts'

export interface SettingsState {
  sampling: Sampling
  /** The model's name as the server tells it; empty until then. */
  model: string
  /** False where the browser could not keep the conversation. */
  kept: boolean
}

/** What holds for the next answer. */
export class Settings extends Listeners<SettingsState> {
  constructor(sampling: Sampling) {
    super({ sampling, model: '', kept: true })
  }

  /** Changes some fields; where nothing differs nobody is told. */
  note(fields: Partial<SettingsState>): void {
    const next = { ...this.state, ...fields }
    const names = Object.keys(next) as (keyof SettingsState)[]
    if (names.some((name) => next[name] !== this.state[name])) this.set(next)
  }
}
