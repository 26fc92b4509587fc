import type { Conversation, Folder } from '#wire/conversations'

export type GroupKind = 'pinned' | 'today' | 'yesterday' | 'week' | 'month' | 'folder' | 'older'

export type Row =
  | { type: 'group'; key: string; kind: GroupKind; label: string; folder?: Folder }
  | { type: 'conversation'; key: string; conversation: Conversation }

const day = 86_400_000

/** The list as it is shown: pinned ones, folders, then by the day on which something was last said. */
export function rowsOf(list: readonly Conversation[], folders: readonly Folder[], now: number, locale: string): Row[] {
  const rows: Row[] = []
  const group = (kind: GroupKind, label: string, members: readonly Conversation[], folder?: Folder) => {
    if (members.length === 0 && !folder) return
    rows.push({ type: 'group', key: `group ${kind} ${label} ${folder?.id ?? ''}`, kind, label, folder })
    for (const conversation of members) rows.push({ type: 'conversation', key: conversation.id, conversation })
  }
  const known = new Set(folders.map(({ id }) => id))
  const inFolder = ({ folder }: Conversation) => folder !== null && known.has(folder)
  group(
    'pinned',
    '',
    list.filter(({ pinned }) => pinned),
  )
  for (const folder of folders)
    group(
      'folder',
      folder.name,
      list.filter((one) => !one.pinned && one.folder === folder.id),
      folder,
    )
  const loose = list.filter((one) => !one.pinned && !inFolder(one))
  for (const { kind, label, members } of byDay(loose, now, locale)) group(kind, label, members)
  return rows
}

function byDay(list: readonly Conversation[], now: number, locale: string) {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const months = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' })
  const groups: { kind: GroupKind; label: string; members: Conversation[] }[] = []
  for (const one of list) {
    const kind = kindOf(one.updated, midnight)
    const label = kind === 'older' ? months.format(one.updated) : ''
    const last = groups.at(-1)
    if (last?.kind === kind && last.label === label) last.members.push(one)
    else groups.push({ kind, label, members: [one] })
  }
  return groups
}

function kindOf(updated: number, midnight: number): GroupKind {
  if (updated >= midnight) return 'today'
  if (updated >= midnight - day) return 'yesterday'
  if (updated >= midnight - 7 * day) return 'week'
  return updated >= midnight - 30 * day ? 'month' : 'older'
}
