/** `--help` of each command, in Chinese. */
import { limits } from '#wire/limits'
import type { englishHelp } from './english-help.ts'

const sampling = `  --max-tokens N            回答最多多少个词元
  --temperature T           0 表示总是取最可能的词元
  --top-k N, --top-p P, --min-p P
                            舍去不太可能的词元（0、1、0 表示都不舍去）
  --repetition-penalty R, --presence-penalty P, --frequency-penalty P
                            避免重复（1、0、0 表示不起作用）
  --seed N                  同一个种子得到同样的文本（默认每次不同）
  --stop TEXT               在这段文本之前结束（可重复，最多 ${limits.stopStrings} 个）`

export const chineseHelp: typeof englishHelp = {
  serve: `dotline serve：启动服务：网页，以及 OpenAI 客户端所用的接口

用法：
  dotline serve [--model FOLDER] [--port 8787] [--host 127.0.0.1]

选项：
  --model FOLDER       Hugging Face 格式的模型目录、model2vec 格式的嵌入模型，
                                                 或已完成的训练目录
                       （默认：dotline model 添加的模型，以及随附的入门模型）
  --name NAME          客户端使用的模型名（默认：目录名）
  --data FOLDER        您的数据所在的目录（默认：环境变量 DOTLINE_DATA，
                       否则 ~/.local/share/dotline）
  --memory GIB         同时装入内存的模型的大小（默认：内存的一半）
  --port N             默认取环境变量 PORT，否则 8787；0 表示任选一个空闲端口
  --host ADDRESS       默认 127.0.0.1：只在本机
  --allow-public       没有所有者账户也允许本机以外访问：由前面的代理负责登录
  --allow-host NAME    另外接受的主机名，例如代理的主机名（可重复）
  --slots N            同时解码的序列数（默认 32）
  --threads N          矩阵乘法的线程数（默认 2；双核机器上的小模型为 1）
  --log-format FORMAT  text 或 json：每个请求在标准错误上写一行，不含对话内容（默认：off）
  --no-page            只提供接口，不提供网页
  --drain-seconds N    停止服务时，正在进行的回答最多还可进行的秒数（默认 10）
  --spans-to WHERE     OpenTelemetry 跨度：off、collector 或 file（默认：off）
  --config FILE        JSON 格式的设置（默认：数据目录中的 dotline.json）；全部设置及其环境变量与取值：
                       dotline config --explain
  --json               在标准输出上逐行写出 JSON 事件：listening、ready、stopped

按 Ctrl-C 后，正在进行的回答可以说完，然后停止；再按一次立即停止。
退出码：0 按要求停止，1 失败，2 用法错误，130 立即停止。`,

  chat: `dotline chat：在终端里和模型对话

用法：
  dotline chat [--model FOLDER] [--system TEXT]
  echo "你是谁？" | dotline chat              标准输入的每一行是一条消息

选项：
  --model FOLDER            Hugging Face 格式的模型目录，或已完成的训练目录（默认：随附的入门模型）
  --system TEXT             系统消息
${sampling}
  --threads N               矩阵乘法的线程数（默认 2）
  --json                    每个回答写成一行 JSON

对话中可用：
  /new                      忘记这段对话，重新开始
  /system TEXT              用这条系统消息重新开始
  /quit                     退出（输入结束时也会退出）

Ctrl-C 停止正在进行的回答；没有回答时退出。
退出码：0 完成，1 失败，2 用法错误，130 被中断。`,

  generate: `dotline generate：续写文本，或填补两段文本之间的空缺

用法：
  dotline generate --prompt "从前有一座山"
  dotline generate < text.txt
  dotline generate --prompt "def add(a, b):" --fim-suffix "print(add(1, 2))"

选项：
  --model FOLDER            Hugging Face 格式的模型目录，或已完成的训练目录（默认：随附的入门模型）
  --prompt TEXT             要续写的文本（默认：标准输入）
  --fim-suffix TEXT         填补提示与这段文本之间的内容
${sampling}
  --logprobs N              配合 --json：每个位置最可能的 N 个词元（0 到 ${limits.topLogprobs}）
  --threads N               矩阵乘法的线程数（默认 2）
  --json                    一个 JSON 对象：文本、词元及其对数概率、用量、速度

Ctrl-C 结束文本。
退出码：0 完成，1 失败，2 用法错误，130 被中断。`,

  train: `dotline train：用原始文本预训练 GPT，用对话微调，用排序对齐

用法：
  dotline train pretrain --config run.json [--folder runs/NAME] [--resume]
  dotline train sft      --config run.json [--folder runs/NAME] [--resume]
  dotline train reward   --init MODEL --data rankings.jsonl --licence MIT
  dotline train dpo      --init MODEL --data rankings.jsonl --licence MIT [--lora 8]
  dotline train ppo|grpo|best-of-n --config run.json [--lora 8] [--resume]
  dotline train embed    --config run.json [--folder runs/NAME] [--resume]
  dotline train pretrain --data text.jsonl --licence CC0-1.0 --minutes 10

选项：
  --config FILE     训练配置（JSON）；其中的相对路径从它所在的目录算起
  --data FILE       不用配置，只用这个文件训练（可重复）
  --licence SPDX    没有 ledger.json 说明的 --data 文件的许可证
  --init FOLDER     要微调（sft、reward、dpo）或继续训练的模型
  --generate N      用自带的生成器出 N 道题，按规则给回答排序（reward、dpo；可与 --data 同用）
  --sequence N      提问加回答的词元数（reward、dpo；默认 256）；过长的提问去掉开头
  --lora RANK       在模型旁训练这个秩的适配器（pretrain 和 reward 除外）；按 PEFT 的格式写出，并合并进模型
  --folder FOLDER   训练目录（默认 runs/NAME）
  --depth N         一个旋钮：层数；宽度、学习率、批量和步数随之确定
  --minutes N       一个旋钮：时长；取时间内能训练的最大模型及其步数
  --steps N         训练这么多步；配合 --resume 时可比原来更多或更少
  --resume          从最新的检查点继续
  --plan            只打印计划（参数、词元、FLOPs、时间、内存）
  --json            在标准输出上逐行写出 JSON 指标

ppo、grpo 和 best-of-n 让模型从自己的回答中学习，由奖励模型或题目的规则打分（见配置中的 reinforcement）；
步数即迭代次数。训练出现异常时会停下并说明原因。
embed 训练嵌入模型，学习文本中什么内容相邻相关（见配置中的 embedding）。
reward 和 dpo 读取 chosen 与 rejected，或排好序的回答；不写 --steps 时每道题只看一遍。
按 Ctrl-C 会保存检查点，并以退出码 130 结束；用 --resume 继续，得到逐位相同的权重。
数据还在准备时会立即结束，重新运行同一条命令即可。
退出码：0 完成，1 失败，2 用法错误，130 被中断。`,

  exam: `dotline exam：给模型考试，或比较两个模型

用法：
  dotline exam --model MODEL [--against MODEL] --tasks FILE|FOLDER …

MODEL 可以是 Hugging Face 格式的模型目录、已完成的训练目录，或 OpenAI 兼容的 API：
http://127.0.0.1:8787/v1，也可带模型名 http://127.0.0.1:8787/v1#name。不写则用随附的入门模型。
API 的密钥取自环境变量 DOTLINE_EXAM_KEY。

选项：
  --tasks PATH          任务的 JSON 文件，或其所在目录（可重复）；recipes/exam 里有一些
  --data FOLDER         任务数据所在的目录（数据不在任务旁边时）
  --against MODEL       第二个模型，用同样的题比较
  --judge MODEL         评判 "preference" 类任务的模型，两种顺序各问一次
  --limit N             每个任务最多 N 题，均匀抽取
  --trained-on PATH     训练文档，检查题目是否出现其中：训练目录或数据文件（可重复）
  --out FOLDER          回答与报告写到哪里（默认：exam-results）
  --concurrency N       同时提问的题数（默认 16）
  --threads N           矩阵乘法的线程数（默认 2）
  --json                结果以 JSON 写到标准输出

回答随到随存：同一命令会从中断处继续。
写出 exam.json 和 exam.html，后者无需服务器即可打开。
退出码：0 完成，1 失败，2 用法错误，130 被中断。`,

  model: `dotline model：服务器上的模型

用法：
  dotline model add FOLDER [--name NAME]         Hugging Face 格式的模型目录，或已完成的训练目录
  dotline model add FILE.gguf [--lora FILE[=S]]  任意 GGUF 文件，由 llama.cpp 服务
  dotline model llama-cpp install [--gpu cuda|vulkan]
                                                 下载 llama.cpp 的程序（120 MB；含显卡支持 600 MB）
  dotline model add --url URL --upstream-model M 另一台服务器上的模型，OpenAI 格式
  dotline model export [FOLDER] FILE.gguf --gguf f32|f16|q8_0
                                                 供 llama.cpp 及基于它的软件使用
  dotline model list | show NAME | remove NAME | default NAME
  dotline model alias NAME MODEL                 模型的别名
  dotline model alias NAME MODEL --canary OTHER --share 0.1
                                                 试用 OTHER，分给它十分之一的请求
  dotline model alias NAME --back                恢复到上一次修改之前；--remove 删除别名

选项：
  --data FOLDER          您的数据所在的目录（默认：环境变量 DOTLINE_DATA，
                         否则 ~/.local/share/dotline）
  --name NAME            客户端使用的名字（默认：目录名，或上游的名字）
  --link                 目录留在原处，不复制
  --price C:IN:KEPT:OUT  货币和每百万词元的价格，例如 EUR:0.1:0.05:0.4
  --licence TEXT         默认取自模型卡
  --url URL              到 /v1 为止的地址（可重复：同一模型的多台服务器）
  --upstream-model M     那些服务器上模型的名字
  --private              它们在本机或您的内网里
  --key-variable NAME    存放其密钥的环境变量；或
  --key-file FILE        存放密钥的文件
  --capabilities LIST    它们能做什么，例如 chat,completions,tools,json,logprobs
  --context-length N     上下文窗口的词元数
  --extended-sampling    它们接受 top_k、min_p 和 repetition_penalty
  --canary MODEL         试用的模型
  --share S              它在别名请求中的比例，0 到 1
  --back                 恢复到别名上一次修改之前
  --gguf FORMAT          f32 与我们自己的引擎计算时相同；f16 和 q8_0 更小，会舍入
  --remove               只删除别名，不删除模型
  --json                 以 JSON 列出

正在运行的服务器一两秒内采用改动；正在生成的回答会完成。
退出码：0 完成，1 失败，2 用法错误。`,

  manifest: `dotline manifest：查看模型学过哪些数据，并加以核验

用法：
  dotline manifest show FOLDER [--json]
  dotline manifest verify FOLDER [--data DIR] [--base DIR] [--json]

FOLDER 是模型目录、准备好的数据目录，或训练目录。

选项：
  --data DIR      词元文件所在的目录（可重复；默认：清单旁边，或训练目录的 data 目录）
  --base DIR      训练配置里的相对路径从哪里算起（默认：与训练时相同）
  --json          以 JSON 写出清单，或核验结果

verify 重新计算清单、文档列表和每个词元文件的哈希，并合计各文档。
对训练目录，还会重新读取现有的原始文档，逐个比较哈希。
退出码：0 一致，1 不一致，2 用法错误。`,

  tokenizer: `dotline tokenizer：训练分词器，编码，解码

用法：
  dotline tokenizer train --data FILE --vocab-size 8000 --out tokenizer.json
  dotline tokenizer encode [--tokenizer PLACE] [TEXT]
  dotline tokenizer decode [--tokenizer PLACE] [ID ...]
  dotline tokenizer info   [--tokenizer PLACE]

选项：
  --tokenizer PLACE   tokenizer.json，或模型目录（默认：随附入门模型的）
  --data FILE         文本或 JSONL，可用 gzip 压缩（用于 train；可重复）
  --vocab-size N      词元总数，含 256 个字节和 7 个特殊词元（用于 train）
  --characters        每个字符一个词元，不学习合并（用于 train）
  --out FILE          分词器写到哪里（用于 train）
  --special           把 <|im_end|> 之类的特殊词元当作词元本身（用于 encode、decode）
  --json              在标准输出上写 JSON

encode 取 TEXT 或标准输入；decode 取以空格分隔的 ID 或标准输入。
退出码：0 完成，1 失败，2 用法错误。`,

  config: `dotline config：服务将以哪些设置启动

用法：
  dotline config --explain [--json] [dotline serve 的选项]

选项：
  --explain           每项设置：值、来源、作用与取值范围
  --config FILE       JSON 格式的设置（默认：环境变量 DOTLINE_CONFIG，否则数据目录中的 dotline.json）
  --json              一个 JSON 对象：配置文件，以及各项设置及其选项与环境变量

例如 spans.endpoint 这项设置，在命令行上是 --spans-endpoint，在环境变量中是 DOTLINE_SPANS_ENDPOINT，在文件中是
{"spans": {"endpoint": "..."}}；文件中的相对路径从文件所在目录算起。机密不写在其中：文件只指明它在哪里
（"databaseUrlFile"、"databaseUrlVariable"），DOTLINE_DATABASE_URL_FILE 也是如此。
退出码：0 可以使用，2 不能使用。`,

  doctor: `dotline doctor：检查机器与模型，并说明该怎么做

用法：
  dotline doctor [--model FOLDER] [--data FOLDER] [--port 8787] [--json]

选项：
  --model FOLDER      检查这个模型（默认：dotline model 添加的模型，以及随附的入门模型）
  --data FOLDER       您的数据所在的目录（默认：环境变量 DOTLINE_DATA，否则 ~/.local/share/dotline）
  --port N            要检查的端口（默认：环境变量 PORT，否则 8787）
  --json              一个 JSON 对象：ok，以及各项发现和对策

检查处理器、内存、Node、ONNX Runtime、模型、端口、磁盘、网页和限制，不作任何改动。
✓ 正常，! 值得注意，✗ 有故障；→ 是对策。
退出码：0 没有故障，1 有故障，2 用法错误。`,
}
