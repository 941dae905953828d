"""The same runs on portable runners: workers in other processes and another folder, reached over
gRPC as those of a cluster are. What a machine lacks is skipped."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apache_beam as beam
import grpc
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import (
    beam_job_api_pb2,
    beam_job_api_pb2_grpc,
    beam_runner_api_pb2,
)
from apache_beam.runners.portability.portable_runner import PortableRunner

from pipeline.build import build
from pipeline.cli import main
from pipeline.options import Options
from pipeline.plan import Plan
from tests.builders import NOON, TEXT
from tests.lake import check_laws, checksums, rows
from tests.loopback import Reply, Seen, serve
from tests.tiny_model import WORDS, write_tiny_model
from transforms.books import RunContext
from transforms.recall import history_before

JobState = beam_job_api_pb2.JobState
FIRST, LATER = "2024-11-10T06:00Z", "2024-11-10T07:00Z"
PRISM = shutil.which("prism") or str(Path(__file__).parents[1] / ".cache" / "prism")
FLINK = os.environ.get("NABA_FLINK_JOB_SERVER", "")
START_S = 60.0
KEYS = {f"beam:coder:{name}:v1" for name in ("string_utf8", "varint", "row", "kv")}

_needs_prism = pytest.mark.skipif(
    not Path(PRISM).is_file(), reason="no Prism here: make prism builds it, which needs Go"
)
_needs_flink = pytest.mark.skipif(
    not FLINK, reason="NABA_FLINK_JOB_SERVER names no jar of Beam's job server for Flink"
)


def _write_wires(folder: Path) -> Path:
    """Write three outlets that copy from each other, a cut feed and an item without text."""
    rng = random.Random(7)
    words = [f"كلمة{n}" for n in range(300)]
    stories = [" ".join(rng.choices(words, k=50) + rng.choices(WORDS, k=9)) for _ in range(12)]
    folder.mkdir(exist_ok=True)
    for outlet, first in (("aa", 0), ("sana", 4), ("nna", 2)):
        items = "".join(
            f"<item><guid>{outlet}-{n}</guid><title>خبر {n}</title>"
            f"<description>{stories[n]} {outlet}</description>"
            f"<pubDate>Sun, 10 Nov 2024 {n:02}:00:00 GMT</pubDate></item>"
            for n in range(first, first + 8)
        )
        (folder / f"{outlet}.xml").write_text(_rss(items + "<item><guid>b</guid></item>"))
    item = "<item><guid>c</guid><title>خبر عاجل</title></item>"
    (folder / "cut.xml").write_text(_rss(item * 2)[:-40])
    (folder / "story.txt").write_text(TEXT)
    return folder


def _rss(items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def wires(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write_wires(tmp_path_factory.mktemp("wires"))


@contextmanager
def _process(module: str, flag: str, folder: Path) -> Iterator[str]:
    """Start a server of Beam's on a free port and give its address; end it and its workers."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(  # the workers are of its group
            [sys.executable, "-m", module, f"--{flag}={port}"], cwd=folder, stdout=log,
            stderr=log, env={**os.environ, "PATH": path}, start_new_session=True,
        )
        try:
            _wait_for(port, process)
            yield f"localhost:{port}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until_s = time.monotonic() + START_S
    while time.monotonic() < until_s and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"{process.args} does not listen")


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A worker pool, as it stands beside the TaskManagers of a cluster."""
    folder = tmp_path_factory.mktemp("pool")
    with _process("apache_beam.runners.worker.worker_pool_main", "service_port", folder) as at:
        yield at


@pytest.fixture(scope="module")
def job_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("job server")
    module = "apache_beam.runners.portability.local_job_service_main"
    with _process(module, "port", folder) as at:
        yield at


@pytest.fixture(
    params=[
        "pool",
        pytest.param("prism", marks=_needs_prism),
        pytest.param("flink, parallelism 1", marks=_needs_flink),
        pytest.param("flink, parallelism 2", marks=_needs_flink),
    ]
)
def runner(request: pytest.FixtureRequest) -> list[str]:
    """What stands in the command for one runner."""
    name, _, parallelism = request.param.partition(", parallelism ")
    if name == "prism":
        return ["--runner=PrismRunner", "--", f"--prism_location={PRISM}"]
    pool = request.getfixturevalue("pool")
    workers = ["--environment_type=EXTERNAL", f"--environment_config={pool}"]
    if name == "flink":
        return ["--runner=FlinkRunner", "--", f"--flink_job_server_jar={FLINK}",
                f"--parallelism={parallelism}", *workers]
    job_server = request.getfixturevalue("job_server")
    return ["--runner=PortableRunner", "--", f"--job_endpoint={job_server}", *workers]


def _run(output: Path, inputs: list[Path], slot: str, model: Path, runner: list[str]) -> int:
    return main(["run", *map(str, inputs), "--output", str(output), "--run-id", slot,
                 "--model", str(model), *runner])


def _two_runs(output: Path, wires: Path, model: Path, runner: list[str]) -> list[int]:
    """Read half of the wires, and then all of them and one that is missing."""
    half = [wires / "aa.xml", wires / "cut.xml"]
    everything = [wires, wires / "missing.xml"]
    first = _run(output, half, FIRST, model, runner)
    return [first, _run(output, everything, LATER, model, runner)]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, wires: Path, model: Path) -> Path:
    output = tmp_path_factory.mktemp("local") / "tables"
    assert _two_runs(output, wires, model, []) == [0, 3]
    assert rows(output, "select count(*) > 5 from @mentions") == [(True,)]
    assert rows(output, "select count(*) > 5 from @duplicates") == [(True,)]
    return output


def test_the_graph_is_made_of_what_flink_translates_in_batch(tmp_path: Path) -> None:
    options = PipelineOptions(["--runner=PortableRunner", "--environment_type=LOOPBACK"])
    pipeline = beam.Pipeline(options=options)
    context = RunContext("20241110T060000Z", NOON, NOON, str(tmp_path), 1, (), "", "", "")
    history = history_before(str(tmp_path), context.run_id)
    build(pipeline, Plan((), ()), history, context, Options())
    parts = PortableRunner.get_proto_pipeline(pipeline, options).components

    leaves = [one for one in parts.transforms.values() if not one.subtransforms]
    assert {one.spec.urn.split(":")[2] for one in leaves} == {
        "pardo", "group_by_key", "impulse", "flatten", "combine_per_key_precombine",
        "combine_per_key_merge_accumulators", "combine_per_key_extract_outputs",
    }
    for leaf in leaves:
        if leaf.spec.urn == "beam:transform:pardo:v1":
            work = beam_runner_api_pb2.ParDoPayload.FromString(leaf.spec.payload)
            assert not [*work.state_specs, *work.timer_family_specs, *work.restriction_coder_id]
        if leaf.spec.urn == "beam:transform:group_by_key:v1":
            (grouped,) = leaf.inputs.values()
            key, _ = parts.coders[parts.pcollections[grouped].coder_id].component_coder_ids
            assert _gives_equal_keys_equal_bytes(key, parts), leaf.unique_name


def _gives_equal_keys_equal_bytes(
    coder_id: str, parts: beam_runner_api_pb2.Components
) -> bool:
    coder = parts.coders[coder_id]
    if coder.spec.urn == "beam:coder:pickled_python:v1":
        return b"Deterministic" in coder.spec.payload
    return coder.spec.urn in KEYS and all(
        _gives_equal_keys_equal_bytes(part, parts) for part in coder.component_coder_ids
    )


def test_every_runner_writes_the_same_bytes(
    tmp_path: Path, wires: Path, model: Path, local: Path, runner: list[str]
) -> None:
    output = tmp_path / "tables"
    assert _two_runs(output, wires, model, runner) == [0, 3]
    assert checksums(output) == checksums(local)
    check_laws(output)
    books = "select run_id, outcome, counts, failed_sources from @runs order by all"
    assert rows(output, books) == rows(local, books)
    polls = "select source_id, outcome, items_seen, items_new, health from @fetches order by all"
    assert rows(output, polls) == rows(local, polls)
    assert not list(output.glob("_staging/**/*.*"))


# A worker whose channel is closed under it ends its thread with an error.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_that_fails_says_why_in_its_last_line_and_changes_nothing(
    tmp_path: Path, wires: Path, model: Path, runner: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "tables"
    gone = shutil.copy(wires / "story.txt", tmp_path / "gone.txt")
    assert _run(output, [Path(gone)], FIRST, model, runner) == 0
    before = checksums(output)
    Path(gone).unlink()
    capsys.readouterr()
    assert _run(output, [Path(gone)], FIRST, model, runner) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("naba: the job failed on ")
    assert "this slot has been committed before" in said[-1]
    assert checksums(output) == before


def test_a_job_whose_command_was_killed_commits_nothing_after_the_next_run(
    tmp_path: Path, wires: Path, model: Path, pool: str
) -> None:
    output = tmp_path / "tables"
    feed = Reply((wires / "aa.xml").read_bytes())
    is_asked, may_answer = threading.Event(), threading.Event()

    def answer(request: Seen) -> Reply:
        if not is_asked.is_set():
            is_asked.set()
            may_answer.wait(START_S)
        return feed

    module = "apache_beam.runners.portability.local_job_service_main"
    with serve() as server, _process(module, "port", tmp_path) as job_server:
        server.routes["/rss"] = answer
        common = [f"{server.url}/rss", "--allow-loopback", "--output", str(output),
                  "--model", str(model), "--run-id"]
        command = subprocess.Popen([
            sys.executable, "-m", "pipeline", "run", *common, FIRST, "--runner=PortableRunner",
            "--", f"--job_endpoint={job_server}", "--environment_type=EXTERNAL",
            f"--environment_config={pool}",
        ])
        assert is_asked.wait(START_S)
        command.kill()
        command.wait()
        assert main(["run", *common, LATER]) == 0
        before = checksums(output)
        may_answer.set()
        assert _end_of_job(job_server) == JobState.FAILED
    assert checksums(output) == before
    assert rows(output, "select run_id from @runs") == [("20241110T070000Z",)]


def _end_of_job(job_server: str) -> int:
    """Wait until the only job of `job_server` ends; return its state."""
    until_s = time.monotonic() + START_S
    with grpc.insecure_channel(job_server) as channel:
        service = beam_job_api_pb2_grpc.JobServiceStub(channel)
        while time.monotonic() < until_s:
            (job,) = service.GetJobs(beam_job_api_pb2.GetJobsRequest()).job_info
            if job.state in (JobState.FAILED, JobState.DONE):
                return int(job.state)
            time.sleep(0.1)
    raise TimeoutError("the job does not end")


def test_workers_in_another_folder_need_whole_paths(
    tmp_path: Path, wires: Path, model: Path, pool: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(wires)
    external = ["--runner=PortableRunner", "--", "--job_endpoint=localhost:1",
                "--environment_type=EXTERNAL", f"--environment_config={pool}"]
    assert _run(tmp_path / "tables", [Path("aa.xml")], FIRST, model, external) == 2
    assert "the path 'aa.xml' is relative" in capsys.readouterr().err
    assert _run(Path("tables"), [wires], FIRST, model, external) == 2
    assert "the path 'tables' is relative" in capsys.readouterr().err
