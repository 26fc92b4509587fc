import { type ChangeEvent, useEffect, useState } from 'react'
import type { ConsentRecord, Preferences } from '#wire/conversations'
import { consentVersion } from '#wire/opinions'
import { Whose } from '../account/whose.tsx'
import { ask, say } from '../kept/call.ts'
import { useWords } from '../language/use-words.ts'
import { Dialog } from '../shell/dialog.tsx'
import { download } from '../shell/download.ts'
import { useShelf } from './shelf-context.ts'

/** What holds for all conversations, and what may be done with what a person said. */
export function DataDialog({ onClose }: { onClose(): void }) {
  const shelf = useShelf()
  const words = useWords()
  const [preferences, setPreferences] = useState<Preferences | null>(null)
  const [consent, setConsent] = useState<ConsentRecord | null>(null)
  const failed = (error: unknown) => {
    onClose()
    shelf.failed(error)
  }
  useEffect(() => {
    ask<Preferences>('GET', '/api/conversations/preferences').then(setPreferences, failed)
    ask<ConsentRecord>('GET', '/api/conversations/consent').then(setConsent, failed)
  }, [])
  const change = (fields: Partial<Preferences>) => {
    setPreferences((before) => before && { ...before, ...fields })
    if (fields.titles !== undefined) void say('PATCH', '/api/conversations/preferences', fields).catch(failed)
  }
  const keep = () => void say('PATCH', '/api/conversations/preferences', preferences).catch(failed)
  const agree = (given: boolean) => {
    setConsent((before) => before && { ...before, given })
    void ask<ConsentRecord>('PUT', '/api/conversations/consent', { given, version: consentVersion }).then(
      setConsent,
      failed,
    )
  }
  const since = consent?.history.findLast(({ withdrawn }) => withdrawn === null)?.given
  return (
    <Dialog title={words.data.title} onClose={onClose}>
      <Whose />
      <label className="field">
        <span className="name">{words.data.instructions}</span>
        <textarea
          rows={3}
          value={preferences?.instructions ?? ''}
          disabled={!preferences}
          onChange={(event) => change({ instructions: event.target.value })}
          onBlur={keep}
        />
        <small>{words.data.instructionsHelp}</small>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={preferences?.titles ?? true}
          disabled={!preferences}
          onChange={(event) => change({ titles: event.target.checked })}
        />
        <span>{words.data.titles}</span>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={consent?.given ?? false}
          disabled={!consent}
          onChange={(event) => agree(event.target.checked)}
        />
        <span>
          {words.data.consent}
          <small>{words.data.consentHelp}</small>
          {consent?.given && since !== undefined && (
            <small>{words.data.since(new Date(since).toLocaleString(words.locale))}</small>
          )}
        </span>
      </label>
      <div className="row">
        <Import />
        <button
          type="button"
          className="quiet"
          disabled={!consent?.given}
          onClick={() => void download('/api/conversations/pairs').catch(failed)}
        >
          {words.data.pairs}
        </button>
        <button type="button" className="strong" onClick={onClose}>
          {words.sampling.done}
        </button>
      </div>
    </Dialog>
  )
}

/** Reads a file of another place, and brings its conversations here one by one. */
function Import() {
  const shelf = useShelf()
  const words = useWords()
  const [outcome, setOutcome] = useState('')
  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0]
    if (!file) return
    const { readChatGpt } = await import('./import-chatgpt.ts')
    const found = readChatGpt(
      await file
        .text()
        .then(JSON.parse)
        .catch(() => null),
    )
    if (found === null) return setOutcome(words.shelf.importFailed)
    let brought = 0
    try {
      for (const one of found) {
        await say('POST', '/api/conversations/import', one)
        setOutcome(words.shelf.imported(++brought))
      }
    } catch (error) {
      shelf.failed(error)
    }
    await shelf.refresh()
  }
  return (
    <>
      <label className="quiet file">
        {words.shelf.import}
        <input type="file" accept=".json,application/json" className="unseen" onChange={(event) => void read(event)} />
      </label>
      <span className="hint" role="status">
        {outcome}
      </span>
    </>
  )
}
