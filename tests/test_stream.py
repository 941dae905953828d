"""The stream from end to end, on Prism: feeds and files in, slots out, killed and begun again."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.options import Options
from pipeline.stream import stream_clock
from tests.builders import TEXT
from tests.lake import check_laws, rows
from tests.loopback import Reply, serve
from tests.tiny_model import WORDS, write_tiny_model

PRISM = shutil.which("prism") or str(Path(__file__).parents[1] / ".cache" / "prism")
PATIENCE_S = 120.0

_needs_prism = pytest.mark.skipif(
    not Path(PRISM).is_file(), reason="no Prism here: make prism builds it, which needs Go"
)
NOW = datetime(2024, 11, 10, 12, 0, 20, tzinfo=timezone.utc)


def test_the_slots_of_a_stream_lie_after_all_that_was_committed() -> None:
    options = Options(every=60, lateness=300)
    fresh = stream_clock(NOW, [], options)
    assert datetime.fromtimestamp(fresh.floor_s, timezone.utc) == NOW - timedelta(seconds=260)
    again = stream_clock(NOW, ["20241110T110000Z", "20241110T115930Z"], options)
    assert datetime.fromtimestamp(again.floor_s, timezone.utc) == NOW - timedelta(seconds=20)


class _Newsroom:
    """Two agencies that tell the same news, the second one some minutes after the first."""

    def __init__(self, now: datetime) -> None:
        rng = random.Random(11)
        words = [f"كلمة{n}" for n in range(300)]
        self._texts = [" ".join(rng.choices(words, k=50) + rng.choices(WORDS, k=9))
                       for _ in range(12)]
        self._now = now

    def feed(self, agency: str, *numbers: int) -> bytes:
        delay = timedelta(minutes=agency == "sana")
        items = "".join(
            f"<item><guid>{agency}-{n}</guid><title>خبر {n}</title>"
            f"<description>{self._texts[n]} {agency}</description><pubDate>"
            f"{format_datetime(self._now - timedelta(hours=12 - n) + delay)}</pubDate></item>"
            for n in numbers
        )
        return (f'<?xml version="1.0"?><rss version="2.0"><channel>{items}'
                "<item><guid>empty</guid></item></channel></rss>").encode()


@contextmanager
def _following(inputs: list[str], output: Path, model: Path) -> Iterator["subprocess.Popen[str]"]:
    with (output.parent / "stream.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "run", *inputs, "--output", str(output),
             "--model", str(model), "--allow-loopback", "--follow", "--every", "2",
             "--lateness", "12", "--runner=PrismRunner", "--", f"--prism_location={PRISM}"],
            stdout=log, stderr=log, text=True, start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _until(output: Path, query: str, expected: int) -> None:
    """Wait until `query` over what is committed counts so many."""
    until_s = time.monotonic() + PATIENCE_S
    found = None
    while time.monotonic() < until_s:
        if (output / "stories").is_dir() and (output / "runs").is_dir():
            ((found,),) = rows(output, query)
            if found == expected:
                return
        time.sleep(0.5)
    log = (output.parent / "stream.log").read_text()
    raise TimeoutError(f"{query}: {found}, not {expected}\n{log[-4000:]}")


KEPT = "select sum(c.stories + c.duplicates) from (select unnest(counts) as c from @runs)"
OUTCOMES = """
    select source_id, item_id, text_sha256, 'story', null from @stories union all
    select d.source_id, d.item_id, d.text_sha256, d.relation, s.item_id
    from @duplicates d join @stories s using (story_id) order by all
"""
STORIES = """
    select story_id, revision, title, text, published_at, language, replaces, replaces_as, status
    from @stories order by all
"""
MENTIONS = "select * exclude (run_id, ingest_date) from @mentions order by all"


@_needs_prism
def test_a_stream_that_is_killed_and_begun_again_gives_the_tables_of_a_run(
    tmp_path: Path
) -> None:
    newsroom = _Newsroom(datetime.now(timezone.utc))
    model = write_tiny_model(tmp_path / "model")
    output, folder = tmp_path / "tables", tmp_path / "wires"
    folder.mkdir()
    (folder / "story.txt").write_text(TEXT)
    with serve() as server:
        aa, sana = f"{server.url}/aa", f"{server.url}/sana"
        inputs = [aa, sana, str(folder)]
        def serve_feed(agency: str, *numbers: int) -> None:
            body = newsroom.feed(agency, *numbers)
            server.routes[f"/{agency}"] = lambda _: Reply(body)

        serve_feed("aa", *range(6))
        serve_feed("sana")
        with _following(inputs, output, model) as process:
            _until(output, KEPT, 6 + 1)
            serve_feed("aa", *range(9))
            serve_feed("sana", 2, 3)
            _until(output, KEPT, 9 + 1 + 2)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        serve_feed("aa", *range(3, 11))
        serve_feed("sana", 3, 5, 7, 11)
        (folder / "later.txt").write_text(" ".join(reversed(TEXT.split())))
        with _following(inputs, output, model) as process:
            _until(output, KEPT, 11 + 2 + 5)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
        check_laws(output)
        serve_feed("aa", *range(11))
        serve_feed("sana", 2, 3, 5, 7, 11)
        once = tmp_path / "once"
        assert main(["run", *inputs, "--output", str(once), "--model", str(model),
                     "--allow-loopback"]) == 0
    assert rows(output, "select count(*) from @duplicates") == [(4,)]
    for query in (OUTCOMES, STORIES, MENTIONS):
        assert rows(output, query) == rows(once, query)


def test_only_a_runner_that_streams_takes_a_stream(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(tmp_path), "--output", str(tmp_path / "tables"), "--follow",
                 "--runner", "BundleBasedDirectRunner"]) == 2
    assert "BundleBasedDirectRunner" in capsys.readouterr().err
