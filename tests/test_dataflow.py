"""Jobs as they are sent to Dataflow, by Google's client, to a service of our own."""

import contextlib
import io
import json
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from apache_beam.portability.api import beam_runner_api_pb2

from pipeline.cli import main
from pipeline.dataflow import is_detached
from pipeline.options import Options, OptionsError
from pipeline.plan import Plan
from pipeline.runners import check_places, fitted, pipeline_options
from schemas.records import SourceSpec
from tests.builders import TEXT
from tests.dataflow_service import NAME, RUNNING_ID, Service, serve_dataflow
from transforms.recognise import Recognise

IMAGE = "europe-west1-docker.pkg.dev/newsroom/desk/naba:1"
MIN_RAM = "beam:resources:min_ram_bytes:v1"
FLAGS = ("--project=newsroom", "--region=europe-west1", "--temp_location=gs://desk/temp",
         f"--sdk_container_image={IMAGE}")
DATAFLOW = Options(runner="DataflowRunner")


@pytest.fixture
def service() -> Iterator[Service]:
    with serve_dataflow() as served:
        yield served


def _flags(service: Service, folder: Path) -> list[str]:
    folder.mkdir(exist_ok=True)
    return [f"--dataflow_endpoint={service.url}", "--no_auth", f"--job_name={NAME}",
            f"--temp_location={folder}", f"--staging_location={folder}", *FLAGS[:2], FLAGS[3]]


def _run(
    service: Service, folder: Path, beam_flags: Sequence[str] = (), *ours: str
) -> dict[str, Any]:
    """Start `naba run` and return the job that the service was sent."""
    wires = folder / "wires"
    wires.mkdir()
    (wires / "story.txt").write_text(TEXT)
    status = main(["run", str(wires), "--output", str(folder / "tables"), *ours,
                   "--runner=DataflowRunner", "--", *_flags(service, folder / "staged"),
                   *beam_flags])
    assert status == (1 if service.state == "JOB_STATE_FAILED" else 0)
    (job,) = service.created
    return job


class Sent(NamedTuple):
    """A batch job as the service got it, the pipeline it had staged, and what the user read."""

    job: dict[str, Any]
    staged: beam_runner_api_pb2.Pipeline
    said: str


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """A run of which the service says at once that it has failed."""
    folder = tmp_path_factory.mktemp("batch")
    said = io.StringIO()
    with serve_dataflow() as service, contextlib.redirect_stderr(said):
        service.state = "JOB_STATE_FAILED"
        job = _run(service, folder, (
            "--labels=desk=wires", "--max_num_workers=4", "--machine_type=e2-standard-2",
            "--no_use_public_ips",
        ))
    content = (folder / "staged" / "pipeline.pb").read_bytes()
    return Sent(job, beam_runner_api_pb2.Pipeline.FromString(content), said.getvalue())


def test_a_run_is_a_batch_job_in_our_image(batch: Sent) -> None:
    job = batch.job
    assert job["path"] == "/v1b3/projects/newsroom/locations/europe-west1/jobs"
    assert (job["name"], job["type"], job["labels"]) == (NAME, 1, {"desk": "wires"})
    environment = job["environment"]
    assert environment["version"]["job_type"] == "FNAPI_BATCH"
    assert environment["userAgent"]["version"] == version("apache-beam")
    (pool,) = environment["workerPools"]
    images = {image["containerImage"] for image in pool["sdkHarnessContainerImages"]}
    assert images == {IMAGE}
    assert pool["machineType"] == "e2-standard-2"
    assert pool["autoscalingSettings"] == {"maxNumWorkers": 4}
    assert pool["ipConfiguration"] == 2  # WORKER_IP_PRIVATE
    assert not environment["sdkPipelineOptions"]["options"]["save_main_session"]


def test_only_workers_with_the_model_are_fitted_to_it(batch: Sent) -> None:
    parts = batch.staged.components
    fitted = {
        transform.unique_name.split("/")[0] for transform in parts.transforms.values()
        if MIN_RAM in parts.environments[transform.environment_id].resource_hints
    }
    assert fitted == {"Recognise"}
    (pool,) = batch.job["environment"]["workerPools"]
    named = [image["environmentId"] for image in pool["sdkHarnessContainerImages"]]
    hints = [dict(parts.environments[name].resource_hints) for name in named]
    assert sorted(hints, key=len) == [{}, {MIN_RAM: b"4000000000"}]


def test_on_this_machine_no_stage_has_needs_of_its_own() -> None:
    stage = fitted(Recognise(), Options())
    assert stage.get_resource_hints() == {}
    assert fitted(Recognise(), DATAFLOW).get_resource_hints() == {MIN_RAM: b"4000000000"}


