/** What the formats of JSON Schema look like: a part of what each allows, all of it valid. */

const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const label = '[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,30}[A-Za-z0-9])?'
const date =
  '\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))'
const time = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+\\-](?:[01]\\d|2[0-3]):[0-5]\\d)'
const clock = '(?:\\d{1,4}H(?:\\d{1,4}M)?(?:\\d{1,4}S)?|\\d{1,4}M(?:\\d{1,4}S)?|\\d{1,4}S)'
const days = '(?:\\d{1,4}Y(?:\\d{1,4}M)?(?:\\d{1,4}D)?|\\d{1,4}M(?:\\d{1,4}D)?|\\d{1,4}D)'

export const formats: ReadonlyMap<string, string> = new Map([
  ['date', `^${date}$`],
  ['time', `^${time}$`],
  ['date-time', `^${date}T${time}$`],
  ['duration', `^P(?:\\d{1,4}W|${days}(?:T${clock})?|T${clock})$`],
  ['email', `^[A-Za-z0-9_+\\-]+(?:\\.[A-Za-z0-9_+\\-]+)*@(?:${label}\\.)+[A-Za-z]{2,12}$`],
  ['hostname', `^(?:${label}\\.){0,4}${label}$`],
  ['ipv4', `^(?:${byte}\\.){3}${byte}$`],
  ['ipv6', '^(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}$'],
  ['uuid', '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'],
  ['uri', `^https?://(?:${label}\\.)+[A-Za-z]{2,12}(?::[1-9]\\d{0,3})?(?:/[A-Za-z0-9_.~\\-]*)*$`],
])
