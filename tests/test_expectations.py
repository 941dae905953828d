import os
import sys
from pathlib import Path

import pytest

from benchmarks import feedparser_conformance
from benchmarks.expectations import NotClaimedError, is_true

SEEN = {
    "bozo": False, "feed": {"title": "خبر"},
    "entries": [{"id": "g", "content": [{"value": "x"}], "published_parsed": (2004, 1, 1)}],
}


@pytest.mark.parametrize(("expression", "truth"), [
    ("not bozo and feed['title'] == 'خبر'", True), ("bozo", False), ("feed.title == 'x'", False),
    ("entries[0]['guid'] == 'g'", True), ("entries[0].content[0]['value'] == 'x'", True),
    ("entries[0]['published_parsed'] == (2004, 1, 1)", True), ("len(entries) == 1", True),
    ("not entries[0].has_key('link')", True), ("entries[0]['link'] == ''", False),
    ("entries[1]['link'] == ''", False), ("bozo or len(entries) != 2", True),
])
def test_is_true_evaluates_what_is_claimed(expression: str, truth: bool) -> None:
    assert is_true(expression, SEEN) is truth


@pytest.mark.parametrize("expression", [
    "encoding == 'utf-8'", "bozo and feed['ttl'] == '60'", "__import__('os').getcwd()",
    "feed.__class__", "[x for x in entries]", "len.__self__", "entries[0]['id'].upper()",
    "lambda: 0", "not python", "exec('1')",
])
def test_is_true_evaluates_nothing_else(expression: str) -> None:
    with pytest.raises(NotClaimedError):
        is_true(expression, SEEN)


@pytest.mark.skipif("NABA_SHARED" not in os.environ, reason="NABA_SHARED names no corpora folder")
def test_feedparsers_suite_holds_for_what_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    suite = Path(os.environ["NABA_SHARED"]) / "conformance/feedparser/tests"
    monkeypatch.setattr(sys, "argv", ["feedparser_conformance", str(suite), "--min", "0.99"])
    assert feedparser_conformance.main() == 0
