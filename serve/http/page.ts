import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

const missing = 'The page has not been built yet. Run `npm run build`, then start the server again.\n'

/** Serves the built page. Files under assets/ carry their hash in the name and are kept by browsers for ever. */
export function servePage(app: FastifyInstance, pageFolder: string | null): void {
  const folder = pageFolder === null ? null : resolve(pageFolder)
  if (folder === null || !existsSync(join(folder, 'index.html'))) {
    app.get('/', { schema: { hide: true } }, async (_request, reply) =>
      reply.code(404).type('text/plain; charset=utf-8').send(missing),
    )
    return
  }
  app.register(fastifyStatic, {
    root: folder,
    dotfiles: 'ignore',
    cacheControl: false,
    schemaHide: true,
    setHeaders: (reply, path) => {
      const lasting = path.startsWith(join(folder, 'assets'))
      reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}
