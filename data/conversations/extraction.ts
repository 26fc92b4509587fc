/** Questions about a given text, summaries of it, and JSON made from it. */
import type { Document, Field } from './document-kind.ts'
import { documents, drawDocument } from './documents.ts'
import type { Context, Exchange, Skill, Slots } from './skill.ts'
import { fill, wording } from './wording.ts'

const frame = wording(
  'extract.frame',
  {
    en: [
      '{Text|Read this|Here is a text|Read the text|Message|Note}: $text\n{Question: |}$question',
      '$text\n$question',
      '$question\n{Text: |}$text',
      '$question\n{The text is|Here is the text|Look here}: $text',
      '~{Consider the following|Have a look at this note}: $text\n$question',
      '~$question\n{Use only this passage|Find it in here}: $text',
    ],
    zh: [
      '{文字|请看下面的文字|请阅读|文本|消息|内容}：$text\n{问题：|}$question',
      '$text\n$question',
      '$question\n{文字：|}$text',
      '$question\n{文字如下|请看这段话|内容是}：$text',
      '~{请考虑以下材料|看看这张便条}：$text\n$question',
      '~$question\n{只根据这段话回答|请在这里找}：$text',
    ],
  },
  { opens: false },
)

const read = wording(
  'extract.read',
  {
    en: [
      '{Please read|Read|Here is} this{| text| message| note}: $text',
      '{I have a question about this text|I will ask about this text}: $text',
      '~{Take in this passage first|Go through the following}: $text',
    ],
    zh: [
      '{请读|请看|阅读|这是}{这段文字|一段文字|下面的消息}：$text',
      '{我要问这段文字的问题|关于这段话我有问题}：$text',
      '~{先把这段话看一遍|请过一遍下面的材料}：$text',
    ],
  },
  { opens: false },
)

const haveRead = {
  en: ['OK, I have read it. What do you want to know?', 'I have read the text. What is your question?'],
  zh: ['好的，我读完了。你想知道什么？', '我已经读了这段文字，你想问什么？'],
}

function answerTo(context: Context, field: Field, slots: Slots): { answer: string; expect: Exchange['expect'] } {
  const value = String(slots[field.key])
  return { answer: context.reply(field.reply, slots), expect: [{ kind: 'any', values: [value] }] }
}

function question(context: Context, field: Field, slots: Slots) {
  return context.say(field.ask, slots)
}

/** Text and question in one message. */
function single(context: Context): Exchange[] {
  const { document, slots, text } = drawDocument(context)
  const field = context.random.pick(document.fields)
  const asked = question(context, field, slots)
  const whole = context.say(frame, { text: text.user, question: asked.user })
  return [
    {
      skill: 'extract',
      user: whole.user,
      wording: `${whole.wording} / ${text.wording} / ${asked.wording}`,
      ...answerTo(context, field, slots),
    },
  ]
}

/** The text first, then one to three questions about it. */
function several(context: Context): Exchange[] {
  const { document, slots, text } = drawDocument(context)
  const whole = context.say(read, { text: text.user })
  const opening: Exchange = {
    skill: 'extract',
    user: whole.user,
    wording: `${whole.wording} / ${text.wording}`,
    answer: context.reply(haveRead),
    expect: [
      { kind: 'any', values: context.in({ en: ['read', 'know', 'question', 'text'], zh: ['读', '问', '知道'] }) },
    ],
  }
  const questions = context.random
    .sample(document.fields, context.random.int(1, 3))
    .map((field) => ({ skill: 'extract', ...question(context, field, slots), ...answerTo(context, field, slots) }))
  return [opening, ...questions]
}

const summarise = wording(
  'summary.ask',
  {
    en: [
      '{Summarise|Summarize|Sum up|Shorten} {this|this text|the text|the following} {in one sentence|briefly|shortly}: $text',
      '{What is the main point|What is the main idea|What is this about|Give a short summary}: $text',
      '~{Boil this down to one line|Tell me the gist of this}: $text',
    ],
    zh: [
      '{总结|概括|用一句话概括|用一句话总结|简要概括}{这段话|下面的文字|这段文字|}：$text',
      '{这段话的要点是什么|这段话讲了什么|给出简短的总结}：$text',
      '~{把这段话浓缩成一句|说说下文的大意}：$text',
    ],
  },
  { opens: false },
)

