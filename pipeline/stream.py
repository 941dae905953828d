"""Follow sources on a runner that streams: one endless job, each slot committed as a run."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import apache_beam as beam
import grpc  # type: ignore[import-untyped]  # it ships no types
from apache_beam.runners.runner import PipelineResult, PipelineState
from apache_beam.utils.timestamp import Timestamp

from pipeline.build import build_stream
from pipeline.dataflow import is_detached, tell_detached
from pipeline.options import Options, run_time
from pipeline.plan import Plan, plan_sources, with_memory
from pipeline.run import feed_memory, run_context, run_row
from pipeline.runners import check_places, pipeline_options, plain_errors
from schemas.locations import is_web
from schemas.records import Reject, SourceSpec
from transforms.commit import committed_files, committed_runs, locked, recover
from transforms.event_time import StreamClock, run_id_at
from transforms.make_room import room_for
from transforms.recall import history_before

CANCEL_WAIT_S = 30.0
LOOK_EVERY_S = 5.0
"""How often the job is asked for its state, and the output for what it has committed."""


def stream(
    inputs: Sequence[str], options: Options, beam_flags: Sequence[str], stop: threading.Event
) -> Iterator[dict[str, Any]]:
    """Hand over the job and yield the row of `runs` of each slot that brought something.

    Goes on until `stop` is set, and then cancels the job: what it has not committed, the next one
    reads again. Returns at once where the job goes on by itself.

    Raises:
        OptionsError: an input or an option is wrong.
        OutputLockedError: another run is writing there.
        JobError: the job failed, or could not be handed over.
    """
    beam_options = pipeline_options(options, beam_flags)
    plan = plan_sources(inputs, timezone=options.timezone)
    check_places(plan, options, beam_options, inputs)
    with locked(options.output) as ticket:
        recover(options.output)
        now = datetime.now(timezone.utc)
        done = committed_runs(options.output)
        clock = stream_clock(now, done, options)
        first_id = run_id_at(clock.slot_end(Timestamp(clock.floor_s)))
        feeds = [spec for spec in plan.sources if is_web(spec.location)]
        with room_for(options.output, first_id):
            context = run_context(first_id, now, inputs, Plan((), ()), options)
            history = history_before(options.output, first_id)
            fetches = committed_files(options.output, "fetches", before=first_id)
            memory = feed_memory(fetches, {spec.source_id for spec in feeds})
        context = context._replace(skip_quiet=True, ticket=ticket)
        pipeline = beam.Pipeline(options=beam_options)
        build_stream(
            pipeline, with_memory(feeds, memory), partial(_files, tuple(inputs), options.timezone),
            history, clock, context, options,
        )
        with plain_errors(options):
            job = pipeline.run()
            if is_detached(beam_options):
                tell_detached(job, beam_options)
            else:
                yield from _rows_of(job, options.output, set(done), stop)


def stream_clock(now: datetime, done: Sequence[str], options: Options) -> StreamClock:
    """Return the clock of a stream that begins `now`: its slots lie after every run in `done`."""
    start = now - timedelta(seconds=options.lateness)
    if done:
        start = max(start, run_time(max(done)))
    floor_s = -(-int(start.timestamp()) // options.every) * options.every
    return StreamClock(options.every, options.lateness, floor_s)


def _files(inputs: Sequence[str], zone: str) -> list[SourceSpec | Reject]:
    """Return the files that `inputs` name now, and what could not become a source."""
    plan = plan_sources(inputs, timezone=zone)
    return [*(spec for spec in plan.sources if not is_web(spec.location)), *plan.rejects]


def _rows_of(
    job: PipelineResult, root: str, seen: set[str], stop: threading.Event
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the runs that `job` commits, until it ends or `stop` is set."""
    while not stop.wait(LOOK_EVERY_S):
        is_over = _is_over(job, stop)
        yield from _new_rows(root, seen)
        if is_over:
            job.wait_until_finish()  # raises what the job failed of
            return
    with suppress(RuntimeError, grpc.RpcError):  # a signal may have ended the runner as well
        job.cancel()
        until_s = time.monotonic() + CANCEL_WAIT_S
        while not _is_over(job, stop) and time.monotonic() < until_s:
            time.sleep(0.1)
    yield from _new_rows(root, seen)


def _is_over(job: PipelineResult, stop: threading.Event) -> bool:
    try:
        return bool(PipelineState.is_terminal(job.state))
    except grpc.RpcError:
        if stop.is_set():
            return True
        raise


def _new_rows(root: str, seen: set[str]) -> Iterator[dict[str, Any]]:
    for run_id in committed_runs(root):
        if run_id not in seen:
            seen.add(run_id)
            row = run_row(root, run_id)
            if row is not None:
                yield row
