import type { englishPeople } from './english-people.ts'

/** What `dotline user`, `key` and `org` say, in Chinese. */

export const chinesePeople: typeof englishPeople = {
  help: {
    user: `dotline user：人员的账户

用法：
  dotline user add EMAIL [--name NAME] [--role ROLE] [--org ID] [--project ID]
  dotline user list [--org ID]
  dotline user disable | enable | password | remove EMAIL

尚无所有者时，新账户即为所有者。不用 --password-stdin 时会生成密码，只显示一次。

选项：
  --name NAME          姓名（默认：邮箱地址）
  --role ROLE          owner、admin、member 或 auditor（默认：尚无 owner 时为 owner，否则为 member）
  --org ID             组织（默认：本机运行者的组织）
  --project ID         只在这个项目中的角色
  --password-stdin     从标准输入读取密码
  --data FOLDER        您的数据所在（默认：环境变量 DOTLINE_DATA，
                       否则 ~/.local/share/dotline）；DATABASE_URL 指定 PostgreSQL 数据库
  --json               在标准输出写 JSON

运行中的服务立即生效。
退出码：0 完成，1 失败，2 用法有误。`,
    key: `dotline key：API 密钥

用法：
  dotline key add [EMAIL] [--name NAME] [--scopes A,B] [--models A,B] [--addresses A,B] [--days N]
  dotline key list [--org ID]
  dotline key revoke ID

密钥只显示一次，只保存其哈希。不写 EMAIL 时，密钥属于项目，人员离开后仍有效。

选项：
  --name NAME          用途（默认：key）
  --scopes A,B         权限（默认：all）：all、read、models.use、files.read 等
  --models A,B         可用的模型（默认：全部）
  --addresses A,B      来源地址，例如 10.0.0.0/8（默认：任何地方）
  --days N             有效天数（默认：永久）
  --org ID             组织（默认：本机运行者的组织）
  --project ID         项目（默认：组织最早的项目）
  --data FOLDER        您的数据所在（默认：环境变量 DOTLINE_DATA，
                       否则 ~/.local/share/dotline）；DATABASE_URL 指定 PostgreSQL 数据库
  --json               在标准输出写 JSON

退出码：0 完成，1 失败，2 用法有误。`,
    org: `dotline org：组织及其项目与成员

用法：
  dotline org add NAME
  dotline org list
  dotline org disable | enable ID
  dotline org project ID NAME
  dotline org member ID EMAIL ROLE [--project ID]
  dotline org members ID

选项：
  --project ID         只在这个项目中的角色（默认：整个组织）
  --data FOLDER        您的数据所在（默认：环境变量 DOTLINE_DATA，
                       否则 ~/.local/share/dotline）；DATABASE_URL 指定 PostgreSQL 数据库
  --json               在标准输出写 JSON

退出码：0 完成，1 失败，2 用法有误。`,
  },
  userAction: '请说明要做什么：dotline user add、list、disable、enable、password 或 remove，并给出邮箱地址',
  keyAction: '请说明要做什么：dotline key add、list，或 revoke 加编号',
  orgAction: '请说明要做什么：dotline org add、list、disable、enable、project、member 或 members，并给出所需内容',
  role: (given) => `--role 的取值为 owner、admin、member 或 auditor，而非“${given}”`,
  passwordLength: (least, most) => `密码应有 ${least} 至 ${most} 个字符`,
  scope: (given, known) => `没有权限“${given}”；可用的有 ${known}`,
  address: (given) => `--addresses 的取值为地址范围，例如 10.0.0.0/8，而非“${given}”`,
  nobody: (email) => `没有邮箱地址为 ${email} 的账户`,
  noProject: (organization) => `组织 ${organization} 没有项目：请用 dotline org project`,
  lastOwner: '这是唯一能登录的所有者：请先用 dotline user add --role owner 添加另一位',
  added: (email, role) => `${email} 已有账户，角色为 ${role}。`,
  password: (password) => `密码，仅此一次：${password}`,
  changed: (email) => `${email}：已完成。`,
  key: (key) => `密钥，仅此一次：${key}`,
  revoked: (id) => `${id} 已失效。`,
  organization: (id, project) => `组织 ${id} 已建立，项目为 ${project}。`,
  project: (id) => `项目 ${id} 已建立。`,
  none: '尚无内容。',
  userColumns: ['邮箱', '姓名', '角色', '状态'],
  keyColumns: ['编号', '密钥', '名称', '项目', '人员', '权限', '状态'],
  orgColumns: ['编号', '名称', '项目', '状态'],
  states: { open: '可用', disabled: '已停用', revoked: '已吊销', expired: '已过期' },
  local: '无需登录：使用本机的人就是所有者，没有密码。要建立账户：dotline user add EMAIL',
}
