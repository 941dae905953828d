"""Make room for a run among files that hold the rows of several runs.

A run sees what was committed before its slot, and replaces what its slot held: by whole files. So
a file that holds earlier and later runs than this one is cut in three first; the next compaction
merges the parts again.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import TABLES, Table
from transforms import storage
from transforms.commit import COMMITS, committing, final_path
from transforms.compacted_names import Runs, compacted_name, is_compacted, runs_of
from transforms.folder_swap import (
    COMPACTION,
    finish,
    forget_replaced,
    remove_if_empty,
    swap,
)
from transforms.merge_files import Merged, as_written, read_rows, stage_merged

_PARTS = f"{COMPACTION}/cut"


class _Cut(NamedTuple):
    """What the files of a table are cut into."""

    table: str
    own: str  # where the rows of the run go, if there are any
    parts: list[Merged]

    @property
    def folder(self) -> str:
        """The folder of the day, below the output."""
        return str(Path(self.own).parent)


@contextmanager
def room_for(root: str, run_id: str) -> Iterator[None]:
    """Let a run that holds the lock on the output list its history; no file changes meanwhile."""
    with committing(root):
        make_room(root, run_id)
        if not storage.is_store(root):
            forget_replaced(root)  # no run before this one may commit any more
        yield


def make_room(root: str, run_id: str) -> None:
    """Cut the files that hold `run_id` and other runs; the caller holds the output as a commit.

    Also finishes what a compaction that was killed has left.
    """
    if storage.is_store(root):
        return  # nothing is compacted there
    finish(root)
    if cuts := list(_cuts(root, run_id)):
        _list_in_manifest(root, run_id, cuts)
        for cut in cuts:
            sources = {Path(path).name for part in cut.parts for path in part.sources}
            swap(root, cut.folder, {part.name: part.path for part in cut.parts}, sources)
        shutil.rmtree(Path(root, _PARTS))
        remove_if_empty(root)


def _cuts(root: str, run_id: str) -> Iterator[_Cut]:
    staging = Path(root, _PARTS)
    for table in TABLES.values():
        own = final_path(table.name, run_id, 0)
        parts = [
            part for path in _around(Path(root, own).parent, run_id)
            for part in _cut(table, path, run_id, Path(own).name, staging)
        ]
        if parts:
            yield _Cut(table.name, own, parts)


def _list_in_manifest(root: str, run_id: str, cuts: Iterable[_Cut]) -> None:
    """See to it that a commit of `run_id` knows what it replaces."""
    path = Path(root, COMMITS, f"{run_id}.json")
    files = json.loads(path.read_text(encoding="utf-8"))["files"] if path.exists() else []
    known = {file["final"] for file in files}
    files += [
        {"table": cut.table, "staged": "", "final": cut.own, "rows": part.rows}
        for cut in cuts for part in cut.parts
        if part.name == Path(cut.own).name and cut.own not in known
    ]
    if files:
        content = json.dumps({"run_id": run_id, "files": files}, ensure_ascii=False, indent=1)
        with storage.replaced(str(path)) as manifest:
            manifest.write(content.encode())


def _around(folder: Path, run_id: str) -> list[Path]:
    """Return the files of several runs that may hold `run_id`, or earlier runs and later ones."""
    found = []
    for name in filter(is_compacted, storage.names(str(folder))):
        runs = runs_of(name)
        if runs and runs.hold(run_id):
            found.append(folder / name)
    return found


def _cut(table: Table, path: Path, run_id: str, own_name: str, staging: Path) -> Iterator[Merged]:
    """Yield a file of the rows before `run_id`, one of its own and one of those after."""
    rows = read_rows(table, [str(path)])
    if rows is None:
        return
    rows = as_written(table, rows)
    staging.mkdir(parents=True, exist_ok=True)
    run_ids, sources = rows["run_id"], (str(path),)
    own = rows.filter(pc.equal(run_ids, run_id))
    if len(own):
        yield stage_merged(staging, own, own_name, sources)
    for is_apart in (pc.less, pc.greater):
        part = rows.filter(is_apart(run_ids, run_id))
        if len(part):
            yield stage_merged(staging, part, compacted_name(_runs_in(part), len(part)), sources)


def _runs_in(rows: pa.Table) -> Runs:
    ends = pc.min_max(rows["run_id"]).as_py()
    return Runs(ends["min"], ends["max"])
