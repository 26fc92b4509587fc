import { useEffect, useRef } from 'react'
import { useWords } from '../language/use-words.ts'
import { NumberField } from './number-field.tsx'
import { isChanged, ownSampling, type Sampling } from './sampling.ts'
import { SliderField } from './slider-field.tsx'

interface SettingsDialogProps {
  sampling: Sampling
  onChange(sampling: Sampling): void
  onClose(): void
}

/** How the model picks its words, each setting explained in plain words. */
export function SettingsDialog({ sampling, onChange, onClose }: SettingsDialogProps) {
  const words = useWords()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const set = (fields: Partial<Sampling>) => onChange({ ...sampling, ...fields })
  return (
    <dialog
      ref={dialog}
      className="settings"
      aria-labelledby="settings-title"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className="inside">
        <h2 id="settings-title">{words.sampling.title}</h2>
        <p className="hint">{words.sampling.intro}</p>
        <SliderField field="temperature" value={sampling.temperature} onValue={(temperature) => set({ temperature })} />
        <SliderField field="topP" value={sampling.topP} onValue={(topP) => set({ topP })} />
        <div className="pair">
          <NumberField field="maxTokens" value={sampling.maxTokens} onValue={(maxTokens) => set({ maxTokens })} />
          <NumberField field="seed" value={sampling.seed} onValue={(seed) => set({ seed })} />
        </div>
        <label className="field">
          <span className="name">{words.sampling.system}</span>
          <textarea
            rows={3}
            value={sampling.system}
            placeholder={words.sampling.systemPlaceholder}
            aria-describedby="system-help"
            onChange={(event) => set({ system: event.target.value })}
          />
          <small id="system-help">{words.sampling.systemHelp}</small>
        </label>
        <div className="row">
          <button type="button" className="quiet" disabled={!isChanged(sampling)} onClick={() => onChange(ownSampling)}>
            {words.sampling.reset}
          </button>
          <button type="button" className="strong" onClick={() => dialog.current?.close()}>
            {words.sampling.done}
          </button>
        </div>
      </div>
    </dialog>
  )
}
