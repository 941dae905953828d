"""Fetch tables from an object store to a folder."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from schemas.tables import TABLES
from transforms import object_store

_AT_ONCE = 16  # a store answers slowly, but many at a time


def fetch_tables(
    root: str, folder: str, names: Collection[str], is_wanted: Callable[[str], bool]
) -> int:
    """Fetch the wanted files of the tables `names`, or of all; return how many.

    Raises:
        StoreError: the store cannot be read.
    """
    keys = [
        one.url[len(root) + 1 :]
        for name in names or TABLES for one in object_store.listed(f"{root}/{name}/")
        if one.url.endswith(".parquet") and is_wanted(one.url.rpartition("/")[2])
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for fetched in [pool.submit(_fetch, root, key, folder) for key in keys]:
            fetched.result()
    return len(keys)


def _fetch(root: str, key: str, folder: str) -> None:
    path = Path(folder, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):  # removed since it was listed: its slot was run again
        path.write_bytes(object_store.read(f"{root}/{key}"))
