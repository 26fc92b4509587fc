import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { type Decision, decide, type Rule } from '#guard/access'
import { ruleOf } from '#guard/routes'
import { anonymous, type Identify } from '#serve/caller'
import { ApiError } from '#wire/errors'

export type AccessTable = Readonly<Record<string, Rule>>

declare module 'fastify' {
  interface FastifyInstance {
    /** Every address that there is: `GET /v1/models`. */
    routeList: Set<string>
  }
}

/** Keeps a list of the addresses as routes are added, whoever adds them: the table of rules is held against it. */
export function listAddresses(app: FastifyInstance): void {
  app.decorate('routeList', new Set<string>())
  app.addHook('onRoute', ({ method, url }: RouteOptions) => {
    for (const each of [method].flat()) app.routeList.add(`${each} ${url}`)
  })
}

/** Finds out who asks, and refuses what they may not. Runs before a body is read. */
export async function authorise(request: FastifyRequest, identify: Identify, table: AccessTable): Promise<void> {
  // Nothing is there to be protected, and what is not there looks the same to everybody.
  if (request.is404) {
    request.caller = anonymous
    return
  }
  const rule = ruleOf(table, request.method, request.routeOptions.url ?? '')
  request.caller = rule?.who === 'anyone' ? anonymous : await identify(request)
  const decision = decide(rule, request.caller)
  if (decision !== 'allowed') throw refusal(decision, rule)
}

function refusal(decision: Exclude<Decision, 'allowed'>, rule: Rule | undefined): ApiError {
  if (decision === 'sign_in')
    return new ApiError(
      'invalid_api_key',
      "You didn't provide an API key. Send one as 'Authorization: Bearer KEY' or 'x-api-key: KEY', or sign in.",
    )
  if (decision === 'scope')
    return new ApiError(
      'insufficient_permissions',
      `You have insufficient permissions for this operation. Missing scopes: ${rule?.scope}. Use a key that has it.`,
    )
  if (decision === 'session')
    return new ApiError(
      'insufficient_permissions',
      'This belongs to an account: sign in with a browser. A key does not open it, and without accounts there is none.',
    )
  return new ApiError(
    'insufficient_permissions',
    'You have insufficient permissions for this operation: your role in this organization or project does not allow it. Ask its owner.',
  )
}
