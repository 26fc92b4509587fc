/** Every numeric limit of the HTTP interface, in one table. Bytes, milliseconds and counts as the names say. */
export const limits = {
  /** A request's JSON text. */
  bodyBytes: 1 << 20,
  /** Nested arrays and objects in a request. */
  jsonDepth: 32,
  /** Objects in a request: more than the messages of an import, each with its parts. */
  jsonObjects: 1 << 15,
  headerBytes: 16 << 10,

  messages: 2048,
  contentParts: 256,
  nameLength: 64,
  modelIdLength: 256,
  /** Free identifiers that clients send along: user, safety_identifier, prompt_cache_key. */
  identifierLength: 512,

  /** Alternatives of one request; for completions, prompts times `n`. */
  choices: 128,
  prompts: 128,
  promptTokens: 1 << 18,
  maxTokens: 1 << 18,
  /** What `POST /v1/completions` generates when the request names no maximum. */
  completionTokensDefault: 16,
  stopStrings: 4,
  stopLength: 256,
  topLogprobs: 20,
  completionLogprobs: 5,
  logitBiasEntries: 1024,
  logitBias: 100,
  temperature: 2,
  topK: 1 << 20,
  penalty: 2,
  repetitionPenaltyMin: 0.1,
  repetitionPenaltyMax: 10,

  /** JSON Schemas that answers and calls are held to. */
  schema: {
    depth: 32,
    properties: 2000,
    enumValues: 2000,
    patternLength: 1000,
    patternStates: 4000,
    states: 200_000,
  },
  /** `response_format.json_schema.name`, and names of functions. */
  functionNameLength: 64,
  descriptionLength: 16_384,
  tools: 128,
  /** Calls in one answer that must call. */
  calls: 8,
  metadataEntries: 16,
  metadataKeyLength: 64,
  metadataValueLength: 512,

  /** How long a response or a completion that was asked to be kept is kept, ms. */
  responseKeptMs: 30 * 24 * 3_600_000,
  /** Items of one request to `/v1/conversations`. */
  conversationItems: 20,
  /** The most that one page of a list holds. */
  listPage: 100,
  /** Events of one response that wait to be kept before its model waits. */
  eventsWaiting: 256,
  idempotencyKeyLength: 255,
  /** An answer that is kept under an Idempotency-Key. */
  idempotentReplyBytes: 4 << 20,

  /** What the files of one owner may take together. */
  storageBytes: 10 * 2 ** 30,
  fileBytes: 512 << 20,
  fileNameLength: 255,
  filesListed: 10_000,
  /** How soon and how late a file can be told to delete itself. */
  expirySecondsMin: 3600,
  expirySecondsMax: 2_592_000,
  /** A form's fields beside its file. */
  formFields: 16,
  formFieldBytes: 1 << 10,
  /** How long a form with a file may take to arrive, ms. */
  uploadMs: 3_600_000,
  /** How long the rest of a refused form is still taken and thrown away, ms. */
  uploadDiscardMs: 10_000,
  /** A file that is uploaded in parts. */
  uploadBytes: 8 * 2 ** 30,
  uploadPartBytes: 64 << 20,
  uploadParts: 1024,
  uploadKeptMs: 3_600_000,

  batchFileBytes: 200 << 20,
  batchLines: 50_000,
  /** Problems of a batch's lines that are told. */
  batchErrors: 100,
  batchWindowMs: 24 * 3_600_000,
  batchesListed: 100,
  /** How long files of batches are kept where nothing else was asked for, ms. */
  batchFileKeptMs: 30 * 24 * 3_600_000,
  /** Batches that one server works on at once, and lines of each. */
  batchesAtOnce: 2,
  batchLinesAtOnce: 8,
  /** After this long a batch lets another one have its turn, ms. */
  batchTurnMs: 60_000,

  embeddingInputs: 2048,
  embeddingDimensions: 8192,
  /** Tokens of all inputs of one request. */
  embeddingTokens: 300_000,
  /** Tokens of one text for which llama.cpp makes a vector in one go. */
  embeddingTextTokens: 8192,

  /** Sequences that wait for a slot before new requests are refused. */
  queue: 256,
  /** Events of a stream that may wait while the ledger goes to the disk. */
  eventsAhead: 32,
  /** Reported bytes of one stream that the peer has not taken; the stream waits, and a backlog of the same size behind it ends it. */
  streamBufferBytes: 64 << 10,
  /** A stream whose peer takes nothing for this long is cut. */
  streamStallMs: 30_000,
  /** A comment is sent on a stream that was silent this long. */
  streamPingMs: 10_000,

  /** Conversations that the server keeps for the page. Lengths in characters. */
  conversations: {
    idLength: 80,
    titleLength: 200,
    textLength: 400_000,
    settingsLength: 20_000,
    instructionsLength: 20_000,
    cursorLength: 400,
    queryLength: 200,
    commentLength: 4000,
    /** Conversations that one request changes. */
    atOnce: 1000,
    importedMessages: 20_000,
    /** The JSON text of one conversation that is brought from elsewhere. */
    importBytes: 32 << 20,
    /** A title that the model makes. */
    titleTokens: 24,
    titleMs: 30_000,
  },

  /** OpenTelemetry spans that wait for their collector, and how they are handed over. */
  spans: {
    queue: 4096,
    batch: 512,
    everyMs: 2000,
    connectMs: 5000,
    exportMs: 10_000,
    /** Of a prompt or an answer, where content is asked for. */
    contentCharacters: 65_536,
  },

  /** Accounts, their sessions and keys. */
  accounts: {
    passwordMin: 10,
    passwordMax: 256,
    nameLength: 200,
    emailLength: 254,
    keyLines: 64,
    sessionMs: 30 * 24 * 3_600_000,
    invitationMs: 7 * 24 * 3_600_000,
    /** Five in each quarter of an hour by the clock: no quarter of an hour, wherever it begins, has more than ten. */
    triesOfAccount: 5,
    triesOfAddress: 100,
    triesMs: 15 * 60_000,
    /** Passwords that wait to be hashed. */
    passwordQueue: 32,
    /** Credentials of requests that still run are looked at again this often. */
    recheckMs: 1000,
  },

  connections: 2048,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveMs: 65_000,
  /** Requests in flight may finish for this long when the server closes. */
  drainMs: 10_000,
  retryAfterMaxSeconds: 60,
} as const
