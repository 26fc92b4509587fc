import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { SignIn } from './account/sign-in.tsx'
import { readTree, writeTree } from './conversation/keep.ts'
import { pickLanguage } from './language/words.ts'
import { readSampling } from './settings/sampling.ts'
import { Shelf } from './shelf/shelf.ts'
import { memory } from './shell/memory.ts'
import { Page } from './shell/page.tsx'
import { Settings } from './shell/settings.ts'
import { readTheme, showTheme } from './shell/theme.ts'
import { streamAnswer } from './stream/answer.ts'

showTheme(readTheme(memory.choice('theme')))

const settings = new Settings(readSampling(parse(memory.choice('sampling'))))
const shelf = new Shelf({
  answer: streamAnswer,
  now: () => performance.now(),
  soon: oncePerFrame(),
  sampling: () => settings.state.sampling,
  model: () => settings.state.model,
  language: () => pickLanguage(memory.choice('language'), navigator.languages),
  tree: readTree(memory.draft('talk')),
  address: (id, how) => {
    if (asked().id !== id) history[how === 'push' ? 'pushState' : 'replaceState'](null, '', id ? `?c=${id}` : './')
  },
})
settings.listen(() => memory.setChoice('sampling', JSON.stringify(settings.state.sampling)))
keepTalk()
const started = shelf.start(asked().id, asked().message)
addEventListener('popstate', () => {
  const { id, message } = asked()
  if (id !== shelf.state.current) id ? void shelf.open(id, message, 'replace') : shelf.fresh({ how: 'replace' })
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void shelf.lookAgain()
})
addEventListener('online', () => void shelf.lookAgain())

const place = document.getElementById('page')
if (!place) throw new Error('index.html has no element #page.')
// What is said before it is known where it is kept would be kept nowhere; a server that is away is not waited for.
await Promise.race([started, new Promise((resolve) => setTimeout(resolve, 1500))])
const signedOut = shelf.state.keeps === 'signed-out'
createRoot(place).render(
  <StrictMode>
    {signedOut ? <SignIn onDone={() => location.reload()} /> : <Page shelf={shelf} settings={settings} />}
  </StrictMode>,
)

/** What the address asks for. */
function asked(): { id: string; message: string } {
  const query = new URLSearchParams(location.search)
  return { id: query.get('c') ?? '', message: query.get('m') ?? '' }
}

/** Where the server keeps nothing, keeps the conversation shortly after each change, and at once when the page is left. */
function keepTalk(): void {
  const { talk } = shelf.state
  let timer = 0
  const keep = () => {
    clearTimeout(timer)
    timer = 0
    if (shelf.state.keeps === 'no') settings.note({ kept: memory.setDraft('talk', writeTree(talk.state.tree)) })
  }
  talk.listen(() => {
    timer ||= window.setTimeout(keep, talk.state.writing ? 500 : 0)
  })
  addEventListener('pagehide', keep)
}

/** Calls what was asked for last, once in a frame; a hidden page has no frames, so there a timer does. */
function oncePerFrame(): (callback: () => void) => void {
  let waiting: (() => void) | null = null
  return (callback) => {
    const first = waiting === null
    waiting = callback
    if (!first) return
    const call = () => {
      const due = waiting
      waiting = null
      due?.()
    }
    if (document.hidden) setTimeout(call, 50)
    else requestAnimationFrame(call)
  }
}

function parse(kept: string | null): unknown {
  try {
    return JSON.parse(kept ?? 'null')
  } catch {
    return null
  }
}
