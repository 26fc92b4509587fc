/** Where we differ from OpenAI's description and mean it, each with its reason. What is not listed here is a fault. */
import type { Difference } from './findings.ts'

export interface Meant {
  at: RegExp
  what: RegExp
  why: string
}

const alone = /^is ours alone$/
const nullable = /^ours may be of type null, theirs not$/
const asText = /^ours may also be of type string$/
const sampling =
  /^POST \/(chat\/completions|completions|responses) request\.(top_k|min_p|repetition_penalty|seed|truncation)$/
/** Wherever a response stands: as a reply, or in the events that carry it whole. */
const response = (field: string) => new RegExp(`^\\w+ /responses.* (reply|event\\{.*\\}\\.response)\\.${field}$`)

export const meant: readonly Meant[] = [
  {
    at: /(reply|event|data\[\]|response)(\{.*\})?\.dotline$/,
    what: alone,
    why: 'our own part of a reply, under our own name',
  },
  { at: sampling, what: alone, why: 'extensions that vLLM and llama.cpp know by the same names' },
  { at: / query\.format$/, what: alone, why: 'an extension: tables for spreadsheets' },

  {
    at: /event\.usage$/,
    what: nullable,
    why: "their text asks for it: 'all other chunks will also include a usage field, but with a null value'",
  },
  {
    at: /event(\{.*\})?\.obfuscation$/,
    what: alone,
    why: 'described in the text of include_obfuscation, and in the types of their clients',
  },
  {
    at: /^POST \/completions event\.choices\[\]\.finish_reason$/,
    what: nullable,
    why: 'a chunk has none yet; the description holds the whole reply alone',
  },
  {
    at: /^POST \/completions .*logprobs\.(token|top)_logprobs\[\]$/,
    what: nullable,
    why: 'what stands before the first token is nothing: with echo, their server sends null as well',
  },
  {
    at: /^POST \/completions request\.prompt$/,
    what: /of type null/,
    why: 'a continuation of nothing is asked for by an empty prompt, not by none',
  },
  {
    at: /^(GET|POST) \/chat\/completions.* reply(\.data\[\])?\.metadata$/,
    what: alone,
    why: 'described for completions that are kept, in the types of their clients',
  },
  {
    at: /^GET \/chat\/completions query\.metadata$/,
    what: /not known/,
    why: 'served as metadata[key], as their clients write it into the address',
  },
  { at: /reply\.(first|last)_id$/, what: nullable, why: 'a list may be empty; their server sends null then' },
  {
    at: /^GET \/chat\/completions\/\{completion_id\}\/messages reply\.data\[\]\.(role|name|tool_call_id)$/,
    what: /^(is ours alone|ours may be ".*", theirs not)$/,
    why: "these are the messages that were sent: their example shows a user's, their schema the assistant's alone",
  },
  {
    at: /tool_choice\{type=allowed_tools\}.*\.tools\[\]\.(type|function|name)$/,
    what: /required by us alone/,
    why: 'they leave the inside of a chosen tool open; a function is chosen by its type and name',
  },
  {
    at: /^POST \/embeddings reply\.data\[\]\.embedding$/,
    what: /of type string/,
    why: 'base64, which their clients ask for; the description holds the other form alone',
  },

  {
    at: /\{type=input_image\}\.image_url$/,
    what: /(type null|required by us alone)/,
    why: "a picture comes with the request: 'file_id' is refused by name",
  },
  { at: /\{type=input_image\}\.detail$/, what: /required by them alone/, why: "their text gives it a default, 'auto'" },
  { at: /\{type=reasoning\}\.id$/, what: /required by them alone/, why: 'an item without an id gets one' },
  {
    at: /\{type=message,role=(user|system|developer)\}\.(id|status)$/,
    what: alone,
    why: 'items come back as they were listed, with id and status',
  },
  {
    at: /request\.tools\[\]\{type=function\}\.(strict|parameters)$/,
    what: /required by them alone/,
    why: 'their own client leaves them out where it wants the usual',
  },
  {
    at: /^POST \/responses(\/input_tokens)? request\.(model|input)$/,
    what: /(required by us alone|may be of type null)/,
    why: "both may stand in a prompt template, and 'prompt' is refused by name",
  },
  {
    at: response('(prompt_cache_key|safety_identifier|user|usage|text\\.format\\{type=json_schema\\}\\.description)'),
    what: nullable,
    why: 'their server sends null where nothing was given, or nothing is known yet',
  },
  {
    at: response('(store|access_programs|error\\.(param|type)|usage\\.input_tokens_details\\.cache_write_tokens)'),
    what: alone,
    why: 'in the types of their clients, newer than the description',
  },
  {
    at: /^\w+ \/responses.* event\{type=response\.output_text\.(delta|done)\}\.logprobs\[\](\.top_logprobs\[\])?\.bytes$/,
    what: alone,
    why: 'the same object has them in a whole response; bytes tell half characters apart',
  },
  { at: /^DELETE \/responses\/\{response_id\} reply$/, what: alone, why: 'what every other deletion answers' },
  { at: /^GET \/responses.* query\.include$/, what: asText, why: 'one value of a list may stand alone in an address' },

  {
    at: /^GET \/organization\/.* query\.\w+(s|by)$/,
    what: asText,
    why: 'one value of a list may stand alone in an address, and several with commas',
  },
  {
    at: /^GET \/organization\/costs query\.(bucket_width|user_ids|models)$/,
    what: /^(is ours alone|ours may also be "1[mh]")$/,
    why: 'the ledger knows it as well for costs as for usage',
  },
  {
    at: /^GET \/organization\/audit_logs query\.effective_at(\[\w+\])?$/,
    what: /^is (not known to us|ours alone)$/,
    why: 'served as effective_at[gte] and its like, as their clients write it into the address',
  },
  {
    at: /^GET \/organization\/audit_logs reply\.data\[\]\.type$/,
    what: /any string/,
    why: 'what can be done here is not what can be done there',
  },
  { at: /^GET \/organization\/admin_api_keys query\.after$/, what: /of type null/, why: 'an address holds no null' },

  {
    at: /^GET \/files query\.purpose$/,
    what: /any string/,
    why: 'a purpose that does not exist is a slip of the pen: a 400 says so',
  },
  { at: / reply(\.file|\.data\[\])?\.purpose$/, what: /"evals"/, why: 'a file says for what it was uploaded' },
  {
    at: /^POST \/uploads request\.purpose$/,
    what: /"(user_data|evals)"/,
    why: 'what can be uploaded whole can be uploaded in parts',
  },
  {
    at: /^POST \/uploads.* reply\.file$/,
    what: nullable,
    why: 'there is none before the upload is complete; their clients know it as null',
  },
  { at: /^GET \/files\/\{file_id\}\/content reply$/, what: /theirs alone/, why: 'the bytes of a file are no JSON' },
  {
    at: /^POST \/batches request\.endpoint$/,
    what: /"\/v1\/(moderations|images|videos)/,
    why: 'these addresses are not served',
  },
]

/** Divides differences into those that are meant and those that are not; tells which rows of the table nothing needs. */
export function sortOut(found: readonly Difference[]) {
  const used = new Set<Meant>()
  const faults = found.filter((difference) => {
    const row = meant.find(({ at, what }) => at.test(difference.at) && what.test(difference.what))
    if (row !== undefined) used.add(row)
    return row === undefined
  })
  return { faults, meant: found.length - faults.length, stale: meant.filter((row) => !used.has(row)) }
}
