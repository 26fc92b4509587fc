import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { readTree, writeTree } from './conversation/keep.ts'
import { Talk } from './conversation/talk.ts'
import { readSampling } from './settings/sampling.ts'
import { memory } from './shell/memory.ts'
import { Page } from './shell/page.tsx'
import { Settings } from './shell/settings.ts'
import { readTheme, showTheme } from './shell/theme.ts'
import { streamAnswer } from './stream/answer.ts'

showTheme(readTheme(memory.choice('theme')))

const settings = new Settings(readSampling(parse(memory.choice('sampling'))))
const talk = new Talk(
  {
    answer: streamAnswer,
    now: () => performance.now(),
    soon: oncePerFrame(),
    sampling: () => settings.state.sampling,
    model: () => settings.state.model,
  },
  readTree(memory.draft('talk')),
)
settings.listen(() => memory.setChoice('sampling', JSON.stringify(settings.state.sampling)))
keepTalk()

const place = document.getElementById('page')
if (!place) throw new Error('index.html has no element #page.')
createRoot(place).render(
  <StrictMode>
    <Page talk={talk} settings={settings} />
  </StrictMode>,
)

/** Keeps the conversation shortly after each change, and at once when the page is left. */
function keepTalk(): void {
  let timer = 0
  const keep = () => {
    clearTimeout(timer)
    timer = 0
    settings.note({ kept: memory.setDraft('talk', writeTree(talk.state.tree)) })
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
