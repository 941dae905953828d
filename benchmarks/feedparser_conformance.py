"""Run feedparser's own test suite against what Naba reads of a feed.

    python -m benchmarks.feedparser_conformance DIR [--min 0.95] [--show-failures]

DIR is the tests/ folder of https://github.com/kurtmckee/feedparser. Each file states in a comment
what must be true of it, as a Python expression; the expression is evaluated, without eval, over
the fields of FIELDS. An expression that mentions any other field is not claimed. Files that ask
for something Naba does not want are in feedparser_conformance.toml, with the reason.

Whatever it expects, every file must pass through `read` without an exception, in a second, with
every item ending as an item or a reject and all text valid Unicode.
"""

import argparse
import io
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

from benchmarks.expectations import NotClaimedError, is_true
from schemas.records import RawItem, Reject, SourceSpec
from transforms.charset import decode
from transforms.feed_dates import parse_feed_date
from transforms.sources import Document
from transforms.sources.feed_item import FaultyItem, FeedItem, NotAFeedError
from transforms.sources.feed_outline import ItemXml, NotWellFormedError
from transforms.sources.feed_prolog import UnsafeXmlError
from transforms.sources.feeds import read
from transforms.sources.xml_feed import XmlFeed, cut_xml_feed, read_entry

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SERVER = "http://127.0.0.1:8097/"
"""Where feedparser's tests are served from: the base of relative links."""

READ_S_MAX = 1.0
SKIPS = Path(__file__).with_suffix(".toml")

_EXPECT = re.compile(r"^\s*(?:\"__TEST__\".*?)?Expect:\s*(.+?)\s*(?:-->.*)?$", re.MULTILINE)
_HEADER = re.compile(r"^\s*Header:\s*([\w-]+):\s*(.*?)\s*$", re.MULTILINE)
_PUBLISHED = ("pubDate", "published", "issued", "dcterms:issued")
_UPDATED = ("updated", "modified", "dc:date", "dcterms:modified")


class Case(NamedTuple):
    """One file of the suite."""

    name: str
    raw: bytes
    expect: str
    headers: dict[str, str]

    def document(self) -> Document:
        """Return the file as a source gets it."""
        own = f"{SERVER}tests/{self.name}"
        origin = urljoin(own, self.headers.get("content-location", ""))
        origin = origin if origin.startswith("http") else own
        spec = SourceSpec("conformance", origin)
        return Document(spec, origin, io.BytesIO(self.raw), self.headers.get("content-type", ""))


def load(folder: Path) -> Iterator[Case]:
    """Yield every test file under `folder`."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".xml", ".json"):
            continue
        raw = path.read_bytes()
        text = raw.replace(b"\0", b"").decode("latin-1")
        expect = _EXPECT.search(text)
        headers = {name.lower(): value for name, value in _HEADER.findall(text)}
        name = path.relative_to(folder).as_posix()
        yield Case(name, raw, expect.group(1) if expect else "", headers)


def view(case: Case) -> dict[str, Any]:
    """Return what Naba reads of a file, under feedparser's names."""
    document = case.document()
    decoded = decode(case.raw, content_type=document.content_type)
    cut = cut_xml_feed(decoded.text, document.origin)
    channel = cut.channel().get("feed", {})
    return {
        "bozo": bool(cut.repairs or decoded.repairs),
        "feed": {name: channel[name] for name in ("title", "link", "language") if name in channel},
        "entries": list(_entries(cut)),
    }


def _entries(cut: XmlFeed) -> Iterator[dict[str, Any]]:
    for item, entry in cut.entries():
        if not isinstance(entry, FaultyItem):
            yield _entry(item, entry, read_entry(entry, item, ""))


def _entry(item: ItemXml, entry: Mapping[str, Any], read_item: FeedItem) -> dict[str, Any]:
    """Return an item: its body as the parts it is chosen from, the rest as Naba keeps it."""
    fields: dict[str, Any] = {
        "title": read_item.title, "link": read_item.link, "id": read_item.guid,
        "author": read_item.author, "language": read_item.language,
        "published_parsed": _first_date(item, _PUBLISHED),
        "updated_parsed": _first_date(item, _UPDATED),
    }
    kept = ("summary", "content", "title_detail", "summary_detail")
    fields |= {name: entry[name] for name in kept if name in entry}
    return {name: value for name, value in fields.items() if value}


