/** `--help` of each command, in English. */
import { limits } from '#wire/limits'

const sampling = `  --max-tokens N            most tokens of an answer
  --temperature T           0 always takes the likeliest token
  --top-k N, --top-p P, --min-p P
                            leave out unlikely tokens (0, 1 and 0 leave out none)
  --repetition-penalty R, --presence-penalty P, --frequency-penalty P
                            against saying the same again (1, 0 and 0 do nothing)
  --seed N                  the same seed gives the same text (default: another each time)
  --stop TEXT               end before this text (repeatable, at most ${limits.stopStrings})`

export const englishHelp = {
  serve: `dotline serve: serve a model: the page, and the API that OpenAI clients speak

Usage:
  dotline serve [--model FOLDER] [--port 8787] [--host 127.0.0.1]

Options:
  --model FOLDER       a model in Hugging Face's layout, or a finished run (default: the models that
                       dotline model added, and the starter model)
  --name NAME          the name that clients use (default: the folder's)
  --data FOLDER        where what is yours lies (default: the variable DOTLINE_DATA,
                       else ~/.local/share/dotline)
  --memory GIB         models in memory at once (default: half of the machine's memory)
  --port N             default: the variable PORT, else 8787; 0 takes any free port
  --host ADDRESS       default 127.0.0.1: this machine alone
  --allow-public       listen beyond this machine without an owner account: something in front of it asks who comes
  --allow-host NAME    another host name to answer to, such as a proxy's (repeatable)
  --slots N            sequences decoded together (default 32)
  --threads N          threads of a matrix product (default 2; 1 for a small model on two cores)
  --log-format FORMAT  text or json: a line on standard error for each request, without what was said (default: off)
  --no-page            the API alone
  --drain-seconds N    how long answers in flight may take when the server stops (default 10)
  --spans-to WHERE     OpenTelemetry spans: off, collector or file (default: off)
  --config FILE        settings as JSON (default: dotline.json in the data folder); all of them, with their
                       variables and limits: dotline config --explain
  --json               events as JSON lines on standard output: listening, ready, stopped

Ctrl-C lets the answers in flight finish, then stops; pressed again it stops at once.
Exit codes: 0 stopped on request, 1 failed, 2 wrong usage, 130 stopped at once.`,

  chat: `dotline chat: talk to a model in the terminal

Usage:
  dotline chat [--model FOLDER] [--system TEXT]
  echo "Who are you?" | dotline chat          each line of standard input is a message

Options:
  --model FOLDER            a model in Hugging Face's layout, or a finished run (default: the starter model)
  --system TEXT             a system message
${sampling}
  --threads N               threads of a matrix product (default 2)
  --json                    each answer as one JSON line

In the conversation:
  /new                      forget the conversation and begin another
  /system TEXT              begin another with this system message
  /quit                     leave (as does the end of the input)

Ctrl-C stops the answer; where nothing is being answered, it leaves.
Exit codes: 0 finished, 1 failed, 2 wrong usage, 130 interrupted.`,

  generate: `dotline generate: continue a text, or fill the gap between two

Usage:
  dotline generate --prompt "Once upon a time"
  dotline generate < text.txt
  dotline generate --prompt "def add(a, b):" --fim-suffix "print(add(1, 2))"

Options:
  --model FOLDER            a model in Hugging Face's layout, or a finished run (default: the starter model)
  --prompt TEXT             what to continue (default: standard input)
  --fim-suffix TEXT         fill the middle between the prompt and this text
${sampling}
  --logprobs N              with --json: the N likeliest tokens at each place (0 to ${limits.topLogprobs})
  --threads N               threads of a matrix product (default 2)
  --json                    one JSON object: text, tokens with log-probabilities, usage, speed

Ctrl-C ends the text.
Exit codes: 0 finished, 1 failed, 2 wrong usage, 130 interrupted.`,

  train: `dotline train: pre-train a GPT from raw text, fine-tune one on conversations, align it by rankings

Usage:
  dotline train pretrain --config run.json [--folder runs/NAME] [--resume]
  dotline train sft      --config run.json [--folder runs/NAME] [--resume]
  dotline train reward   --init MODEL --data rankings.jsonl --licence MIT
  dotline train dpo      --init MODEL --data rankings.jsonl --licence MIT [--lora 8]
  dotline train ppo|grpo|best-of-n --config run.json [--lora 8] [--resume]
  dotline train embed    --config run.json [--folder runs/NAME] [--resume]
  dotline train pretrain --data text.jsonl --licence CC0-1.0 --minutes 10

Options:
  --config FILE     the run's configuration (JSON); relative paths in it start at its folder
  --data FILE       train on this file alone, without a configuration (repeatable)
  --licence SPDX    the licence of --data files that no ledger.json describes
  --init FOLDER     the model to fine-tune (sft, reward, dpo), or to go on from
  --generate N      rank answers to N prompts of our own generator by its rules (reward, dpo; beside or without --data)
  --sequence N      tokens of a prompt with its answer (reward, dpo; default 256); longer prompts lose their beginning
  --lora RANK       train an adapter of this rank beside the model (all but pretrain and reward); written as PEFT reads it, and merged
  --folder FOLDER   the run's folder (default runs/NAME)
  --depth N         one dial: layers; width, rate, batch and steps follow from it
  --minutes N       one dial: how long; the largest model that fits the time, and its steps
  --steps N         train for this many steps; with --resume, for more or fewer than before
  --resume          go on from the newest checkpoint
  --plan            print the plan (parameters, tokens, FLOPs, time, memory) and stop
  --json            metrics as JSON lines on standard output

In ppo, grpo and best-of-n the model learns from its own answers to prompts, which a reward model or the prompts' rules
score (reinforcement in the configuration); steps are iterations. A run that goes wrong stops and says why.
embed makes an embedding model, which learns what stands together in texts (embedding in the configuration).
reward and dpo take chosen and rejected, or ranked answers, and show every prompt once unless --steps says otherwise.
Ctrl-C saves a checkpoint and ends with exit code 130; --resume goes on to the same weights, bit for bit.
While the data is still being prepared it ends at once, and the same command begins again.
Exit codes: 0 finished, 1 failed, 2 wrong usage, 130 interrupted.`,

  exam: `dotline exam: how good is a model?

Usage:
  dotline exam --model MODEL [--against MODEL] --tasks FILE|FOLDER …

MODEL is a folder in Hugging Face's layout, a finished run, or an API that speaks OpenAI's language:
http://127.0.0.1:8787/v1, or with a model's name http://127.0.0.1:8787/v1#name. Left out: the starter model.
A key for an API is read from the variable DOTLINE_EXAM_KEY.

Options:
  --tasks PATH          a task's JSON file, or a folder of them (repeatable); recipes/exam holds some
  --data FOLDER         where the tasks' data lies, where it is not beside them
  --against MODEL       another model, compared on the same items
  --judge MODEL         judges tasks of kind "preference", in both orders
  --limit N             at most N items of each task, spread evenly
  --trained-on PATH     training documents that no item may stand in: a run's folder, or a data file (repeatable)
  --out FOLDER          where answers and report are written (default: exam-results)
  --concurrency N       questions asked at the same time (default 16)
  --threads N           threads of a matrix product (default 2)
  --json                the result as JSON on standard output

Answers are written down as they come: the same command goes on where it was stopped.
Writes exam.json and exam.html, which opens without a server.
Exit codes: 0 finished, 1 failed, 2 wrong usage, 130 interrupted.`,

  model: `dotline model: the models that a server has

Usage:
  dotline model add FOLDER [--name NAME]         a model in Hugging Face's layout, an embedding model in
                                                 model2vec's, or a finished run
  dotline model add FILE.gguf [--lora FILE[=S]]  any GGUF file, served by llama.cpp
  dotline model llama-cpp install [--gpu cuda|vulkan]
                                                 fetch llama.cpp's binaries (120 MB; with a GPU's 600 MB)
  dotline model add --url URL --upstream-model M another server's model, in OpenAI's format
  dotline model export [FOLDER] FILE.gguf --gguf f32|f16|q8_0
                                                 for llama.cpp and all that is built on it
  dotline model list | show NAME | remove NAME | default NAME
  dotline model alias NAME MODEL                 another name for a model
  dotline model alias NAME MODEL --canary OTHER --share 0.1
                                                 OTHER on trial, with a tenth of the requests
  dotline model alias NAME --back                as it was before; --remove takes the name away

Options:
  --data FOLDER          where what is yours lies (default: the variable DOTLINE_DATA,
                         else ~/.local/share/dotline)
  --name NAME            the name that clients use (default: the folder's, the upstream's)
  --link                 leave the folder where it is, instead of copying it
  --price C:IN:KEPT:OUT  currency and price of a million tokens, such as EUR:0.1:0.05:0.4
  --licence TEXT         default: what the model's card says
  --url URL              an address up to and with /v1 (repeatable: several servers of one model)
  --upstream-model M     the name that those servers know the model by
  --private              they stand on this machine or in your network
  --key-variable NAME    the environment variable that holds their key; or
  --key-file FILE        the file that holds it
  --capabilities LIST    what they can do, such as chat,completions,tools,json,logprobs
  --context-length N     their window in tokens
  --extended-sampling    they take top_k, min_p and repetition_penalty
  --canary MODEL         a model on trial
  --share S              its share of an alias's requests, 0 to 1
  --back                 the alias as it was before its latest change
  --gguf FORMAT          f32 is what our own engine computes with; f16 and q8_0 are smaller and round
  --remove               the alias alone, not its model
  --json                 the list as JSON

A running server takes changes up within moments; who is being answered is answered to the end.
Exit codes: 0 done, 1 failed, 2 wrong usage.`,

  manifest: `dotline manifest: show what a model learned from, and verify it

Usage:
  dotline manifest show FOLDER [--json]
  dotline manifest verify FOLDER [--data DIR] [--base DIR] [--json]

FOLDER is a model's folder, a prepared data folder, or a run.

Options:
  --data DIR      where the token files lie (repeatable; default: beside the manifest, or the run's data folder)
  --base DIR      where the relative paths of the run's configuration start (default: where they did when it was made)
  --json          the manifest, or the result of the verification, as JSON

verify recomputes the hash of the manifest, of its list of documents and of every token file, and adds up the documents.
For a run it also reads the raw documents again, as far as they are here, and compares the hash of each.
Exit codes: 0 it holds, 1 it does not, 2 wrong usage.`,

  tokenizer: `dotline tokenizer: train a tokenizer, encode, decode

Usage:
  dotline tokenizer train --data FILE --vocab-size 8000 --out tokenizer.json
  dotline tokenizer encode [--tokenizer PLACE] [TEXT]
  dotline tokenizer decode [--tokenizer PLACE] [ID ...]
  dotline tokenizer info   [--tokenizer PLACE]

Options:
  --tokenizer PLACE   a tokenizer.json, or a model's folder (default: the starter model's)
  --data FILE         text or JSONL, plain or gzip (train; repeatable)
  --vocab-size N      number of tokens, the 256 bytes and 7 special tokens included (train)
  --characters        one token for each character instead of learnt merges (train)
  --out FILE          where the tokenizer is written (train)
  --special           write special tokens such as <|im_end|> as what they are (encode, decode)
  --json              JSON on standard output

encode takes TEXT or standard input; decode takes IDs or standard input, separated by spaces.
Exit codes: 0 done, 1 failed, 2 wrong usage.`,

  config: `dotline config: what a server would be started with

Usage:
  dotline config --explain [--json] [options of dotline serve]

Options:
  --explain           each setting: its value, where that comes from, what it does, and what it takes
  --config FILE       settings as JSON (default: the variable DOTLINE_CONFIG, else dotline.json in the data folder)
  --json              one JSON object: the file, and the settings with their flags and variables

A setting such as spans.endpoint is --spans-endpoint on the command line, DOTLINE_SPANS_ENDPOINT in the environment,
and {"spans": {"endpoint": "..."}} in the file, whose relative paths start at its folder. Secrets stand in neither: the
file names where they are found ("databaseUrlFile", "databaseUrlVariable"), as DOTLINE_DATABASE_URL_FILE does.
Exit codes: 0 it can be used, 2 it cannot.`,

  doctor: `dotline doctor: look at machine and models, and say what to do

Usage:
  dotline doctor [--model FOLDER] [--data FOLDER] [--port 8787] [--json]

Options:
  --model FOLDER      look at this model (default: the models that dotline model added, and the starter model)
  --data FOLDER       where what is yours lies (default: the variable DOTLINE_DATA, else ~/.local/share/dotline)
  --port N            the port to try (default: the variable PORT, else 8787)
  --json              one JSON object: ok, and the findings with their remedies

It looks at processor, memory, Node, ONNX Runtime, models, the port, the disk, the page and limits, and changes nothing.
✓ is well, ! is worth knowing, ✗ is broken; → is the remedy.
Exit codes: 0 nothing is broken, 1 something is, 2 wrong usage.`,
}