/** The first sentence of the text carries its main fact. */
function summary(context: Context): Exchange[] {
  const { document, slots, text } = drawDocument(context)
  const answer = fill(context.in(document.gist), slots)
  const asked = context.say(summarise, { text: text.user })
  const values = document.gistKeys.map((key) => String(slots[key]))
  return [
    {
      skill: 'summary',
      user: asked.user,
      wording: `${asked.wording} / ${text.wording}`,
      answer,
      expect: [
        { kind: 'all', values },
        { kind: 'length', max: 80 },
      ],
    },
  ]
}

const json = wording(
  'json.ask',
  {
    en: [
      '{Give|Return|Write|Output} JSON with the fields "$first" and "$second": $text',
      '{Make|Write|Create} a JSON object with "$first" and "$second" from {this|this text}: $text',
      '~{Extract "$first" and "$second" as a JSON object from|Turn this into JSON with the keys "$first" and "$second"}: $text',
    ],
    zh: [
      '{输出|返回|写出|给出}JSON，字段是"$first"和"$second"：$text',
      '{从这段话|根据文字}{生成|写出}含"$first"和"$second"的JSON：$text',
      '~{以JSON对象提取"$first"和"$second"|把它变成带有"$first"和"$second"两个键的JSON}：$text',
    ],
  },
  { opens: false },
)

function asJson(context: Context): Exchange[] {
  const { document, slots, text } = drawDocument(context)
  const [first, second] = context.random.sample(document.fields, 2)
  const fields: Record<string, string | number> = { [first.json]: slots[first.key], [second.json]: slots[second.key] }
  const asked = context.say(json, { first: first.json, second: second.json, text: text.user })
  const answer = `{"${first.json}": ${JSON.stringify(slots[first.key])}, "${second.json}": ${JSON.stringify(slots[second.key])}}`
  return [
    {
      skill: 'json',
      user: asked.user,
      wording: `${asked.wording} / ${text.wording}`,
      answer,
      expect: [{ kind: 'json', fields }],
    },
  ]
}

const absent = {
  en: ['The text does not say.', 'The text does not say that.'],
  zh: ['文中没有提到。', '这段文字没有说。'],
}

/** A question that the text does not answer. */
function missing(context: Context): Exchange[] {
  const { document, slots, text } = drawDocument(context)
  const other = context.random.pick(documents.filter((one: Document) => one.name !== document.name))
  const strange = other.fields.filter(
    (field) => !field.general && !document.fields.some((own) => own.json === field.json),
  )
  if (strange.length === 0) return single(context)
  const asked = question(context, context.random.pick(strange), { ...other.slots(context), ...slots })
  const whole = context.say(frame, { text: text.user, question: asked.user })
  return [
    {
      skill: 'extract',
      user: whole.user,
      wording: `${whole.wording} / ${text.wording} / ${asked.wording}`,
      answer: context.reply(absent),
      expect: [
        {
          kind: 'any',
          values: context.in({
            en: ['does not say', 'not say', 'not mentioned', 'does not mention', 'no information'],
            zh: ['没有提到', '没有说', '没提到', '没说'],
          }),
        },
      ],
    },
  ]
}

export const extraction: Skill = {
  name: 'extract',
  weight: 10,
  practice: 1.4,
  make: (context) => {
    const kind = context.random.next()
    return kind < 0.6 ? single(context) : kind < 0.9 ? several(context) : missing(context)
  },
}
export const summaries: Skill = { name: 'summary', weight: 3, practice: 1.5, make: summary }
export const jsonOutput: Skill = { name: 'json', weight: 3, practice: 1.5, make: asJson }
