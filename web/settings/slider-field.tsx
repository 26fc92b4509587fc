import { useWords } from '../language/use-words.ts'
import { bounds } from './sampling.ts'

interface SliderFieldProps {
  field: 'temperature' | 'topP'
  value: number | null
  onValue(value: number | null): void
}

/** A setting on a scale; until it is moved the model's own value holds. */
export function SliderField({ field, value, onValue }: SliderFieldProps) {
  const words = useWords()
  const { min, max, step, start } = bounds[field]
  return (
    <div className="field" data-own={value === null}>
      <div className="name">
        <label htmlFor={field}>{words.sampling[field]}</label>
        {value === null ? (
          <em>{words.sampling.own}</em>
        ) : (
          <span>
            <button type="button" className="quiet" onClick={() => onValue(null)}>
              {words.sampling.resetOne}
            </button>
            <em>{value.toLocaleString(words.locale)}</em>
          </span>
        )}
      </div>
      <input
        id={field}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value ?? start}
        aria-describedby={`${field}-help`}
        aria-valuetext={value === null ? words.sampling.own : undefined}
        onChange={(event) => onValue(Number(event.target.value))}
      />
      <small id={`${field}-help`}>{words.sampling[`${field}Help`]}</small>
    </div>
  )
}
