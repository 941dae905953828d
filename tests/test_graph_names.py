"""A stream that runs for months is updated in place, and what it holds is found by name."""

import difflib

import pytest

from tests.graph_names import GRAPHS, graph_names, written_names

_REMEDY = """\
Names or states of the graph have changed: a job that runs cannot be updated to this version as it
is. If that is meant, run `python -m tests.graph_names`, and write into CHANGELOG.md, under
"Upgrading", either the mapping for --transform_name_mapping (old name to new), if only names
have changed, or that streams must be drained before they are started anew.
"""


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_job_can_be_updated_in_place(graph: str) -> None:
    changed = "\n".join(
        line for line in difflib.unified_diff(
            written_names(graph), graph_names(GRAPHS[graph]), lineterm="", n=0
        ) if not line.startswith(("---", "+++", "@@"))
    )
    assert not changed, f"{_REMEDY}\n{changed}"


def test_every_state_is_found_by_a_name_of_ours() -> None:
    kept = [line for line in graph_names(GRAPHS["stream"]) if "  state" in line]
    assert kept
    assert not [line for line in kept if "lambda" in line]
    assert not [line for line in graph_names(GRAPHS["run"]) if "  state" in line]
