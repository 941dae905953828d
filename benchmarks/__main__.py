"""Run every benchmark on the corpora that NABA_SHARED names: `make bench`."""

import os
import subprocess
import sys
from pathlib import Path

CORPORA = {
    "benchmarks.feedparser_conformance": ["conformance/feedparser/tests"],
    "benchmarks.feeds": [],
    "benchmarks.mojibake": [],
    "benchmarks.telegram": [],
    "benchmarks.normalise": [],
    "benchmarks.dedup": ["dedup/dev_10000.jsonl.xz", "--orders", "5"],
    "benchmarks.dedup_peers": ["dedup/dev_10000.jsonl.xz"],
    "benchmarks.dedup_scale": [],
    "benchmarks.dedup_history": [],
    "benchmarks.stream_state": [],
    "benchmarks.events": ["raw/ant_wires/articles.jsonl.xz"],
    "benchmarks.arabic_layer": ["raw/ant_wires/articles.jsonl.xz"],
    "benchmarks.dates": ["raw/ant_wires/articles.jsonl.xz"],
    "benchmarks.recognizers_conformance": ["conformance/recognizers_arabic"],
    "benchmarks.recognise": ["--stories", "500", "--data", "raw/ant_wires/articles.jsonl.xz"],
    "benchmarks.names": ["ner/anercorp/ANERCorp_CamelLab_train.txt", "--last", "0.1"],
    "benchmarks.places": [],
    "benchmarks.follow": [],
    "benchmarks.compact": ["--rounds", "240"],
    "benchmarks.stream_latency": [],
    "benchmarks.soak": [],
    "benchmarks.capacity": [],
    "benchmarks.replay": ["raw/ant_wires/articles.jsonl.xz"],
}


def main() -> int:
    """Run the benchmarks one after the other; return how many failed."""
    shared = os.environ.get("NABA_SHARED")
    if not shared:
        print("set NABA_SHARED to the folder of corpora that docs/benchmarks.md describes")
        return 1
    failed = 0
    for module, arguments in CORPORA.items():
        paths = [str(Path(shared, word)) if "/" in word else word for word in arguments]
        print(f"\n== python -m {' '.join([module, *arguments])}", flush=True)
        status = subprocess.run([sys.executable, "-m", module, *paths], check=False).returncode
        failed += status != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
