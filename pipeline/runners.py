"""Which Beam runner does the work, with which of Beam's flags, and what a job that failed says."""

import builtins
import contextlib
import io
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import grpc  # type: ignore[import-untyped]  # it ships no types
from apache_beam import PTransform
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    PortableOptions,
    StandardOptions,
)
from apache_beam.runners.dataflow.dataflow_runner import DataflowRunner, DataflowRuntimeException
from apache_beam.runners.portability.flink_runner import FlinkRunner
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.runners.portability.portable_runner import PortableRunner
from apache_beam.runners.portability.prism_runner import PrismRunner
from apache_beam.runners.runner import PipelineRunner, create_runner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from pipeline.dataflow import check_dataflow, check_reach, dataflow_errors
from pipeline.flink import FLINK_FLAGS, check_flink
from pipeline.options import Options, OptionsError
from pipeline.plan import Plan
from pipeline.store_files import check_place
from schemas.locations import is_url

STREAMING_RUNNERS = ("PrismRunner", "FlinkRunner", "DataflowRunner", "PortableRunner")
"""Runners that take a stream; what is behind the last one is up to its job server."""

MODEL_RAM = "4GB"
"""What a worker with the model is to have, where a runner chooses machines by stage: 0.9 GB for
each of two processes, and as much again for what they are given."""

_Stage = TypeVar("_Stage", bound=PTransform[Any, Any])

_ERROR_LINE = re.compile(r"((?:[A-Za-z_]\w*\.)*\w*(?:Error|Exception|ArrowInvalid)): (?=\S)")
_EXPECTED = ("transforms.", "pipeline.", "schemas.", "pyarrow.")
_MESSAGE_CHARS_MAX = 1_000


class JobError(RuntimeError):
    """The job failed on its runner, or could not be handed to it."""


def pipeline_options(options: Options, beam_flags: Sequence[str]) -> PipelineOptions:
    """Return what Beam is told; `--streaming` of itself, where sources are followed.

    Its file systems are told at once.

    Raises:
        OptionsError: the runner is unknown, or a flag is unknown or makes no sense for it.
    """
    runner = _runner(options.runner)
    flags = [f"--runner={options.runner}", *beam_flags]
    if is_stream(options):
        _check_streams(runner)
        flags.append("--streaming")
    if options.workers > 1:
        if _is_remote(runner):
            raise OptionsError(
                f"workers is for the local runner: tell {options.runner} with a flag of its own, "
                f"such as -- {_more_workers(runner)}"
            )
        flags.append(f"--direct_num_workers={options.workers}")
        if not isinstance(runner, FnApiRunner):
            flags.append("--direct_running_mode=multi_processing")
    _check_flags(runner, flags)
    beam_options = PipelineOptions(flags)
    standard = beam_options.view_as(StandardOptions)
    if standard.no_wait_until_finish:
        raise OptionsError("a run waits for its commit: leave --no_wait_until_finish away")
    if standard.streaming and not options.follow:
        raise OptionsError("--streaming: what makes a stream of a run is --follow, before the --")
    if isinstance(runner, FlinkRunner):
        check_flink(beam_options)
    if isinstance(runner, DataflowRunner):
        check_dataflow(runner, beam_options)
        standard.no_wait_until_finish = options.follow  # the service keeps the job
    elif beam_options.view_as(GoogleCloudOptions).template_location:
        raise OptionsError("--template_location: only DataflowRunner makes templates")
    FileSystems.set_options(beam_options)
    return beam_options


def tell_stores(beam_flags: Sequence[str]) -> None:
    """Tell Beam's file systems what the flags say of them, before there is a pipeline.

    Raises:
        OptionsError: a flag is wrong.
    """
    _parsed(beam_flags)
    FileSystems.set_options(PipelineOptions(list(beam_flags)))


def is_stream(options: Options) -> bool:
    """Say whether sources are followed by one job without end.

    The local runner, which takes no stream, follows them by one run after the other.
    """
    return options.follow and not isinstance(_runner(options.runner), FnApiRunner)


def fitted(stage: _Stage, options: Options) -> _Stage:
    """Return `stage`, which holds the model, with the memory that its workers need.

    Only where that chooses the machines: elsewhere a stage with a need of its own would get
    worker processes of its own, and its neighbours would be cut off from it.
    """
    if isinstance(_runner(options.runner), DataflowRunner):
        stage.with_resource_hints(min_ram=MODEL_RAM)
    return stage


def local_runner(options: Options) -> PipelineRunner | None:
    """Return the local runner with worker processes that a signal to all of them leaves alone.

    Ctrl-C goes to every process of a terminal, and systemd's SIGTERM to every one of a service:
    ours alone decides what comes of it, and the workers end with it. None if there are none.
    """
    if options.workers == 1 or not isinstance(_runner(options.runner), FnApiRunner):
        return None
    worker = f"{shlex.quote(sys.executable)} -m apache_beam.runners.worker.sdk_worker_main"
    return FnApiRunner(
        SubprocessSDKEnvironment.from_command_string(f"trap '' INT TERM; exec {worker}")
    )


