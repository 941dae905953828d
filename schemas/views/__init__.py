"""The tables and the views over them, in DuckDB: SQL files that need nothing else of Naba."""

from pathlib import Path
from typing import Any

import duckdb

FOLDER = Path(__file__).parent
_NO_TABLES = "holds no tables"  # says 0_tables.sql


class NoTablesError(FileNotFoundError):
    """A folder holds no tables of ours."""


def view_files() -> list[Path]:
    """Return the files of views in the order in which they build on one another."""
    return sorted(FOLDER.glob("*.sql"))


def open_tables(root: str) -> duckdb.DuckDBPyConnection:
    """Return a connection that knows the tables in `root`, a folder or a URL, and all views.

    Raises:
        NoTablesError: there are none.
    """
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute("set variable tables = ?", [root])
    try:
        for path in view_files():
            connection.execute(path.read_text(encoding="utf-8"))
    except duckdb.InvalidInputException as error:
        if _NO_TABLES not in str(error):  # a damaged file
            raise
        raise NoTablesError(str(error).removeprefix("Invalid Input Error: ")) from error
    return connection


def rows_of(
    connection: duckdb.DuckDBPyConnection, query: str, *values: Any
) -> list[dict[str, Any]]:
    """Return the rows of a query, each by column; `values` stand for $1, $2 and on."""
    result = connection.execute(query, list(values))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