def _first_date(item: ItemXml, names: tuple[str, ...]) -> tuple[int, ...] | None:
    """Return the moment as feedparser writes it: a time tuple in UTC."""
    for name, text in reversed(item.texts):
        found = parse_feed_date(text) if name in names else None
        if found is not None:
            return (*found.moment.timetuple()[:8], 0)
    return None


def broken_invariant(case: Case) -> str:
    """Return which promise `read` breaks on a file, "" if none."""
    started_s = time.perf_counter()
    outcomes = list(read(case.document()))
    took_s = time.perf_counter() - started_s
    if took_s > READ_S_MAX:
        return f"took {took_s:.1f} s"
    if not all(isinstance(outcome, (RawItem, Reject)) for outcome in outcomes):
        return "an outcome is neither an item nor a reject"
    texts = [value for outcome in outcomes for value in outcome if isinstance(value, str)]
    if any("\0" in text or re.search("[\ud800-\udfff]", text) for text in texts):
        return "NUL or a lone surrogate"
    items_read = sum(outcome.position.startswith("item ") for outcome in outcomes)
    items_there = _items_there(case)
    return "" if items_read >= items_there else f"{items_there} items, {items_read} outcomes"


def _items_there(case: Case) -> int:
    """Return how many items the bytes of a file hold, by their end tags."""
    text = re.sub(r"(?s)<!\[CDATA\[.*?\]\]>|<!--.*?-->", "", case.raw.decode("latin-1"))
    return len(re.findall(r"</(?:item|entry)>", text)) if "</html" not in text.lower() else 0


def outcome(case: Case, skips: list[dict[str, Any]]) -> tuple[str, str]:
    """Return "pass", "fail", "skip" or "unclaimed", and why."""
    reason = next((s["reason"] for s in skips for p in s["files"] if fnmatch(case.name, p)), "")
    if reason:
        return "skip", reason
    if not case.expect or case.name.endswith(".json"):
        return "unclaimed", "no expression over a feed in XML"
    try:
        seen = view(case)
    except (NotAFeedError, UnsafeXmlError, NotWellFormedError) as error:
        seen = {"bozo": True, "feed": {}, "entries": [], "error": str(error)}
    try:
        return ("pass" if is_true(case.expect, seen) else "fail"), str(seen)
    except NotClaimedError as error:
        return "unclaimed", str(error)


def main() -> int:
    """Print the score of each folder; return 1 below --min or if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--min", type=float, default=0.0, help="the least score of wellformed/")
    parser.add_argument("--show-failures", action="store_true")
    arguments = parser.parse_args()
    skips = tomllib.loads(SKIPS.read_text(encoding="utf-8"))["skip"]
    scores: defaultdict[str, Counter[str]] = defaultdict(Counter)
    broken = []
    for case in load(arguments.folder):
        result, why = outcome(case, skips)
        for group in ("/".join(case.name.split("/")[:-1]), case.name.split("/")[0] + " (all)"):
            scores[group][result] += 1
        if result == "fail" and arguments.show_failures:
            print(f"{case.name}\n  {case.expect}\n  {why[:600]}")
        if problem := broken_invariant(case):
            broken.append(f"{case.name}: {problem}")
    print(f"{'folder':28}{'files':>7}{'pass':>7}{'fail':>7}{'skip':>7}{'unclaimed':>11}  score")
    for group, counts in sorted(scores.items()):
        numbers = "".join(f"{counts[r]:>{w}}" for r, w in
                          (("pass", 7), ("fail", 7), ("skip", 7), ("unclaimed", 11)))
        print(f"{group:28}{counts.total():>7}{numbers}  {_score(counts)}")
    print(*broken, f"{len(broken)} broken promises", sep="\n")
    claimed = scores["wellformed (all)"]
    reached = claimed["pass"] / max(1, claimed["pass"] + claimed["fail"])
    return int(bool(broken) or reached < arguments.min)


def _score(counts: Counter[str]) -> str:
    claimed = counts["pass"] + counts["fail"]
    return f"{counts['pass'] / claimed:.3f}" if claimed else "-"


if __name__ == "__main__":
    sys.exit(main())
