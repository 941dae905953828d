"""Open the tables for DuckDB, wherever they lie."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import duckdb

from schemas.locations import is_url
from schemas.views import NoTablesError, open_tables


@contextmanager
def tables_at(
    root: str,
    names: Collection[str] = (),
    is_wanted: Callable[[str], bool] = lambda name: True,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection that knows the tables at `root`, a folder or a store, and all views.

    DuckDB reads no store by means of its own. So the files of one are fetched first.

    Args:
        names: The tables that are needed; all, if none is named.
        is_wanted: Says whether a file of this name is.

    Raises:
        NoTablesError: there are none.
        StoreError: a store cannot be read.
    """
    if not is_url(root):
        with open_tables(root) as tables:
            yield tables
        return
    # Beam takes a second to import: tables on a disk do without it.
    from pipeline.fetch_tables import fetch_tables

    with TemporaryDirectory(prefix="naba-") as folder:
        if not fetch_tables(root, folder, names, is_wanted):
            raise NoTablesError(f"{root} holds no tables: has naba run written there?")
        with open_tables(folder) as tables:
            yield tables
