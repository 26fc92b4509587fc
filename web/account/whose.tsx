import { useEffect, useState } from 'react'
import { useWords } from '../language/use-words.ts'
import { readSession, type Session, signOut } from './session.ts'

/** Whose conversations these are, and the way out; nothing where nobody has to sign in. */
export function Whose() {
  const words = useWords()
  const [session, setSession] = useState<Session | null>(null)
  useEffect(() => void readSession().then(setSession), [])
  if (session?.state !== 'signed_in' || session.person === null) return null
  return (
    <p className="row whose">
      <span>{words.account.signedInAs(session.person.name || session.person.email)}</span>
      <button type="button" className="quiet" onClick={() => void signOut()}>
        {words.account.signOut}
      </button>
    </p>
  )
}
