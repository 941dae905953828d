"""One run from start to commit: plan, memory, pipeline, books."""

import json
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from operator import itemgetter
from platform import python_version
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils.timestamp import Timestamp

from pipeline.build import build
from pipeline.dataflow import is_detached, tell_detached
from pipeline.options import Options, run_time
from pipeline.plan import Plan, plan_sources, printable, with_memory
from pipeline.runners import (
    check_places,
    local_runner,
    pipeline_options,
    plain_errors,
    tell_stores,
)
from schemas.ids import RUN_ID_FORMAT
from schemas.locations import is_web
from schemas.records import Fetch
from schemas.tables import FETCHES, RUNS, Table
from transforms import storage
from transforms.books import RunContext, unread_sources
from transforms.commit import (
    committed_files,
    committed_runs,
    final_path,
    locked,
    recover,
)
from transforms.make_room import room_for
from transforms.model_files import model_id
from transforms.recall import history_before
from transforms.sources.fetch_errors import redacted

_VERSIONS_RECORDED = (
    "naba", "apache-beam", "feedparser", "pyarrow", "torch", "transformers", "tokenizers",
)

MEMORY_RUNS = 500
"""How far back a poll is looked for: a source that is new costs so many small files."""


class NoInputError(ValueError):
    """None of the inputs names anything to read."""


def run(
    inputs: Sequence[str], options: Options, beam_flags: Sequence[str] = ()
) -> dict[str, Any] | None:
    """Read `inputs` into the tables of `options.output` and return the row of `runs`.

    Returns None where the job begins by itself when this command has ended.

    Raises:
        OptionsError: an input or an option is wrong.
        NoInputError: there is nothing to read.
        OutputLockedError: another run is writing there.
        ConservationError: an item was lost or doubled; nothing was committed.
        JobError: the job failed on another runner than the local one.
    """
    tell_stores(beam_flags)
    plan = plan_sources(inputs, timezone=options.timezone)
    if not plan.sources and not plan.rejects:
        raise NoInputError(f"nothing to read in {', '.join(inputs)}: the folder has no files")
    return run_plan(plan, inputs, options, beam_flags)


def run_plan(
    plan: Plan,
    inputs: Sequence[str],
    options: Options,
    beam_flags: Sequence[str] = (),
    *,
    skip_quiet: bool = False,
) -> dict[str, Any] | None:
    """Read the sources of `plan`, a part of `inputs`, and return the row of `runs`.

    Args:
        skip_quiet: Commit nothing, and return None, if nothing new came and no source failed.

    Raises:
        OptionsError: an option is wrong.
        OutputLockedError: another run is writing there.
        ConservationError: an item was lost or doubled; nothing was committed.
        JobError: the job failed on another runner than the local one.
    """
    started_at = datetime.now(timezone.utc)
    beam_options = pipeline_options(options, beam_flags)
    check_places(plan, options, beam_options)
    with locked(options.output) as ticket:
        recover(options.output)
        run_id = options.run_id or next_run_id(started_at, committed_runs(options.output))
        polled = {spec.source_id for spec in plan.sources if is_web(spec.location)}
        with room_for(options.output, run_id):
            context = run_context(run_id, started_at, inputs, plan, options)
            history = history_before(options.output, run_id)
            polls = committed_files(options.output, "fetches", before=run_id)
            memory = feed_memory(polls, polled)
        context = context._replace(skip_quiet=skip_quiet, ticket=ticket)
        plan = plan._replace(sources=with_memory(plan.sources, memory))
        with (
            _told_workers(beam_flags),
            plain_errors(options),
            beam.Pipeline(local_runner(options), beam_options) as pipeline,
        ):
            build(pipeline, plan, history, context, options)
        if is_detached(beam_options):
            tell_detached(pipeline.result, beam_options)
            return None
        row = run_row(options.output, run_id)
        if row is None:  # a quiet run leaves nothing, nor what it has laid aside
            recover(options.output)
        return row


