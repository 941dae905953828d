"""Measure mojibake repair: damage mended, clean text left alone, and the time of the clean path.

Run: NABA_SHARED=<corpora folder> python -m benchmarks.mojibake [--texts 20000]. ftfy, where it is
installed, mends the same damage for comparison.
"""

import argparse
import importlib.util
import json
import lzma
import os
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from transforms.charset import decode
from transforms.mojibake import repair_mojibake


def _as_cp1252(raw: bytes) -> str:
    """Return `raw` read as WHATWG windows-1252: bytes without a character become C1 controls."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in raw)


def _twice(text: str) -> str:
    return _as_cp1252(_as_cp1252(text.encode()).encode())


DAMAGE: dict[str, Callable[[str], str]] = {
    "cp1256 as latin-1": lambda text: text.encode("cp1256").decode("latin-1"),
    "cp1256 as cp1252": lambda text: _as_cp1252(text.encode("cp1256")),
    "utf-8 as cp1256": lambda text: text.encode().decode("cp1256"),
    "utf-8 as latin-1": lambda text: text.encode().decode("latin-1"),
    "utf-8 as cp1252": lambda text: _as_cp1252(text.encode()),
    "utf-8 as cp1252, twice": _twice,
}


def articles(corpus: str) -> Iterator[dict[str, str]]:
    """Yield the articles of a corpus."""
    path = Path(os.environ["NABA_SHARED"]) / "raw" / corpus / "articles.jsonl.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def clean_texts(texts: int) -> list[str]:
    """Return titles and paragraphs of ant_wires and arwiki, neither of which the table knows."""
    found: list[str] = []
    for corpus in ("ant_wires", "arwiki"):
        paragraphs = (
            line
            for article in articles(corpus)
            for field in ("title", "text")
            for line in article.get(field, "").split("\n")
            if line
        )
        found += islice(paragraphs, texts)
    return found


def headlines(texts: int) -> list[str]:
    """Return headlines that Windows-1256 can hold, so that the damage can be undone at all."""
    titles = (article["title"] for article in articles("ant_wires"))
    return [
        title
        for title in islice(titles, texts)
        if title and title == title.encode("cp1256", "ignore").decode("cp1256")
    ]


def peer_repair() -> Callable[[str], str] | None:
    """Return ftfy's repair of encodings alone, or None where ftfy is not installed."""
    if importlib.util.find_spec("ftfy") is None:
        return None
    return importlib.import_module("ftfy").fix_encoding


def report_recall(titles: list[str]) -> None:
    """Print how many damaged headlines come back exactly."""
    peer = peer_repair()
    for name, damage in DAMAGE.items():
        damaged = [(title, damage(title)) for title in titles]
        mended = sum(repair_mojibake(text)[0] == title for title, text in damaged)
        line = f"recall {name:24} {mended}/{len(damaged)} = {mended / len(damaged):.4f}"
        if peer:
            sample = damaged[:2000]
            share = sum(peer(text) == title for title, text in sample) / len(sample)
            line += f"   ftfy {share:.4f}"
        print(line)


def report_bytes(titles: list[str]) -> None:
    """Print how many headlines decode from undeclared or misdeclared bytes."""
    for actual in ("cp1256", "iso8859-6", "utf-8"):
        encodable = [t for t in titles if t == t.encode(actual, "ignore").decode(actual)]
        for header in ("", "text/xml; charset=utf-8", "charset=windows-1256", "charset=latin1"):
            right = sum(
                decode(title.encode(actual), content_type=header).text == title
                for title in encodable
            )
            share = right / len(encodable)
            print(f"decode {actual:9} header {header or 'none':24} {share:.4f}")


def report_clean(texts: list[str]) -> None:
    """Print false repairs on clean text, and the time per KB of UTF-8 against str.translate."""
    started = time.perf_counter()
    touched = [text for text in texts if repair_mojibake(text) != (text, "")]
    spent = time.perf_counter() - started
    table = {0: None}
    started = time.perf_counter()
    for text in texts:
        text.translate(table)
    baseline = time.perf_counter() - started
    kilobytes = sum(len(text.encode()) for text in texts) / 1024
    print(f"false repairs {len(touched)}/{len(texts)} clean texts")
    print(f"clean path {spent / kilobytes * 1e6:.2f} us/KB, {baseline / spent:.1f} times as fast "
          f"as one str.translate ({baseline / kilobytes * 1e6:.2f} us/KB)")
    print(f"({kilobytes / len(texts):.2f} KB per text, so the call itself is in it)")
    for text in touched[:10]:
        print("  ", repr(text[:120]), repair_mojibake(text)[1])


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=20_000, help="texts per corpus")
    options = parser.parse_args()
    report_clean(clean_texts(options.texts))
    titles = headlines(options.texts)
    report_recall(titles)
    report_bytes(titles[:3000])


if __name__ == "__main__":
    main()
