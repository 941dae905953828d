"""The tables and the views over them, in DuckDB: SQL files that need nothing else of Naba."""

from pathlib import Path

import duckdb

FOLDER = Path(__file__).parent


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
        raise NoTablesError(str(error).removeprefix("Invalid Input Error: ")) from error
    return connection
