/** What the commands about limits, usage, the audit log and backups say, in Chinese. */
import type { englishLedger, englishLedgerHelp } from './english-ledger.ts'

export const chineseLedger: typeof englishLedger = {
  limitAction: '请说明要做什么：dotline limit list、set SUBJECT METRIC PERIOD MAXIMUM 或 remove SUBJECT METRIC PERIOD',
  usageAction: '请说明要做什么：dotline usage report、prices 或 price MODEL --price CURRENCY:INPUT:CACHED:OUTPUT',
  auditAction: '请说明要做什么：dotline audit list、export 或 verify',
  oneFolder: (command) => `dotline ${command} 需要一个文件夹`,
  organization: (known) => `请用 --org 指明一个组织；现有：${known}`,
  wrongLimit: (problem) => `没有这样的限额：${problem}`,
  groups: (given) => `--by 的取值是 model、project、person、key、kind，以逗号分隔，不能是“${given}”`,
  limitHead: ['对象', '指标', '周期', '上限'],
  usageHead: ['请求数', '输入', '缓存', '输出', '费用'],
  priceHead: ['模型', '起始', '货币', '输入', '缓存', '输出', '由谁设定'],
  auditHead: ['序号', '时间', '操作者', '操作', '对象'],
  byOrganization: '组织',
  byInstallation: '本机',
  nothing: '尚无内容。',
  done: '完成。',
  whole: '全部完好。',
  damaged: (count) => `损坏之处：${count}。`,
  backedUp: (blobs, folder) => `数据库和 ${blobs} 个文件已在 ${folder} 中。`,
  restored: (folder, date) => `${date} 的备份已在 ${folder} 中。用 --data 启动它。`,
}

const data = `  --data FOLDER         你的数据所在目录（默认：环境变量 DOTLINE_DATA，否则 ~/.local/share/dotline）`
const organization = `  --org ID              哪个组织（默认：唯一的一个，否则是本机所有者的组织）`
const json = '  --json                在标准输出上写出 JSON'
const exits = '退出码：0 完成，1 失败，2 用法错误。'

export const chineseLedgerHelp: typeof englishLedgerHelp = {
  limit: `dotline limit：最多可以用多少

用法：
  dotline limit list
  dotline limit set SUBJECT METRIC PERIOD MAXIMUM
  dotline limit remove SUBJECT METRIC PERIOD

选项：
${organization}
${data}
${json}

SUBJECT 是 organisation、project:ID、person:ID、key:ID 或 model:NAME；以 * 代替名称，表示每个没有自己限额的对象。
METRIC 是 requests、tokens、money:EUR（或其他货币）、concurrent 或 storage（字节）。
PERIOD 是 minute、day 或 month（UTC）；concurrent 和 storage 用 none。运行中的服务一秒内生效。
${exits}`,
  usage: `dotline usage：用了多少，花了多少

用法：
  dotline usage report [--days 30] [--by model,project]
  dotline usage prices
  dotline usage price MODEL --price EUR:0.10:0.05:0.40

选项：
  --days N              天数，包括今天（默认 30）
  --by LIST             按 model、project、person、key 或 kind 分行，以逗号分隔
  --price PRICE         货币，以及每百万词元的价格：提示、其中已缓存的、回答
  --csv                 供电子表格使用的表格
${organization}
${data}
${json}

${exits}`,
  audit: `dotline audit：管理者做过什么

用法：
  dotline audit list [--last 50]
  dotline audit export
  dotline audit verify

选项：
  --last N              最近的 N 次操作（默认 50）
${organization}
${data}
${json}

export 以 CSV 写出全部；verify 从头核验每一条链。
退出码：0 完成且完好，1 失败或有损坏，2 用法错误。`,
  backup: `dotline backup：在使用中复制所保存的一切

用法：
  dotline backup FOLDER

选项：
  --data FOLDER         要复制的目录（默认：环境变量 DOTLINE_DATA，否则 ~/.local/share/dotline）
${json}
  --lang LANGUAGE       en 或 zh

FOLDER 不得已存在。全部写入磁盘之后它才出现。
${exits}`,
  restore: `dotline restore：把备份放到服务可以启动的地方

用法：
  dotline restore BACKUP --data FOLDER

选项：
  --data FOLDER         放到哪里；不得已存在
${json}
  --lang LANGUAGE       en 或 zh

先核验备份。
${exits}`,
  verify: `dotline verify：所保存的一切或备份是否完好

用法：
  dotline verify [FOLDER]

选项：
  --data FOLDER         没有指明 FOLDER 时读取的目录（默认：DOTLINE_DATA，否则 ~/.local/share/dotline）
${json}
  --lang LANGUAGE       en 或 zh

读取数据库的结构、审计日志的链和每个文件的哈希，使用中也可以。
退出码：0 完好，1 有损坏，2 用法错误。`,
}
