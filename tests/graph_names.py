"""The names of all transforms: what a running job is matched by, when another takes its place.

`python -m tests.graph_names` writes them down anew.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2

from pipeline.build import build, build_stream
from pipeline.options import Options
from pipeline.plan import Plan
from schemas.records import SourceSpec
from tests.builders import NOON
from transforms.books import RunContext
from transforms.event_time import StreamClock
from transforms.recall import history_before

FOLDER = Path(__file__).parent / "data" / "graph_names"
_NOWHERE, _RUN_ID = "no-tables", "20241110T060000Z"
_CONTEXT = RunContext(_RUN_ID, NOON, NOON, _NOWHERE, 1, (), "", "", "")
_FEED = SourceSpec("aa", "https://www.aa.com.tr/ar/rss/default?cat=guncel")
_LINE_NUMBER = re.compile(r"(?<=\.py):\d+")  # of Beam's own lambdas, moved by any change to it


def _run(pipeline: beam.Pipeline) -> None:
    build(pipeline, Plan((), ()), history_before(_NOWHERE, _RUN_ID), _CONTEXT, Options())


def _stream(pipeline: beam.Pipeline) -> None:
    history = history_before(_NOWHERE, _RUN_ID)
    clock = StreamClock(slot_s=60, lateness_s=300, floor_s=0)
    build_stream(pipeline, [_FEED], list, history, clock, _CONTEXT, Options())


GRAPHS: dict[str, Callable[[beam.Pipeline], None]] = {"run": _run, "stream": _stream}


def graph_names(add_stages: Callable[[beam.Pipeline], None]) -> list[str]:
    """Return the transforms of a graph, in order, each with what it keeps between elements."""
    options = PipelineOptions(["--runner=PortableRunner", "--environment_type=LOOPBACK"])
    pipeline = beam.Pipeline(options=options)
    add_stages(pipeline)
    proto: beam_runner_api_pb2.Pipeline = pipeline.to_runner_api()
    roots = set(proto.root_transform_ids)
    return sorted(
        _LINE_NUMBER.sub("", f"{one.unique_name}{''.join(_kept(one))}")
        for name, one in proto.components.transforms.items() if name not in roots
    )


def _kept(transform: beam_runner_api_pb2.PTransform) -> Iterator[str]:
    if transform.spec.urn != "beam:transform:pardo:v1":
        return
    work = beam_runner_api_pb2.ParDoPayload.FromString(transform.spec.payload)
    if work.state_specs:
        yield f"  state: {', '.join(sorted(work.state_specs))}"
    if work.timer_family_specs:
        yield f"  timers: {', '.join(sorted(work.timer_family_specs))}"
    if work.restriction_coder_id:
        yield "  cursor"


def written_names(graph: str) -> list[str]:
    """Return what was written down of a graph."""
    return FOLDER.joinpath(f"{graph}.txt").read_text(encoding="utf-8").splitlines()


def _main() -> None:
    for graph, add_stages in GRAPHS.items():
        text = "\n".join(graph_names(add_stages)) + "\n"
        FOLDER.joinpath(f"{graph}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _main()
