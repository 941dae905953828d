"""Measure how fast, and in how much memory, Telegram exports are read, beside ijson and json.

    python -m benchmarks.telegram --mib 1024

Every figure is CPU time of a process of its own; the best of `--rounds` counts. `items` is the
whole source, from bytes to RawItems; `messages` stops where ijson does, at one dict a message.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import ijson

from schemas.records import SourceSpec
from transforms.sources import Document
from transforms.sources.json_elements import elements
from transforms.sources.json_window import ByteWindow
from transforms.sources.telegram import SOURCE
from transforms.sources.telegram_layout import GRAMMAR

MIB = 1 << 20
BLOCK_MESSAGES = 4000
WORDS = (
    "قال أعلن أكد مسؤول وزير الخارجية الدفاع العراقي السوري اليوم الأحد في بغداد دمشق القاهرة "
    "بيروت مقتل إصابة جرحى هجوم غارة القوات الحكومة المتحدث باسم إن على من إلى بعد قبل خلال "
    "المدينة المحافظة مصادر أمنية طبية رويترز وكالة الأنباء الرسمية نقلا عن 2024 15 و"
)


def messages(choice: random.Random, defective: float) -> Iterator[dict[str, object]]:
    """Yield messages of a news channel as Telegram Desktop has exported them since 2024."""
    words = WORDS.split()
    for number in range(1, BLOCK_MESSAGES + 1):
        if number % 50 == 0:
            yield {"id": number, "type": "service", "date": "2024-11-10T12:00:00",
                   "date_unixtime": "1731240000", "actor": "قناة", "actor_id": "channel1001",
                   "action": "pin_message", "message_id": number - 1, "text": "",
                   "text_entities": []}
            continue
        body = " ".join(choice.choices(words, k=choice.randint(12, 90)))
        if choice.random() < defective:
            body += "\x0b"
        parts: list[object] = [body]
        if choice.random() < 0.6:
            tag = {"type": "hashtag", "text": f"#{choice.choice(words)}"}
            link = {"type": "text_link", "text": "التفاصيل", "href": f"https://example.org/{number}"}
            parts = [{"type": "bold", "text": "عاجل"}, f" {body}\n\n", tag, " ", link, ""]
        entities = [
            {"type": "plain", "text": part} if isinstance(part, str) else part
            for part in parts if part
        ]
        text = body if len(parts) == 1 else parts
        photo = {"photo": f"photos/photo_{number}@10-11-2024_12-00-00.jpg",
                 "photo_file_size": 104_321, "width": 1280, "height": 853}
        reactions = [{"type": "emoji", "count": choice.randint(1, 999), "emoji": emoji}
                     for emoji in "👍❤😢"[: choice.randint(0, 3)]]
        yield {
            "id": number, "type": "message", "date": "2024-11-10T12:00:00",
            "date_unixtime": str(1_731_240_000 + number), "from": "وكالة الأنباء",
            "from_id": "channel1001", **(photo if number % 2 else {}), "text": text,
            "text_entities": entities, **({"reactions": reactions} if reactions else {}),
        }


def write_export(path: Path, size_mib: int, defective: float) -> None:
    """Write an export of `size_mib`, in which a share of the messages has a \\xNN escape."""
    block = json.dumps(list(messages(random.Random(1), defective)), ensure_ascii=False, indent=1)
    lines = block[1:-2].replace("\n", "\n ").replace("\\u000b", "\\x0B").encode()
    with path.open("wb") as file:
        file.write('{\n "name": "قناة",\n "type": "public_channel",\n "id": 1001,'.encode())
        file.write(b'\n "messages": [')
        file.write(lines)
        for _ in range(size_mib * MIB // len(lines)):
            file.write(b"," + lines)
        file.write(b"\n ]\n}\n")


def _items(file: BinaryIO) -> Iterable[object]:
    return SOURCE.read(Document(SourceSpec("wire", "result.json"), "result.json", file))


def _messages(file: BinaryIO) -> Iterable[object]:
    window = ByteWindow(file)
    window.hold(1024)
    window.index = window.data.index(b"[")
    return elements(window, GRAMMAR)


def _ijson(file: BinaryIO) -> Iterable[object]:
    return ijson.items(file, "messages.item")


def _json(file: BinaryIO) -> Iterable[object]:
    return json.load(file)["messages"]


READERS = {"items": _items, "messages": _messages, "ijson": _ijson, "json.load": _json}


def measure(reader: str, path: Path) -> None:
    """Read `path` in this process and print seconds, peak memory, memory before, and count."""
    before_kib = peak_kib()
    begin = time.process_time()
    with path.open("rb") as file:
        count = sum(1 for _ in READERS[reader](file))
    seconds = time.process_time() - begin
    print(json.dumps([seconds, peak_kib(), before_kib, count]))


def peak_kib() -> int:
    """Return the peak resident memory of this process.

    Linux passes the ru_maxrss of a parent on to its children, so VmHWM is read where it is.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1])


def measured(reader: str, path: Path) -> list[float]:
    """Return what `measure` prints in a fresh process; nothing if the reader fails."""
    command = [sys.executable, "-m", "benchmarks.telegram", "--measure", reader, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else []


def report(name: str, path: Path, readers: Iterable[str], rounds: int) -> None:
    """Print the speed and memory of each reader on one file."""
    size_mib = path.stat().st_size / MIB
    runs = [(reader, measured(reader, path)) for _ in range(rounds) for reader in readers]
    print(f"\n{name}, {size_mib:.0f} MiB")
    speeds: dict[str, float] = {}
    for reader in readers:
        results = [result for ran, result in runs if ran == reader and result]
        if not results:
            print(f"  {reader:10} cannot read it")
            continue
        seconds, peak, before, count = min(results)
        speeds[reader] = size_mib / seconds
        print(f"  {reader:10} {speeds[reader]:6.0f} MiB/CPU-s  peak {peak / 1024:5.0f} MiB "
              f"({before / 1024:.0f} before reading)  {count:.0f} read")
    for reader in ("items", "messages"):
        for baseline in ("ijson", "json.load"):
            if reader in speeds and baseline in speeds:
                print(f"  {reader} / {baseline}: {speeds[reader] / speeds[baseline]:.2f}")


def main() -> None:
    """Write the exports, read them with each reader and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mib", type=int, default=256, help="size of the exports")
    parser.add_argument("--json-mib", type=int, default=64, help="size of the one for json.load")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", nargs=2, metavar=("READER", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure[0], Path(options.measure[1]))
        return
    print(f"ijson {ijson.__version__}, backend {ijson.backend}")
    streaming = ("items", "messages", "ijson")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        for name, size_mib, defective, readers in (
            ("sound", options.json_mib, 0.0, (*streaming, "json.load")),
            ("sound", options.mib, 0.0, streaming),
            (r"5% of messages with \xNN", options.mib, 0.05, streaming),
            (r"all messages with \xNN", options.json_mib, 1.0, streaming),
        ):
            write_export(path, size_mib, defective)
            report(name, path, readers, options.rounds)


if __name__ == "__main__":
    main()
