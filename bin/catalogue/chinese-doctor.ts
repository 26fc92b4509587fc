/** What `dotline doctor` says, in Chinese. */
import type { englishDoctor } from './english-doctor.ts'

export const chineseDoctor: typeof englishDoctor = {
  well: '没有发现故障。',
  broken: (count) => `故障：${count} 处。标有 ✗ 的各行说明该怎么做。`,
  argument: (given) => `doctor 不接受参数，只接受选项：“${given}”`,

  cores: (cores, name) => `处理器：${cores} 核（${name}）`,
  memory: (free, total) => `内存：空闲 ${free} GiB，共 ${total} GiB`,
  moreMemory: '请关闭其他程序，或减少同时占用：--slots 4；已添加的模型可用 --memory 限制。',
  node: (version) => `Node 版本 ${version}`,
  newerNode: 'Dotline 需要 Node 24 或更新的版本。npm start 会自行获取。',
  runtime: (providers) => `ONNX Runtime 可以载入；执行提供者：${providers}`,
  noRuntime: (problem) => `ONNX Runtime 无法载入：${problem}`,
  install: '请重新安装依赖：npm ci。在 Linux 上需要 glibc 2.28 或更新的版本。',

  opens: (name, window, seconds) => `模型 ${name}：${seconds} 秒内打开，窗口为 ${window} 个词元`,
  opensNot: (name, problem) => `模型 ${name} 无法打开：${problem}`,
  mendModel: (folder) =>
    `请恢复 ${folder} 中的文件，或用 dotline model remove 移除该模型。代码库自带的模型可用 git checkout 恢复。`,
  tooLarge: (name, needs, free) => `模型 ${name} 需要 ${needs} GiB，而空闲内存只有 ${free} GiB`,
  elsewhere: (name, url) => `模型 ${name} 由 ${url} 回答，没有向它询问`,
  registry: (problem) => `模型列表无法读取：${problem}`,
  mendRegistry: (folder) => `请修好 ${folder} 中的 registry.json，或删除它并重新添加模型。`,
  noModels: '这里没有模型',
  getModel: (how) => `请用 dotline model add FOLDER 指定目录，或训练一个：\n${how}`,

  portFree: (port) => `端口 ${port} 空闲`,
  portOurs: (port) => `端口 ${port}：Dotline 正在那里运行`,
  portTaken: (port) => `端口 ${port} 已被其他程序占用`,
  portDenied: (port) => `当前用户不能监听端口 ${port}`,
  otherPort: '请停止它，或换一个端口：dotline serve --port 8788；--port 0 任选空闲端口。',
  disk: (folder, free) => `磁盘：${folder} 处空闲 ${free} GiB`,
  moreDisk: '请腾出空间，或把数据放在别处：--data FOLDER，或环境变量 DOTLINE_DATA。',
  unwritable: (folder) => `当前用户不能写入 ${folder}`,
  writable: '请允许当前用户写入，或指定其他目录：--data FOLDER。',
  page: '网页已构建',
  noPage: '网页尚未构建：只会提供接口',
  build: '请构建：npm run build',
  limits: (waiting, mebibytes, connections) =>
    `限制：最多 ${waiting} 个回答排队，一个请求最大 ${mebibytes} MiB，同时 ${connections} 个连接`,
  files: (files) => `本进程最多打开 ${files} 个文件，少于可能接受的连接数`,
  moreFiles: (files) => `请在启动前提高限制：ulimit -n ${files}`,
}
