import { say } from '../kept/call.ts'

/** Saves what the server gives under the name that it gives. */
export async function download(path: string): Promise<void> {
  const response = await say('GET', path)
  const named = /filename\*=UTF-8''([^;]+)|filename="([^"]+)"/u.exec(response.headers.get('content-disposition') ?? '')
  const name = named?.[1] ? decodeURIComponent(named[1]) : (named?.[2] ?? 'download')
  save(name, await response.blob())
}

/** Saves bytes of the page's own as a file. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