def next_run_id(now: datetime, done: Sequence[str]) -> str:
    """Return the id of a run that begins `now`: later than every run in `done`, to the second."""
    if done:  # ids sort as times do
        now = max(now, run_time(max(done)) + timedelta(seconds=1))
    return now.strftime(RUN_ID_FORMAT)


def feed_memory(
    files: Sequence[str], source_ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Return what the latest poll of each of `source_ids` told, from files oldest first.

    Reads backwards and no further than it must: continuous runs leave thousands of files. A
    source that none of the last `MEMORY_RUNS` runs has polled starts afresh, as a new one does.
    """
    columns = ["source_id", "url", "etag", "last_modified", "not_before", "run_id"]
    memory: dict[str, dict[str, Any]] = {}
    for path in reversed(files[-MEMORY_RUNS:]):
        if memory.keys() >= set(source_ids):
            break
        with storage.parquet(path) as file:
            rows = reversed(file.read(columns=columns).to_pylist())
        for row in sorted(rows, key=itemgetter("run_id"), reverse=True):  # a file of several runs
            del row["run_id"]
            not_before = row.pop("not_before")
            row["not_before_s"] = not_before.timestamp() if not_before else None
            memory.setdefault(row["source_id"], row)
    return memory


def run_context(
    run_id: str, started_at: datetime, inputs: Sequence[str], plan: Plan, options: Options
) -> RunContext:
    """Return what is fixed before a run, or the first of a stream, begins."""
    settings = asdict(options) | ({} if options.follow else {"run_id": run_id})
    versions = {name: version(name) for name in _VERSIONS_RECORDED}
    return RunContext(
        run_id=run_id,
        logical_time=Timestamp.from_utc_datetime(run_time(run_id)),
        started_at=Timestamp.from_utc_datetime(started_at),
        root=options.output,
        shards=options.shards,
        inputs=tuple(redacted(text) if is_web(text) else printable(text) for text in inputs),
        options=json.dumps(settings, sort_keys=True, ensure_ascii=False),
        versions=json.dumps({"python": python_version(), **versions}, sort_keys=True),
        model_id=model_id(options.model),
        unplanned=tuple(sorted({reject.source_id for reject in plan.rejects})),
        unread_before=_unread_before(options.output, run_id),
    )


def _unread_before(root: str, run_id: str) -> frozenset[str] | None:
    """Return what was not read in full when the run was committed, None if it was not."""
    rows = _rows_of_run(root, FETCHES, run_id)
    if rows is None:
        return None
    return unread_sources(Fetch(**{name: row[name] for name in Fetch._fields}) for row in rows)


@contextmanager
def _told_workers(beam_flags: Sequence[str]) -> Iterator[None]:
    """Pass Beam's flags, such as keys of a store, to worker processes, and let them log nothing.

    Beam's local runner passes no options to its workers; this variable is its way for the rest.
    Their errors reach us and are printed once.
    """
    flags = PipelineOptions(list(beam_flags)).get_all_options(drop_default=True)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"options": {**flags, "default_sdk_harness_log_level": "CRITICAL"}}, file)
        file.flush()
        os.environ["PIPELINE_OPTIONS_FILE"] = file.name
        try:
            yield
        finally:
            del os.environ["PIPELINE_OPTIONS_FILE"]


def run_row(root: str, run_id: str) -> dict[str, Any] | None:
    """Return the row that a committed run has in `runs`, None if it was not committed."""
    rows = _rows_of_run(root, RUNS, run_id)
    return rows[0] if rows else None


def _rows_of_run(root: str, table: Table, run_id: str) -> list[dict[str, Any]] | None:
    """Return what a run has written to a table that is never cut into shards."""
    try:
        with storage.parquet(storage.join(root, final_path(table.name, run_id, 0))) as file:
            rows: list[dict[str, Any]] = file.read().to_pylist()
            return rows
    except FileNotFoundError:
        return None
