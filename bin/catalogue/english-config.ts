/** What `dotline config` says, in English: each setting in a line, its limits, and what may be wrong. */
import type { SettingKey } from '../configuration/schema.ts'

const about: Record<SettingKey, string> = {
  model: 'a model’s folder, or a finished run; without it the registered models and the starter',
  name: 'what clients call the model of "model"; without it its folder’s name',
  data: 'where what is yours lies',
  memory: 'GiB of models in memory at once; without it half of the machine’s',
  port: 'where the server listens; 0 takes any free port',
  host: 'at which address it listens',
  allowPublic: 'listens beyond this machine although nobody has to log in',
  allowHost: 'more host names to answer to, such as a proxy’s',
  slots: 'sequences decoded together; without it 32',
  threads: 'threads of a matrix product; without it 2, or 1 for a small model on two cores',
  logFormat: 'a line for each request, without what was said',
  page: 'serves the page beside the API',
  drainSeconds: 'how long answers in flight may take when the server stops',
  databaseUrl: 'a PostgreSQL database that holds what is kept; without it SQLite in the data folder',
  'spans.to': 'where OpenTelemetry spans go',
  'spans.endpoint': 'the collector’s address, for OTLP over HTTP',
  'spans.private': 'the collector stands on this machine or in your network',
  'spans.key': 'the collector’s key, sent as a bearer token',
  'spans.file': 'the file for spans, a line of JSON each time',
  'spans.service': 'the name of this server in spans',
  'spans.content': 'puts prompts and answers into spans',
}

export const englishConfig = {
  about,
  columns: ['setting', 'value', 'from', 'what it does', 'takes'],
  byDefault: 'default',
  none: 'none',
  hidden: '[hidden]',
  file: (path: string) => `The file is ${path}`,
  noFile: 'There is no file: --config FILE names one, or dotline.json in the data folder.',
  order: 'Flags come first, then the environment, then the file.',
  action: 'say what to do: dotline config --explain',
  variable: (name: string) => `the variable ${name}`,
  inFile: (key: string, path: string) => `"${key}" in ${path}`,
  wrong: (where: string, takes: string, given: string) => `${where} takes ${takes}, not "${given}"`,
  unknown: (where: string, near: string) =>
    `there is no setting ${where}${near === '' ? '' : `: did you mean ${near}?`} See dotline config --explain`,
  unreadable: (path: string, why: string) => `the configuration ${path} cannot be read: ${why}`,
  noObject: (path: string) => `the configuration ${path} must be one JSON object`,
  secretInFile: (where: string, key: string) =>
    `${where} is a secret, and secrets do not stand in the configuration: name a file with "${key}File", or a variable with "${key}Variable"`,
  secretPlace: (where: string) => `${where} takes the name of a file or of a variable`,
  notSet: (where: string, name: string) => `${where} names ${name}, which is not set or empty`,
  spansFile: 'spans.to is file, so name one: --spans-file FILE, or spans.file',
  dataInside: (path: string) =>
    `${path} lies in the data folder and cannot say where that is: use --data or DOTLINE_DATA`,
  limits: {
    number: (whole: boolean, min: number, max: number) => `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`,
    choice: (others: string, last: string) => `${others} or ${last}`,
    switch: 'true or false',
    list: (most: number) => `up to ${most} names`,
    text: (most: number) => `text of up to ${most} characters`,
    secret: 'a file or a variable that holds it',
  },
}
