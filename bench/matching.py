"""Lists of known things, beside PyMISPWarningLists in its two modes, on the same values.

    PEER_PYTHON=.../python python bench/matching.py

Everything runs one after the other in processes of its own and is charged CPU time. The
complete mode of the peer answers a few thousand values, its fast mode and ours more. The
benchmark fails when an answer differs from the complete mode's, or a goal is missed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import _warninglists

LISTS = Path(__file__).parents[2] / "shared" / "data" / "fusion" / "warninglists"
SLOW, FAST, OURS = 3_000, 200_000, 1_000_000

WORKER = """
import json, sys, time
sys.path.insert(0, {bench!r})
from pathlib import Path
import _warninglists
from kaname.intelligence.lists import Lists

def mib(name):
    status = Path("/proc/self/status").read_text()
    return int(status.partition(name + ":")[2].split()[0]) / 1024

folder, count = Path({folder!r}), {count}
asked = _warninglists.values(_warninglists.documents(folder), count)
Lists.load(())
before = mib("VmRSS")
began = time.process_time()
lists = Lists.load(folder.glob("*.json.xz"))
load = time.process_time() - began
grown = mib("VmRSS") - before
began = time.process_time()
answers = lists.match_many(None, asked)
spent = time.process_time() - began
first = [sorted(m.name for m in one if not m.list.startswith("well-known"))
         for one in answers[:{shown}]]
print(json.dumps({{"load": load, "rate": count / spent, "mib": grown, "answers": first,
                  "core_mib": lists.bytes / 2**20, "entries": lists.entries,
                  "met": sum(map(bool, answers)) / count}}))
"""


def worker(argv: list[str]) -> dict[str, Any]:
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def peer(count: int, mode: str) -> dict[str, Any] | None:
    python = os.environ.get("PEER_PYTHON")
    if python is None:
        return None
    return worker([python, _warninglists.__file__, str(LISTS), str(count), mode])


def notice() -> dict[str, float]:
    """Seconds from writing an observation's watchable part to the notice on the bus."""
    from _watching import latency

    return latency()


def main() -> int:
    code = WORKER.format(
        bench=str(Path(__file__).parent), folder=str(LISTS), count=OURS, shown=SLOW
    )
    ours = worker([sys.executable, "-c", code])
    slow, fast = peer(SLOW, "slow"), peer(FAST, "fast")
    answers = ours.pop("answers")
    document: dict[str, Any] = {
        "kaname": ours,
        "at": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime()),
    }
    met = ours["rate"] >= 1_000_000 and ours["load"] < 3 and ours["mib"] <= 200
    for name, found in (("slow", slow), ("fast", fast)):
        if found is None:
            continue
        theirs = found.pop("answers")
        wrong = sum(a != b for a, b in zip(answers, theirs, strict=False))
        document[f"pymispwarninglists_{name}"] = found | {
            "answers_that_differ": wrong,
            "compared": min(len(answers), len(theirs)),
        }
        document[f"ratio_{name}"] = ours["rate"] / found["rate"]
        met &= name != "slow" or wrong == 0
    document["notice"] = notice()
    print(json.dumps(document))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
