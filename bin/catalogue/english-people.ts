/** What `dotline user`, `key` and `org` say, in English. */

export const englishPeople = {
  help: {
    user: `dotline user: accounts of people

Usage:
  dotline user add EMAIL [--name NAME] [--role ROLE] [--org ID] [--project ID]
  dotline user list [--org ID]
  dotline user disable | enable | password | remove EMAIL

Where nobody owns this installation yet, the new account does. Without --password-stdin a password is made, and said once.

Options:
  --name NAME          how the person is called (default: the address)
  --role ROLE          owner, admin, member or auditor (default: owner where there is none yet, else member)
  --org ID             the organization (default: the one of whoever runs this machine)
  --project ID         a role in this project alone
  --password-stdin     read the password from standard input
  --data FOLDER        where what is yours lies (default: the variable DOTLINE_DATA,
                       else ~/.local/share/dotline); DATABASE_URL names a PostgreSQL database
  --json               JSON on standard output

A running server obeys at once.
Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    key: `dotline key: API keys

Usage:
  dotline key add [EMAIL] [--name NAME] [--scopes A,B] [--models A,B] [--addresses A,B] [--days N]
  dotline key list [--org ID]
  dotline key revoke ID

A key is said once, and only its hash is kept. Without EMAIL it is the project's own, and stays when people leave.

Options:
  --name NAME          what it is for (default: key)
  --scopes A,B         what it may (default: all): all, read, models.use, files.read and others
  --models A,B         the models it may use (default: all)
  --addresses A,B      where from, such as 10.0.0.0/8 (default: anywhere)
  --days N             how long it holds (default: for ever)
  --org ID             the organization (default: the one of whoever runs this machine)
  --project ID         the project (default: the organization's oldest)
  --data FOLDER        where what is yours lies (default: the variable DOTLINE_DATA,
                       else ~/.local/share/dotline); DATABASE_URL names a PostgreSQL database
  --json               JSON on standard output

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    org: `dotline org: organizations, their projects and members

Usage:
  dotline org add NAME
  dotline org list
  dotline org disable | enable ID
  dotline org project ID NAME
  dotline org member ID EMAIL ROLE [--project ID]
  dotline org members ID

Options:
  --project ID         a role in this project alone (default: in the whole organization)
  --data FOLDER        where what is yours lies (default: the variable DOTLINE_DATA,
                       else ~/.local/share/dotline); DATABASE_URL names a PostgreSQL database
  --json               JSON on standard output

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
  },
  userAction: 'say what to do: dotline user add, list, disable, enable, password or remove, with an address',
  keyAction: 'say what to do: dotline key add, list, or revoke with an id',
  orgAction: 'say what to do: dotline org add, list, disable, enable, project, member or members, with what it needs',
  role: (given: string) => `--role takes owner, admin, member or auditor, not "${given}"`,
  passwordLength: (least: string, most: string) => `a password has ${least} to ${most} characters`,
  scope: (given: string, known: string) => `there is no scope "${given}"; there are ${known}`,
  address: (given: string) => `--addresses takes ranges such as 10.0.0.0/8, not "${given}"`,
  nobody: (email: string) => `nobody has an account with the address ${email}`,
  noProject: (organization: string) => `the organization ${organization} has no project: dotline org project`,
  lastOwner: 'this is the only owner who can sign in: make another one first, with dotline user add --role owner',
  added: (email: string, role: string) => `${email} has an account, as ${role}.`,
  password: (password: string) => `Password, said only now: ${password}`,
  changed: (email: string) => `${email}: done.`,
  key: (key: string) => `The key, said only now: ${key}`,
  revoked: (id: string) => `${id} does not hold any more.`,
  organization: (id: string, project: string) => `The organization ${id} is there, with the project ${project}.`,
  project: (id: string) => `The project ${id} is there.`,
  none: 'There is nothing yet.',
  userColumns: ['address', 'name', 'role', 'state'],
  keyColumns: ['id', 'key', 'name', 'project', 'person', 'scopes', 'state'],
  orgColumns: ['id', 'name', 'projects', 'state'],
  states: { open: 'open', disabled: 'disabled', revoked: 'revoked', expired: 'expired' },
  local:
    'Nobody has to sign in: whoever sits at this machine is the owner, without a password. For accounts: dotline user add EMAIL',
}
