import { type FormEvent, useEffect, useState } from 'react'
import { languages, pickLanguage } from '../language/words.ts'
import { useChoice } from '../shell/use-choice.ts'
import { type Refusal, signIn } from './session.ts'

const readLanguage = (kept: string | null) => pickLanguage(kept, navigator.languages)

/** The first screen of a server with accounts. `onDone` is called once the session has begun. */
export function SignIn({ onDone }: { onDone(): void }) {
  const [language, setLanguage] = useChoice('language', readLanguage)
  const words = languages[language]
  const said = words.account
  const [given, setGiven] = useState({ email: '', password: '', code: '' })
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [asksCode, setAsksCode] = useState(false)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    document.documentElement.lang = words.locale
    document.title = `${said.signIn} · ${words.brand}`
  }, [words, said])
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const refused = await signIn(given)
    setBusy(false)
    if (refused === null) return onDone()
    setRefusal(refused === 'code' && !asksCode ? null : refused)
    if (refused === 'code') setAsksCode(true)
  }
  const field = (name: keyof typeof given, type: string, autoComplete: string) => (
    <label className="field">
      <span className="name">{said[name]}</span>
      <input
        type={type}
        name={name}
        autoComplete={autoComplete}
        required
        value={given[name]}
        onChange={(event) => setGiven({ ...given, [name]: event.target.value })}
      />
    </label>
  )
  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event)} aria-labelledby="sign-in">
        <h1 id="sign-in">{words.brand}</h1>
        <p className="hint">{said.intro}</p>
        {field('email', 'email', 'username')}
        {field('password', 'password', 'current-password')}
        {asksCode && field('code', 'text', 'one-time-code')}
        <div role="alert">{refusal && <p className="trouble">{said.refused[refusal]}</p>}</div>
        <div className="row">
          <button type="button" className="quiet" onClick={() => setLanguage(language === 'en' ? 'zh' : 'en')}>
            {words.otherLanguage}
          </button>
          <button type="submit" className="strong" disabled={busy}>
            {said.signIn}
          </button>
        </div>
      </form>
    </main>
  )
}
