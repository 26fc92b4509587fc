/** What the commands about limits, usage, the audit log and backups say, in English. */

export const englishLedger = {
  limitAction: 'say what to do: dotline limit list, set SUBJECT METRIC PERIOD MAXIMUM, or remove SUBJECT METRIC PERIOD',
  usageAction: 'say what to do: dotline usage report, prices, or price MODEL --price CURRENCY:INPUT:CACHED:OUTPUT',
  auditAction: 'say what to do: dotline audit list, export or verify',
  oneFolder: (command: string) => `dotline ${command} takes one folder`,
  organization: (known: string) => `name one with --org; there is: ${known}`,
  wrongLimit: (problem: string) => `no such limit: ${problem}`,
  groups: (given: string) => `--by takes model, project, person, key and kind, with commas between, not "${given}"`,
  limitHead: ['whose', 'of what', 'in', 'at most'],
  usageHead: ['requests', 'input', 'cached', 'output', 'cost'],
  priceHead: ['model', 'since', 'currency', 'input', 'cached', 'output', 'set by'],
  auditHead: ['number', 'time', 'who', 'what', 'to what'],
  byOrganization: 'the organization',
  byInstallation: 'the installation',
  nothing: 'There is nothing yet.',
  done: 'Done.',
  whole: 'All of it is whole.',
  damaged: (count: number) => `Damaged places: ${count}.`,
  backedUp: (blobs: number, folder: string) => `The database and ${blobs} files are in ${folder}.`,
  restored: (folder: string, date: string) => `The backup of ${date} is in ${folder}. Serve it with --data.`,
}

const data = `  --data FOLDER         where what is yours lies (default: the variable DOTLINE_DATA, else ~/.local/share/dotline)`
const organization = `  --org ID              whose (default: the only one, else that of the machine's owner)`
const json = '  --json                JSON on standard output'
const exits = 'Exit codes: 0 done, 1 failed, 2 wrong usage.'

export const englishLedgerHelp = {
  limit: `dotline limit: how much may be used

Usage:
  dotline limit list
  dotline limit set SUBJECT METRIC PERIOD MAXIMUM
  dotline limit remove SUBJECT METRIC PERIOD

Options:
${organization}
${data}
${json}

SUBJECT is organisation, project:ID, person:ID, key:ID or model:NAME; * in the place of the name is each that has no own.
METRIC is requests, tokens, money:EUR (or another currency), concurrent or storage (bytes).
PERIOD is minute, day or month (UTC); none for concurrent and storage. A running server obeys within 1 s.
${exits}`,
  usage: `dotline usage: what was used, and what it cost

Usage:
  dotline usage report [--days 30] [--by model,project]
  dotline usage prices
  dotline usage price MODEL --price EUR:0.10:0.05:0.40

Options:
  --days N              so many days, today included (default 30)
  --by LIST             rows by model, project, person, key or kind, with commas between
  --price PRICE         currency and price of a million tokens: of the prompt, of it where it was kept, of the answer
  --csv                 a table for spreadsheets
${organization}
${data}
${json}

${exits}`,
  audit: `dotline audit: what administrators did

Usage:
  dotline audit list [--last 50]
  dotline audit export
  dotline audit verify

Options:
  --last N              the newest N acts (default 50)
${organization}
${data}
${json}

export writes all of it as CSV; verify reads every chain from its beginning.
Exit codes: 0 done and whole, 1 failed or damaged, 2 wrong usage.`,
  backup: `dotline backup: copy what is kept, while it is in use

Usage:
  dotline backup FOLDER

Options:
  --data FOLDER         what is copied (default: the variable DOTLINE_DATA, else ~/.local/share/dotline)
${json}
  --lang LANGUAGE       en or zh

FOLDER must not be there. It appears when all of it is on the disk.
${exits}`,
  restore: `dotline restore: put a backup where a server may start from it

Usage:
  dotline restore BACKUP --data FOLDER

Options:
  --data FOLDER         where it goes; must not be there
${json}
  --lang LANGUAGE       en or zh

The backup is verified first.
${exits}`,
  verify: `dotline verify: whether what is kept, or a backup, is whole

Usage:
  dotline verify [FOLDER]

Options:
  --data FOLDER         what is read where no FOLDER is named (default: DOTLINE_DATA, else ~/.local/share/dotline)
${json}
  --lang LANGUAGE       en or zh

Reads the database's structure, the audit log's chains and the hash of every file, also while it is in use.
Exit codes: 0 whole, 1 damaged, 2 wrong usage.`,
}