def test_a_job_that_fails_is_named(batch: Sent) -> None:
    assert batch.said == (
        "naba: the job failed on DataflowRunner: Dataflow pipeline failed. State: FAILED "
        "(job 2024-11-10_new)\n"
    )


def test_a_stream_is_handed_over_and_goes_on_by_itself(
    tmp_path: Path, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    job = _run(service, tmp_path, (
        "--dataflow_service_options=streaming_mode_at_least_once",
    ), "--follow")
    environment = job["environment"]
    assert job["type"] == 2
    assert environment["version"]["job_type"] == "FNAPI_STREAMING"
    assert environment["serviceOptions"] == ["streaming_mode_at_least_once"]
    assert environment["workerPools"][0]["dataDisks"] == [{"diskType": "local"}]
    assert "replaceJobId" not in job
    assert capsys.readouterr().err == (
        "naba: the job 2024-11-10_new goes on by itself: https://console.cloud.google.com/"
        "dataflow/jobs/europe-west1/2024-11-10_new?project=newsroom\n"
    )


def test_a_stream_takes_the_place_of_the_one_that_runs(
    tmp_path: Path, service: Service
) -> None:
    mapping = {"Recognise/Tag": "Tagged/Tag"}
    job = _run(service, tmp_path, (
        "--update", f"--transform_name_mapping={json.dumps(mapping)}",
    ), "--follow")
    assert job["replaceJobId"] == RUNNING_ID
    assert job["transformNameMapping"] == mapping


@pytest.mark.parametrize(("flags", "message"), [
    (FLAGS[1:], "Missing required option: project"),
    ((*FLAGS[1:], "--project=12345"), "Invalid Project ID"),
    ((FLAGS[0], *FLAGS[2:], "--region=europe-west1", "--job_name=Naba_1"), "Invalid job_name"),
    ((*FLAGS[:2], FLAGS[3]), "temp_location"),
    ((*FLAGS[:2], FLAGS[3], "--temp_location=/tmp"), "Invalid GCS path"),
    (FLAGS[:3], "its workers have no Naba: name an image that has it"),
    ((*FLAGS, "--machine=e2-standard-2"), "unknown Beam flag --machine"),
    ((*FLAGS, "--streaming"), "what makes a stream of a run is --follow"),
    ((*FLAGS, "--no_wait_until_finish"), "waits for its commit"),
])
def test_what_dataflow_needs_is_asked_for_before_anything_is_sent(
    flags: tuple[str, ...], message: str
) -> None:
    with pytest.raises(OptionsError, match=message):
        pipeline_options(DATAFLOW, flags)


def test_workers_of_dataflow_are_not_counted_on_this_machine() -> None:
    with pytest.raises(OptionsError, match="-- --max_num_workers=2"):
        pipeline_options(Options(runner="DataflowRunner", workers=2), FLAGS)


@pytest.mark.parametrize(("output", "source", "missed"), [
    ("tables", "gs://desk/wires/a.xml", "'tables'"),
    ("gs://desk/tables", "/data/a.xml", "'/data/a.xml'"),
])
def test_workers_reach_no_disk_of_this_machine(output: str, source: str, missed: str) -> None:
    options = Options(runner="DataflowRunner", output=output)
    plan = Plan((SourceSpec("a", source),), ())
    with pytest.raises(OptionsError, match=f"cannot reach {missed}.*write gs://BUCKET/"):
        check_places(plan, options, pipeline_options(options, FLAGS))


def test_workers_of_a_stream_read_feeds_toml_too() -> None:
    options = Options(runner="DataflowRunner", output="gs://desk/tables", follow=True)
    told = pipeline_options(options, FLAGS)
    check_places(Plan((), ()), options, told, ["gs://desk/feeds.toml", "https://aa.example/rss"])
    with pytest.raises(OptionsError, match=r"cannot reach 'feeds\.toml'"):
        check_places(Plan((), ()), options, told, ["feeds.toml"])


def test_without_googles_libraries_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud.dataflow", None)
    with pytest.raises(OptionsError, match=r"pip install 'naba\[gcp\]'"):
        pipeline_options(DATAFLOW, FLAGS)


@pytest.mark.parametrize(("follow", "flags", "detached"), [
    (False, (), False), (True, (), True), (False, ("--template_location=gs://desk/job",), True),
])
def test_a_stream_and_a_template_are_left_to_themselves(
    follow: bool, flags: tuple[str, ...], detached: bool
) -> None:
    options = Options(runner="DataflowRunner", follow=follow)
    assert is_detached(pipeline_options(options, (*FLAGS, *flags))) is detached
