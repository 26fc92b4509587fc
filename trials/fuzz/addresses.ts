/** What a server's own /openapi.json says of the addresses that take a body. */
export interface Schema {
  type?: string | readonly string[]
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  pattern?: string
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
  enum?: readonly unknown[]
  const?: unknown
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  allOf?: readonly Schema[]
}

export interface Address {
  method: string
  /** `/v1/files/:file_id`, as the router has it. */
  pattern: string
  /** Null: the address reads no JSON, or nothing of it. */
  body: Schema | null
  form: boolean
}

interface Operation {
  parameters?: readonly { in: string }[]
  requestBody?: { content?: Readonly<Record<string, { schema?: Schema }>> }
}

export interface OpenApi {
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const withBody: ReadonlySet<string> = new Set(['post', 'put', 'patch'])
/** Their bytes are read as they arrive, so that no schema stands for them. */
export const forms: ReadonlySet<string> = new Set(['POST /v1/files', 'POST /v1/uploads/:upload_id/parts'])

export function addressesOf(document: OpenApi): Address[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => withBody.has(method))
      .map(([name, operation]): Address => {
        const method = name.toUpperCase()
        const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1')
        const body = operation.requestBody?.content?.['application/json']?.schema ?? null
        return { method, pattern, body, form: forms.has(`${method} ${pattern}`) }
      }),
  )
}
