"""The Python side of peer-process.ts: commands come as JSON lines, replies go back the same way."""
import json
import os
import sys
import traceback


def answer(commands):
    """Answers until the input ends. `commands` maps a name to a function of the command's other fields."""
    # Libraries print what they like; only replies may reach the pipe.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            reply = {"value": commands[command.pop("do")](**command)}
        except Exception:
            reply = {"error": traceback.format_exc(limit=-3)}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def two_processors():
    """Keeps this process on two processors: a BLAS with threads of its own counts those. Call it before importing torch."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
