import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { rolesIn } from '#guard/access'
import type { People } from '#serve/people'
import { listOf } from '#wire/accounts'
import { newProjectSchema, projectChangeSchema, projectSchema } from '#wire/organization'
import { actOf, failures, list, shownProject } from '../people/shown.ts'

/** `/api/organization/projects`: those that one has a part in; making, renaming and archiving them. */
export function projectRoutes(app: FastifyInstance, { store, identity }: People): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const { plan } = store
  const all = { summary: 'The projects that one is in', response: { 200: listOf(projectSchema), ...failures } }
  typed.get('/api/organization/projects', { schema: all }, async ({ caller }) => {
    const projects = await store.organisations.projects(caller.organisation)
    return list(projects.filter(({ id }) => rolesIn(caller, id).length > 0).map(shownProject))
  })
  const make = { summary: 'Make a project', body: newProjectSchema, response: { 201: projectSchema, ...failures } }
  typed.post('/api/organization/projects', { schema: make }, async ({ caller, body }, reply) => {
    const made = await store.organisations.createProject(caller.organisation, body)
    await store.audit.append(caller.organisation, actOf(caller, 'project.created', made.id, body))
    return reply.code(201).send(shownProject(made))
  })
  const params = z.object({ project: z.string() })
  const change = {
    summary: 'Rename or archive a project; the keys of an archived one do not hold',
    params,
    body: projectChangeSchema,
    response: { 200: projectSchema, ...failures },
  }
  typed.patch('/api/organization/projects/:project', { schema: change }, async ({ caller, params, body }) => {
    const wanted = { name: body.name ?? undefined, archived: body.archived ?? undefined }
    const [project] = await store.together([
      plan.organisations.updateProject(caller.organisation, params.project, wanted),
      plan.audit.append(caller.organisation, actOf(caller, 'project.updated', params.project, wanted)),
    ])
    await identity.recheck()
    return shownProject(project)
  })
}
