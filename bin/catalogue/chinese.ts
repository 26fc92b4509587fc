/** What the command line says, in Chinese. */
import { chineseConfig } from './chinese-config.ts'
import { chineseDoctor } from './chinese-doctor.ts'
import { chineseHelp } from './chinese-help.ts'
import { chineseLedger, chineseLedgerHelp } from './chinese-ledger.ts'
import { chinesePeople } from './chinese-people.ts'
import { ask, type Catalogue, firstModel, go } from './english.ts'

const optionComplaints: Record<string, (option: string) => string> = {
  ERR_PARSE_ARGS_UNKNOWN_OPTION: (option) => `没有选项 ${option}`,
  ERR_PARSE_ARGS_INVALID_OPTION_VALUE: (option) => `选项 ${option} 的值不合要求：缺少值，或不应带值`,
  ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: (option) => `多余的参数 ${option}`,
}

export const chinese: Catalogue = {
  help: { ...chineseHelp, ...chinesePeople.help, ...chineseLedgerHelp },
  ledger: chineseLedger,
  people: chinesePeople,
  doctor: chineseDoctor,
  config: chineseConfig,

  overview: {
    title: 'Dotline（点线）：属于你自己的 ChatGPT。',
    usage: '用法：dotline <命令> [选项]',
    each: '每个命令都有说明：dotline <命令> --help',
    lang: '语言随终端，也可用 --lang zh、--lang en 指定。',
    commands: {
      serve: '启动服务：网页，以及 OpenAI 客户端所用的接口',
      chat: '在终端里和模型对话',
      generate: '续写文本，或填补两段文本之间的空缺',
      train: '预训练、微调或对齐模型',
      exam: '给模型考试，或比较两个模型',
      model: '服务器上的模型：添加、列出、查看、删除、默认、别名',
      manifest: '查看模型学过哪些数据，并加以核验',
      tokenizer: '训练分词器，编码，解码',
      config: '服务将以哪些设置启动，以及每个值来自何处',
      doctor: '检查机器与模型，并说明该怎么做',
      limit: '最多可以用多少：列出、设定、移除',
      usage: '用了多少，花了多少',
      audit: '管理者做过什么，记录是否完好',
      backup: '在使用中复制所保存的一切',
      restore: '把备份放到服务可以启动的地方',
      verify: '所保存的一切或备份是否完好',
      user: '人员的账户：add、list、disable、enable、password、remove',
      key: 'API 密钥：add、list、revoke',
      org: '组织及其项目与成员',
    },
  },

  usage: {
    seeHelp: '用 --help 查看说明。',
    noCommand: (name) => `没有命令“${name}”`,
    lang: (given) => `--lang 只能是 en 或 zh，不能是“${given}”`,
    option: (code, option, complaint) => optionComplaints[code]?.(option) ?? complaint,
    number: (name, whole, min, max, given) =>
      `--${name} 应为 ${min} 到 ${max} 的${whole ? '整数' : '数'}，而不是“${given}”`,
    port: (given) => `环境变量 PORT 应为 0 到 65535 的整数，而不是“${given}”`,
    chatArgument: (given) => `chat 从终端或标准输入读取消息，不接受参数“${given}”`,
    generateArgument: (given) => `请用 --prompt 给出文本：“${given}”`,
    serveArgument: (given) => `serve 不接受参数，只接受选项：“${given}”`,
    infoArgument: (given) => `info 不接受文本：“${given}”`,
    tokenizerTrainArgument: (given) => `请用 --data 指定文件：“${given}”`,
    noPrompt: '请给出 --prompt TEXT，或从标准输入给出文本',
    noText: '请把文本作为参数或从标准输入给出',
    noIds: '请把词元编号作为参数或从标准输入给出',
    ids: (most, given) => `decode 接受 0 到 ${most} 的编号，而不是“${given}”`,
    tokenizerAction: '请说明要做什么：dotline tokenizer train、encode、decode 或 info',
    tokenizerData: 'train 需要 --data，至少一个文件',
    tokenizerOut: 'train 需要 --out，即要写的文件',
    tokenizerSize: 'train 需要 --vocab-size N，或 --characters',
    modelAction: '请说明要做什么：dotline model add、list、show、remove、default、alias 或 export，以及所需的名字',
    modelUpstream: '请用 --upstream-model 给出那些服务器上模型的名字',
    modelCapability: (given, known) => `--capabilities 接受 ${known}，不接受“${given}”`,
    modelPrice: (given) => `--price 需要货币和三个价格，例如 EUR:0.1:0.05:0.4，而不是“${given}”`,
    modelGguf: (given) => `--gguf 接受 f32、f16 或 q8_0，不接受“${given}”`,
    modelGpu: (given) => `--gpu 接受 cuda 或 vulkan，不接受“${given}”`,
    modelShare: '--canary 和 --share 要么一起给出，要么都不给',
    manifestAction: '请说明要做什么：dotline manifest show FOLDER，或 dotline manifest verify FOLDER',
    examTasks: '请用 --tasks FILE 或 FOLDER 指定任务',
    examNoTask: (paths) => `${paths} 里没有数据齐全的任务`,
    trainAction: '请说明要做什么：dotline train pretrain、sft、reward、dpo、ppo、grpo、best-of-n 或 embed',
    trainStage: (config, stage) => `${config} 用于“${stage}”：请运行 dotline train ${stage}`,
    trainData: '请给出 --config run.json，或用 --data 指定学习用的文件（reward 和 dpo 也可用 --generate N）',
    trainRankings: (option) => `--${option} 只用于 dotline train reward 和 dotline train dpo`,
    trainDials: '--depth 和 --minutes 只能用一个',
  },

  failure: {
    kinds: {
      TaskError: '考试任务有问题',
      ExamDataError: '考试数据有问题',
      ExamineeError: '无法向模型提问',
      ApiError: '请求无法完成',
      DivergenceError: '训练发散',
      FlightError: '训练异常，已停下',
      FrozenLossError: '训练没有学到东西，已停下',
      LedgerError: '数据账目有误',
      LicenceError: '许可证不允许',
      ManifestError: '数据清单有误',
      ModelFolderError: '模型目录有误',
      PrepareError: '数据无法准备',
      ReadError: '数据文件无法读取',
      RunConfigError: '训练配置有误',
      TokenFileError: '词元文件有误',
      TokenizerError: '分词器有误',
      WeightFileError: '权重文件有误',
    },
    system: {
      ENOENT: (path) => `找不到 ${path}`,
      EACCES: (path) => `没有权限访问 ${path}`,
      EISDIR: (path) => `${path} 是目录，这里需要文件`,
      ENOTDIR: (path) => `${path} 的上级不是目录`,
      ENOSPC: (path) => `磁盘已满，无法写入 ${path}`,
    },
    noModel: (folder) => `${folder} 里没有模型：缺少 config.json。请指定模型目录，或已完成的训练目录。`,
    noStarter: `这份代码里没有随附的入门模型（缺少 starter 目录）。可以自己训练一个，时间随意：
${firstModel}
也可以用 --model 指定任意 Hugging Face 格式的模型目录。`,
    modelUnusable: (folder, problem) => `${folder} 里的模型无法使用：${problem}`,
    noWindow: '它没有说明上下文窗口的长度',
    modelNotServed: (model, problem) => `模型 ${model} 无法提供服务：${problem}`,
    noTokenizer: (path) => `${path} 不存在：请指定 tokenizer.json，或包含它的目录`,
    noFile: (path) => `${path} 不存在`,
    start: {
      public_bind: ({ host }) =>
        `拒绝监听 ${host}：还没有所有者账户，能访问该地址的人都会成为所有者。请先建立一个：dotline user add EMAIL；若前面已有登录代理，可用 --allow-public 明确允许。`,
      port_in_use: ({ port }) => `端口 ${port} 已被其他程序占用。请停止它，或换一个端口；--port 0 任选空闲端口。`,
      port_denied: ({ port }) => `当前用户不能监听端口 ${port}。请用 --port 选择 1024 到 65535 之间的端口。`,
      host_unknown: ({ host }) => `本机没有地址 ${host}。请用 127.0.0.1 或 localhost。`,
      store: ({ message }) => `保存数据的地方打不开：${message}`,
      no_model: ({ folder }) => `${folder} 里没有模型：缺少 config.json。请用 dotline train 训练一个，或指定其他目录。`,
    },
  },

  serve: {
    welcome: (served) => `Dotline（点线）正在监听 ${served.url}
正在载入模型 ${served.model} ……

可以试试：
${
  served.chat
    ? `${served.page ? `  用浏览器打开 ${served.url}，和它对话。\n` : ''}  在另一个终端里提问：
  ${ask(served, '你是谁？')}`
    : `  这个模型没有对话模板：它续写文本，而不是回答问题。在另一个终端里：
  ${go(served, '从前')}`
}
  或者让 OpenAI 客户端指向它，密钥随意：
  new OpenAI({ baseURL: '${served.url}/v1', apiKey: 'none' })

按 Ctrl-C 停止。`,
    ready: (seconds) => `模型已就绪，启动用时 ${seconds.toFixed(1)} 秒。`,
    pageMissing: '网页尚未构建，目前只提供接口。用 npm run build 构建。',
    stopping: '正在停止：未完成的回答会先说完。再按一次 Ctrl-C 立即停止。',
    stopped: '已停止。',
  },

  chat: {
    hello: (model) => `${model} 在听。/new 重新开始，/quit 退出，Ctrl-C 停止回答。`,
    fresh: '新的对话。',
    unknown: (name) => `没有 ${name}；可用 /new、/system 内容 和 /quit。`,
    dropped: (count) => `（${count} 条较早的消息放不下，已略去）`,
  },

  exam: {
    absent: (names) => `数据不在，略去：${names}。请用 --data 指出所在目录。`,
    stopped: '已停止。已有的回答都已保存：同一命令会从这里继续。',
    looking: (count) => `正在训练文档中查找题目：${count}`,
    notHere: (path) => `文件不在，未检查：${path}`,
  },

  train: {
    stopping: '这一步之后停止，并保存检查点。再按一次 Ctrl-C 立即停止，不保存。',
    stoppedEarly: '训练开始前已停止；未完成的数据已删除。重新运行同一条命令即可。',
    stopped: (step, steps) => `已在第 ${step} 步（共 ${steps} 步）之后停止并保存。用 --resume 继续。`,
    finished: (model, report) => `模型在 ${model}\n报告在 ${report}`,
  },

  model: {
    added: (name) => `模型 ${name} 已就位。`,
    removed: (name) => `${name} 已删除。`,
    isDefault: (name) => `没有指定时由 ${name} 回答。`,
    leads: (name, model, trial) => `${name} 指向 ${model}${trial ? `，试用 ${trial}` : ''}。`,
    exported: (file, mebibytes) => `已写入 ${file}：${mebibytes} MiB。`,
    llamaInstalled: (folder) => `llama.cpp 已就位：${folder}。`,
    llamaFailed: (command) => `${command} 失败；原因见上文`,
    none: '还没有模型。添加一个：dotline model add FOLDER',
    unknown: (name) => `没有名为“${name}”的模型或别名；dotline model list 列出现有的`,
    folderTaken: (folder) => `${folder} 已经存在：请用 --name 换个名字，或先删除它`,
    refused: (url, why) => `不能连接 ${url}（${why}）。内网地址需要 --private。`,
    columns: ['模型', '窗口', '内存', '许可', '位置'],
  },

  manifest: {
    holds: (documents, tokens) => `清单一致：${documents} 个文档${tokens ? '及其词元文件' : ''}。`,
    fails: (documents, tokens) => `清单不一致（读取了 ${documents} 个文档${tokens ? '及其词元文件' : ''}）。`,
    noTokens: '词元文件不在这里，没有核验：请用 --data DIR 说明位置。',
    rawUnknown: '原始文档没有核验：只有训练目录才说明它们在哪里。',
    rawFound: (count) => `${count} 个原始文档与清单相符。`,
    rawMissing: (count, origin, source, sha256) =>
      `清单中有 ${count} 个文档不在原始数据里，或已被改动。第一个：${source} 的 ${origin}（sha256 ${sha256}）`,
    absent: (path) => `不在这里，没有核验：${path}`,
    unchecked: (count) => `来自缺失数据、没有核验的文档：${count} 个`,
    elsewhere: (files) =>
      `训练起点的权重所用的词元文件没有核验（${files.join('、')}）：请用 --data 指定它们的目录，或核验训练出它们的目录。`,
    inherited: (count) => `${count} 个文档来自训练起点的权重：请核验训练出它们的目录。`,
  },
}
