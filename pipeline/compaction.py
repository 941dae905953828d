"""Compaction of an output, from the command to what it tells."""

import time
from datetime import datetime, timezone
from typing import Any

from pipeline.options import OptionsError
from transforms.compact import (
    CompactionRunningError,
    NotAnOutputError,
    clear_manifests,
    compact,
)
from transforms.folder_swap import ForeignFolderError
from transforms.storage import is_store

CompactionError = (CompactionRunningError, NotAnOutputError, ForeignFolderError)
"""What stops a compaction, with a message that says what to do."""

_SUMS = ("files_before", "files_after", "bytes_before", "bytes_after", "rows")


def run_compaction(root: str, *, with_today: bool = False) -> dict[str, Any]:
    """Merge the small files in `root`, clear old manifests, and return what was done.

    Raises:
        OptionsError: `root` lies in an object store.
        CompactionRunningError: another compaction is under way.
        NotAnOutputError: `root` holds no tables.
        ForeignFolderError: there is a folder among the files of a table.
        ArrowInvalid: a file is damaged.
    """
    if is_store(root):
        raise OptionsError(
            f"{root}: naba compact works on a disk; in an object store leave the files as they "
            "are, or make fewer with a longer --every"
        )
    began_s, now = time.monotonic(), datetime.now(timezone.utc)
    days = [one._asdict() for one in compact(root, now, with_today=with_today)]
    return {
        "output": root,
        **{name: sum(one[name] for one in days) for name in _SUMS},
        "manifests_cleared": clear_manifests(root, now),
        "duration_s": round(time.monotonic() - began_s, 3),
        "days": days,
    }
