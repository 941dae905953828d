"""Find the files that are to be read in an object store, with one listing for each input."""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.options import OptionsError
from schemas.locations import is_url
from transforms import object_store
from transforms.commit import COMMITS


class StoredFile(NamedTuple):
    """An object that is to be read."""

    url: str
    name: str  # with the folder that it lies in, or that the user named


def check_place(url: str, where: str) -> None:
    """Check that `url` leads to a store that can be used here.

    Raises:
        OptionsError: no such store is known, or a package or a key for it is missing.
    """
    if not object_store.is_known(url):
        raise OptionsError(
            f"{where}: cannot read or write {url!r}: known are http:// and https:// for feeds, "
            f"and {', '.join(f'{scheme}://' for scheme in object_store.NEEDS)} for files"
        )
    try:
        object_store.check_store(url)
    except object_store.StoreError as error:
        raise OptionsError(f"{where}: {error}") from None


def find_stored(url: str) -> Iterator[StoredFile]:
    """Yield the objects below `url`, or the one that it names; nothing hidden and no output.

    Raises:
        OptionsError: it is the output of runs.
    """
    folder = url.rstrip("/")
    home = folder.rpartition("/")[2]
    found = list(object_store.listed(f"{folder}/"))
    if not found and folder == url and url.count("/") > 2:  # reading it tells if it is there
        yield StoredFile(url, "/".join(url.split("/")[-2:]))
        return
    outputs = {one.url.partition(f"/{COMMITS}/")[0] for one in found
               if f"/{COMMITS}/" in one.url}
    if folder in outputs:
        raise OptionsError(f"the input {url!r} is the output of runs: nothing to read")
    for one in found:
        path = one.url[len(folder) + 1 :]
        if not _is_hidden(path) and not any(one.url.startswith(f"{top}/") for top in outputs):
            yield StoredFile(one.url, f"{home}/{path}")


def beside(file: str, path: str) -> str:
    """Return the place that `path` names, written in `file`: relative to that, unless it is whole.

    Raises:
        OptionsError: it is a URL of a store that cannot be used.
    """
    if is_url(path):
        check_place(path, file)
        return path
    if not is_url(file):
        return str(Path(file).parent / path)
    bucket = "/".join(file.split("/")[:3])
    folder = posixpath.dirname(file.removeprefix(bucket))
    return bucket + posixpath.normpath(posixpath.join(folder, path))


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") and not part.startswith("..") for part in path.split("/"))
