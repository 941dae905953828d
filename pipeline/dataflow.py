"""What Google's Dataflow needs before a job is handed to it, and what it raises."""

import importlib.util
import sys
from collections.abc import Sequence
from typing import cast

from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    StandardOptions,
    WorkerOptions,
)
from apache_beam.options.pipeline_options_validator import PipelineOptionsValidator
from apache_beam.runners.dataflow.dataflow_runner import (
    DataflowPipelineResult,
    DataflowRunner,
    DataflowRuntimeException,
)
from apache_beam.runners.runner import PipelineResult

from pipeline.options import OptionsError
from schemas.locations import is_url


def check_dataflow(runner: DataflowRunner, beam_options: PipelineOptions) -> None:
    """Check what Dataflow needs before anything is sent.

    Raises:
        OptionsError: Google's libraries are missing, a flag is missing or wrong, or workers
            would not have Naba.
    """
    if not _has_google_libraries():
        raise OptionsError(
            "DataflowRunner needs Google's libraries, which are not here: pip install 'naba[gcp]'"
        )
    cloud = beam_options.view_as(GoogleCloudOptions)
    check = PipelineOptionsValidator(beam_options, runner)
    problems = [
        check.ERR_MISSING_OPTION % name for name in ("project", "temp_location")
        if not getattr(cloud, name)
    ]
    if not _is_test(beam_options):
        problems += check.validate_cloud_options(cloud)
        problems += check.validate_gcs_path(cloud, "temp_location")
    if problems:
        raise OptionsError(f"DataflowRunner: {problems[0]}")
    image = beam_options.view_as(WorkerOptions).sdk_container_image
    setup = beam_options.view_as(SetupOptions)
    if not (image or setup.setup_file or setup.extra_packages):
        raise OptionsError(
            "DataflowRunner: its workers have no Naba: name an image that has it with "
            "--sdk_container_image=IMAGE (see deploy/dataflow/)"
        )


def check_reach(paths: Sequence[str], beam_options: PipelineOptions) -> None:
    """Check that workers, which run on other machines, can reach all `paths`.

    Raises:
        OptionsError: one is of this machine's disk.
    """
    if _is_test(beam_options):
        return
    for path in paths:
        if not is_url(path):
            raise OptionsError(
                f"workers of Dataflow cannot reach {path!r} on this machine: put it into a bucket "
                "and write gs://BUCKET/…"
            )


def is_detached(beam_options: PipelineOptions) -> bool:
    """Say whether the job goes on by itself when the command ends, or begins only then.

    So it does as a stream on Dataflow, and when a template is all that is written: the launcher
    of a Flex Template sets --template_location, and starts the job when the command has ended.
    """
    is_template = bool(beam_options.view_as(GoogleCloudOptions).template_location)
    return is_template or beam_options.view_as(StandardOptions).no_wait_until_finish


def tell_detached(job: PipelineResult, beam_options: PipelineOptions) -> None:
    """Say where a job is seen that goes on by itself."""
    cloud = beam_options.view_as(GoogleCloudOptions)
    if cloud.template_location:
        said = f"the job is in {cloud.template_location}, and begins by itself"
    else:
        page = "https://console.cloud.google.com/dataflow/jobs"
        job_id = cast(DataflowPipelineResult, job).job_id()
        at = f"{page}/{cloud.region}/{job_id}?project={cloud.project}"
        said = f"the job {job_id} goes on by itself: {at}"
    print(f"naba: {said}", file=sys.stderr)  # noqa: T201


def dataflow_errors() -> tuple[type[Exception], ...]:
    """Return what handing over a job to Dataflow, and waiting for it, may raise."""
    if not _has_google_libraries():
        return (DataflowRuntimeException,)
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError

    return (DataflowRuntimeException, GoogleAPIError, GoogleAuthError)


def _is_test(beam_options: PipelineOptions) -> bool:
    """Say whether jobs go to this machine, where Beam too asks for no bucket."""
    return "localhost" in beam_options.view_as(GoogleCloudOptions).dataflow_endpoint


def _has_google_libraries() -> bool:
    try:
        return all(
            importlib.util.find_spec(name) is not None
            for name in ("google.auth", "google.cloud.dataflow", "google.cloud.storage")
        )
    except ModuleNotFoundError:  # of google.cloud itself
        return False
