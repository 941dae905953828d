import re
from pathlib import Path

import grpc
import pytest
from apache_beam.options.pipeline_options import (
    FlinkRunnerOptions,
    PortableOptions,
    StandardOptions,
)

from pipeline.flink import FLINK_FLAGS
from pipeline.options import Options, OptionsError
from pipeline.runners import (
    STREAMING_RUNNERS,
    JobError,
    is_stream,
    pipeline_options,
    plain_errors,
    root_cause,
)
from transforms.commit import StagedFileLostError

FLINK = Options(runner="FlinkRunner")
JAVA = "--job_server_java_launcher=true"  # a program that every machine has
CLUSTER = ("--flink_master=localhost:8081", JAVA)


@pytest.mark.parametrize(("options", "flags", "message"), [
    (Options(runner="Flnik"), (), "unknown runner 'Flnik'"),
    (Options(), ("--paralelism=2",), "unknown Beam flag --paralelism"),
    (FLINK, (JAVA, "--paralelism=2"), "unknown Beam flag --paralelism"),
    (FLINK, (JAVA, "--flink_version=3.0"), "wrong Beam flag: .*'3.0'"),
    (FLINK, (JAVA, "--parallelism=two"), "wrong Beam flag: .*'two'"),
    (FLINK, ("--job_server_java_launcher=no-java",), "with 'no-java', which is not there"),
    (FLINK, (JAVA, "--flink_job_server_jar=no.jar"), "no file 'no.jar'"),
    (FLINK, (JAVA, "--flink_submit_uber_jar"), "name a cluster: --flink_master"),
    (FLINK, CLUSTER, "say where the workers are"),
    (FLINK, (JAVA, "--no_wait_until_finish"), "waits for its commit"),
    (Options(runner="FlinkRunner", workers=2), (JAVA,), "-- --parallelism=2"),
    (Options(), ("--template_location=job.json",), "only DataflowRunner makes templates"),
    (FLINK, (JAVA, "--streaming"), "what makes a stream of a run is --follow"),
])
def test_a_wrong_flag_is_answered_before_anything_starts(
    options: Options, flags: tuple[str, ...], message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(OptionsError, match=message):
        pipeline_options(options, flags)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("runner", ["FlinkRunner", "PrismRunner", "PortableRunner"])
def test_following_is_a_stream_where_the_runner_takes_one(runner: str) -> None:
    assert runner in STREAMING_RUNNERS
    options = Options(runner=runner, follow=True)
    told = pipeline_options(options, (JAVA,)).view_as(StandardOptions)
    assert is_stream(options)
    assert told.streaming
    assert not told.no_wait_until_finish
    assert not pipeline_options(Options(runner=runner), (JAVA,)).view_as(StandardOptions).streaming


def test_the_local_runner_follows_by_one_run_after_the_other() -> None:
    options = Options(follow=True)
    assert not is_stream(options)
    assert not pipeline_options(options, ()).view_as(StandardOptions).streaming


@pytest.mark.parametrize("runner", ["DirectRunner", "BundleBasedDirectRunner", "SparkRunner"])
def test_a_runner_that_takes_no_stream_is_not_asked_to_follow(runner: str) -> None:
    with pytest.raises(OptionsError, match="cannot follow sources: leave --runner away"):
        pipeline_options(Options(runner=runner, follow=True), ())


def test_flags_of_flink_reach_it(tmp_path: Path) -> None:
    jar = tmp_path / "job-server.jar"
    jar.touch()
    told = pipeline_options(FLINK, (
        *CLUSTER, f"--flink_job_server_jar={jar}", "--parallelism=2", "--flink_version=2.1",
        "--max_bundle_size=100", "--environment_type=EXTERNAL",
        "--environment_config=localhost:50000",
    ))
    flink = told.view_as(FlinkRunnerOptions)
    assert (flink.parallelism, flink.flink_version) == (2, "2.1")
    assert told.view_as(PortableOptions).environment_config == "localhost:50000"
    assert told.get_all_options(retain_unknown_options=True)["max_bundle_size"] == "100"
    assert "max_bundle_size" in FLINK_FLAGS


def test_the_flags_that_the_documents_give_runners_are_flags() -> None:
    text = Path(__file__).parents[1].joinpath("docs", "deployment.md").read_text(encoding="utf-8")
    joined = text.replace("\\\n", " ")
    commands = re.findall(r"naba run (.*) --runner (\w+) -- +(--.*)", joined)
    assert [runner for _, runner, _ in commands] == ["FlinkRunner"] * 3 + ["DataflowRunner"]
    for ours, runner, flags in commands:
        options = Options(runner=runner, follow="--follow" in ours)
        own = [JAVA] if runner == "FlinkRunner" else []
        pipeline_options(options, (*own, *re.sub("PROJECT|BUCKET", "desk", flags).split()))


def test_a_job_server_of_another_make_is_told_flags_of_its_own() -> None:
    told = pipeline_options(Options(runner="PortableRunner"), ("--its_own=1",))
    assert told.get_all_options(retain_unknown_options=True)["its_own"] == "1"


@pytest.mark.parametrize(("report", "cause"), [
    ("Pipeline job-1 failed in state FAILED: bundle inst1 failed:Traceback (most recent call "
     "last):\n  File \"write.py\", line 1, in process\nOSError: no space\n\nDuring handling\n"
     "transforms.write.RerunError: this slot: mend it [while running 'Write/Commit']\n",
     "this slot: mend it"),
    ("java.lang.RuntimeException: Error received from SDK harness: Traceback\n"
     "ValueError: دليل غير موجود\n\tat java.base/java.lang.Thread.run(Thread.java:840)",
     "دليل غير موجود"),
    ("Unable to fetch remote job server jar at https://example.org/a.jar: HTTP Error 404",
     "Unable to fetch remote job server jar at https://example.org/a.jar: HTTP Error 404"),
    ("Dataflow pipeline failed. State: FAILED, Error:\nTraceback (most recent call last):\n"
     "transforms.books.RerunError: this slot: mend it [while running 'Write/Commit']",
     "this slot: mend it"),
    ("Dataflow pipeline failed. State: CANCELLED, Error:\nNone",
     "Dataflow pipeline failed. State: CANCELLED"),
    ("", "no answer (RuntimeError)"),
])
def test_the_cause_is_the_last_error_named(report: str, cause: str) -> None:
    assert root_cause(RuntimeError(report)) == cause


@pytest.mark.parametrize("error", [
    RuntimeError("Pipeline failed."), ConnectionError("refused"), grpc.FutureTimeoutError(),
])
def test_only_a_portable_runner_turns_errors_into_its_own(error: Exception) -> None:
    with pytest.raises(JobError, match="the job failed on FlinkRunner: "), plain_errors(FLINK):
        raise error
    with pytest.raises(type(error)), plain_errors(Options()):
        raise error


@pytest.mark.parametrize(("report", "message"), [
    ("OSError: [Errno 28] No space left on device [while running 'Write/StageStories/Spill']",
     r"cannot write to tables: \[Errno 28\] No space left on device$"),
    ("Traceback\ntransforms.write.RerunError: this slot [while running 'Write/Commit']",
     "^this slot$"),
])
def test_an_error_that_beam_has_wrapped_is_told_in_one_line(report: str, message: str) -> None:
    with pytest.raises(JobError, match=message), plain_errors(Options()):
        raise RuntimeError(report)


@pytest.mark.parametrize("error", [
    RuntimeError("KeyError: 'x' [while running 'Read']"), StagedFileLostError("gone"),
])
def test_a_bug_keeps_its_trace_and_an_error_of_ours_its_kind(error: RuntimeError) -> None:
    with pytest.raises(type(error)) as caught, plain_errors(Options()):
        raise error
    assert caught.value is error
