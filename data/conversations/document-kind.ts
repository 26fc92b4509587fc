/** What a kind of short text is: its slots, its wordings, the fields that can be asked for. */
import type { Context, Slots } from './skill.ts'
import { type Bilingual, type Wording, wording } from './wording.ts'

export interface Field {
  key: string
  /** Key in JSON answers. */
  json: string
  /** A question that other kinds of text could answer too. */
  general: boolean
  ask: Wording
  reply: Bilingual<string[]>
}

export interface Document {
  name: string
  slots(context: Context): Slots
  text: Wording
  fields: Field[]
  /** One sentence with the main fact, and the slots that it must name. */
  gist: Bilingual<string>
  gistKeys: string[]
}

type Texts = Bilingual<string[]>

/** What a field is called in plain questions. */
const labels: Record<string, Bilingual<string>> = {
  order: { en: 'order number', zh: '订单号' },
  product: { en: 'product', zh: '商品' },
  price: { en: 'price', zh: '价格' },
  name: { en: 'name', zh: '姓名' },
  day: { en: 'day', zh: '日子' },
  city: { en: 'city', zh: '城市' },
  time: { en: 'time', zh: '时间' },
  place: { en: 'place', zh: '地点' },
  host: { en: 'host', zh: '主持人' },
  people: { en: 'number of people', zh: '人数' },
  topic: { en: 'topic', zh: '主题' },
  phone: { en: 'phone number', zh: '电话号码' },
  email: { en: 'email', zh: '邮箱' },
  job: { en: 'job', zh: '职业' },
  age: { en: 'age', zh: '年龄' },
  thing: { en: 'thing', zh: '物品' },
  colour: { en: 'colour', zh: '颜色' },
  month: { en: 'month', zh: '月份' },
  friend: { en: 'friend', zh: '朋友' },
  left: { en: 'number of pieces left', zh: '剩余数量' },
  discount: { en: 'discount', zh: '折扣' },
}

function labelled(label: Bilingual<string>): Texts {
  const { en, zh } = label
  return {
    en: [
      `What is the ${en}{| in the text| here}?`,
      `{Find|Give me|Tell me|Show me|I need|I want to know} the ${en}{.|, please.}`,
      `The ${en}, please.`,
      `{Which|What} ${en} does the text {name|give|mention}?`,
      `~{Look up|Pick out} the ${en}.`,
    ],
    zh: [
      `${zh}是{什么|}？`,
      `{请找出|请告诉我|我想知道|找一下|给我|我需要}${zh}。`,
      `{文中的|文字里的|这里的}${zh}是什么？`,
      `~{查出|挑出}${zh}。`,
    ],
  }
}

/** Questions for these can be meant more widely than the field. */
const wide = new Set(['thing', 'product', 'month'])
let fields = 0

export function field(key: string, json: string, ask: Texts, reply: Texts, general = false): Field {
  const plain = labelled(labels[json])
  const patterns = { en: [...ask.en, ...plain.en], zh: [...ask.zh, ...plain.zh] }
  return {
    key,
    json,
    general: general || wide.has(json),
    ask: wording(`extract.ask.${json}.${fields++}`, patterns),
    reply,
  }
}

export function document(
  name: string,
  slots: (context: Context) => Slots,
  text: Texts,
  fields: Field[],
  gist: Bilingual<string>,
  gistKeys: string[],
): Document {
  return { name, slots, text: wording(`extract.text.${name}`, text, { opens: false }), fields, gist, gistKeys }
}
