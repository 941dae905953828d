"""Where the polling of a feed stands: what its server last said, and when to ask again."""

from typing import NamedTuple

from apache_beam.coders import RowCoder
from apache_beam.coders.typecoders import registry

from schemas.records import Fetch, SourceSpec
from transforms.sources.http import RETRY_AFTER_S_MAX

FAILING_WAIT_MAX_S = 3600.0
"""The longest wait before a feed that keeps failing is asked again."""


class FeedCursor(NamedTuple):
    """All polls of a feed from here on; times are Unix seconds."""

    etag: str
    last_modified: str
    poll_at_s: float = 0.0
    failures: int = 0  # in a row
    is_asked: bool = False  # a poll has been begun, and its answer is to come
    resume_at_s: float = 0.0  # when a runner that keeps its word comes back


registry.register_coder(FeedCursor, RowCoder)


def first_cursor(spec: SourceSpec) -> FeedCursor:
    """Return the cursor of a feed as earlier runs have left it."""
    return FeedCursor(spec.etag, spec.last_modified, spec.not_before_s)


def is_due(cursor: FeedCursor, now_s: float) -> bool:
    """Say whether the feed is to be asked; no wait longer than any can be keeps it silent."""
    return not 0 < cursor.poll_at_s - now_s <= RETRY_AFTER_S_MAX


def after_poll(cursor: FeedCursor, fetch: Fetch, now_s: float, every_s: float) -> FeedCursor:
    """Return the cursor after a poll that ended at `now_s`.

    A feed that fails is asked less often each time; what its server asks for holds in any case.
    """
    failures = cursor.failures + 1 if fetch.outcome == "failed" else 0
    wanted_s = float(fetch.not_before) if fetch.not_before is not None else 0.0
    return FeedCursor(
        etag=fetch.etag or "",
        last_modified=fetch.last_modified or "",
        poll_at_s=max(now_s + wait_s(every_s, failures), wanted_s),
        failures=failures,
    )


def wait_s(every_s: float, failures: int) -> float:
    """Return how long a feed waits that has failed `failures` times in a row."""
    return max(every_s, min(every_s * 2.0 ** min(failures, 16), FAILING_WAIT_MAX_S))
