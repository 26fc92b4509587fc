import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '#serve/caller'
import type { Store } from '#store/open'
import type { Membership } from '#store/organisations'
import { ApiError } from '#wire/errors'

type Place = Pick<Caller, 'organisation' | 'project' | 'owner'>

/**
 * In which organisation and project a signed-in person is: where OpenAI's own headers say, else where the person has
 * been for longest. One of which the person is no member is not there.
 */
export async function place(
  store: Store,
  person: string,
  memberships: readonly Membership[],
  headers: IncomingHttpHeaders,
): Promise<Place> {
  const wanted = { organisation: named(headers, 'openai-organization'), project: named(headers, 'openai-project') }
  const organisation = wanted.organisation ?? memberships[0]?.organisation ?? ''
  const here = memberships.filter((one) => one.organisation === organisation)
  if (here.length === 0) {
    if (wanted.organisation !== null) throw absent('organization', wanted.organisation)
    return { organisation: '', project: '', owner: '' }
  }
  const everywhere = here.some(({ project }) => project === '')
  const open = (await store.organisations.projects(organisation)).filter(({ archived }) => archived === null)
  const mine = everywhere ? open : open.filter(({ id }) => here.some(({ project }) => project === id))
  const project = wanted.project === null ? mine[0]?.id : mine.find(({ id }) => id === wanted.project)?.id
  if (project === undefined && wanted.project !== null) throw absent('project', wanted.project)
  const { ownerThere, owner } = store.organisations
  const at = project ?? ''
  return {
    organisation,
    project: at,
    owner: (await ownerThere(organisation, at, person)) ?? (await owner(organisation, at, person)),
  }
}

function named(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}

const absent = (what: string, id: string) =>
  new ApiError('not_found', `There is no ${what} ${JSON.stringify(id.slice(0, 80))}.`, what)