def check_places(
    plan: Plan, options: Options, beam_options: PipelineOptions, inputs: Sequence[str] = ()
) -> None:
    """Check that the output can be reached, and that all workers find the same files.

    Args:
        inputs: What the workers of a stream read again and again, a feeds.toml too.

    Raises:
        OptionsError: the output lies in a store that cannot be used here, or a path depends on
            the folder that the command was given in.
    """
    if is_url(options.output):
        check_place(options.output, "output")
    paths = [options.output, *inputs, *(spec.location for spec in plan.sources)]
    if isinstance(_runner(options.runner), DataflowRunner):
        check_reach(paths, beam_options)
    environment = beam_options.view_as(PortableOptions).environment_type
    if environment in (None, "LOOPBACK") or not _is_portable(options.runner):
        return
    if options.model and Path(options.model).is_dir():
        paths.append(options.model)
    for path in paths:
        if not is_url(path) and not Path(path).is_absolute():
            raise OptionsError(
                f"the path {path!r} is relative, and workers of the environment {environment} "
                "run in another folder: write it from the root"
            )


@contextlib.contextmanager
def plain_errors(options: Options) -> Iterator[None]:
    """Turn what a job raises into one line; of the local runner, what Beam has made of an error.

    Raises:
        JobError: the job failed.
    """
    is_remote = _is_remote(_runner(options.runner))
    try:
        yield
    except (RuntimeError, OSError, grpc.RpcError, grpc.FutureTimeoutError,
            *dataflow_errors()) as error:
        if is_remote:
            job = ""
            if isinstance(error, DataflowRuntimeException):
                job = f" (job {error.result.job_id()})"  # its console tells more
            cause = root_cause(error) + job
            raise JobError(f"the job failed on {options.runner}: {cause}") from error
        name = _root_error(error) if type(error) is RuntimeError else ""
        if issubclass(getattr(builtins, name, object), OSError):
            cause = root_cause(error)
            raise JobError(f"cannot write to {options.output}: {cause}") from error
        if not name.startswith(_EXPECTED):  # a bug: its trace tells more
            raise
        raise JobError(root_cause(error)) from error


def _root_error(error: BaseException) -> str:
    """Return the name of the last error that a job's report names, or ""."""
    names = [found[1] for found in _ERROR_LINE.finditer(str(error))]
    return names[-1] if names else ""


def root_cause(error: BaseException) -> str:
    """Return the last error that a job's report names: a worker's own, if it has one."""
    report = str(error).removesuffix(", Error:\nNone") or f"no answer ({type(error).__name__})"
    found = list(_ERROR_LINE.finditer(report))
    cause = report[found[-1].end():] if found else report
    line = cause.partition(" [while running")[0].strip().partition("\n")[0]
    return line[:_MESSAGE_CHARS_MAX]


def _runner(name: str) -> PipelineRunner:
    try:
        return create_runner(name)
    except (ValueError, ImportError, AttributeError) as error:
        raise OptionsError(f"unknown runner {name!r}: {error}") from None


def _is_portable(name: str) -> bool:
    return isinstance(_runner(name), PortableRunner)


def _is_remote(runner: PipelineRunner) -> bool:
    return isinstance(runner, (PortableRunner, DataflowRunner))


def _more_workers(runner: PipelineRunner) -> str:
    is_dataflow = isinstance(runner, DataflowRunner)
    return "--max_num_workers=2" if is_dataflow else "--parallelism=2"


def _check_streams(runner: PipelineRunner) -> None:
    """Check that `runner` takes a stream.

    Raises:
        OptionsError: it does not. Some would start, and never give anything.
    """
    name = type(runner).__name__
    if name not in STREAMING_RUNNERS:
        raise OptionsError(
            f"{name} cannot follow sources: leave --runner away, to follow them on this machine, "
            f"or name one that takes a stream: {', '.join(STREAMING_RUNNERS)}"
        )


def _check_flags(runner: PipelineRunner, flags: Sequence[str]) -> None:
    """Check that every flag is known where it goes; Beam itself would only warn.

    Raises:
        OptionsError: one is not. What a job server of another make knows, it alone can say.
    """
    known = set(PipelineOptions([]).get_all_options())
    given = set(_parsed(flags))
    if isinstance(runner, FlinkRunner):
        known |= FLINK_FLAGS
    elif isinstance(runner, PortableRunner) and not isinstance(runner, PrismRunner):
        return
    unknown = sorted(given - known)
    if unknown:
        raise OptionsError(f"unknown Beam flag --{unknown[0]}")


def _parsed(flags: Sequence[str]) -> dict[str, object]:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):  # Beam's usage is two screens long
            return PipelineOptions(list(flags)).get_all_options(retain_unknown_options=True)
    except SystemExit:
        problem = said.getvalue().strip().rpartition("error: ")[2]
        raise OptionsError(f"wrong Beam flag: {problem}") from None
