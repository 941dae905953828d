"""Objects in a store without folders, renames and locks, through Beam's file systems.

An object appears whole or not at all, and is there for every reader once it is written. What
costs is the request, so there is none for each file of an archive: objects are listed by the
thousand, and deleted so.
"""

import errno
import importlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from typing import BinaryIO, NamedTuple

from apache_beam.io.aws.clients.s3.messages import S3ClientError
from apache_beam.io.filesystem import BeamIOError, CompressionTypes, FileMetadata
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions, S3Options

_PLAIN = CompressionTypes.UNCOMPRESSED
NEEDS = {
    "s3": ("boto3", "naba[aws]"),
    "gs": ("google.cloud.storage", "naba[gcp]"),
    "azfs": ("azure.storage.blob", "apache-beam[azure]"),
}
"""For each kind of store the module that it needs, and what to install for it."""


class StoreError(OSError):
    """A store cannot be reached, or refuses; the message says what it answered."""


class Found(NamedTuple):
    """An object that was listed."""

    url: str
    size: int
    changed_ns: int


def is_known(url: str) -> bool:
    """Say whether `url` leads to a store of a kind whose objects appear whole."""
    return url.partition("://")[0] in NEEDS


def check_store(url: str) -> None:
    """Check that the store at `url`, of a known kind, can be used from this machine.

    Raises:
        StoreError: a package or a key is missing.
    """
    scheme = url.partition("://")[0]
    module, package = NEEDS[scheme]
    if not _is_installed(module):
        raise StoreError(f"cannot open {url}: {module} is missing: install {package}")
    if scheme == "s3":
        _check_keys(url)


def read(url: str) -> bytes:
    """Return the object at `url`.

    Raises:
        FileNotFoundError: there is none.
    """
    with opened(url) as file:
        return file.read()


@contextmanager
def opened(url: str) -> Iterator[BinaryIO]:
    """Give the object at `url` as a file to read and to seek in.

    Raises:
        FileNotFoundError: there is none.
    """
    _ready()
    with _plain_errors(url), FileSystems.open(url, compression_type=_PLAIN) as file:
        yield file


@contextmanager
def created(url: str) -> Iterator[BinaryIO]:
    """Give a file whose content becomes the object at `url` at the end, if nothing fails."""
    content = io.BytesIO()  # closing one of Beam's files after an error would write half of it
    yield content
    _ready()
    with _plain_errors(url), FileSystems.create(url, compression_type=_PLAIN) as file:
        file.write(content.getbuffer())


def listed(prefix: str) -> Iterator[Found]:
    """Yield the objects whose URLs begin with `prefix`, in the order of these."""
    _ready()
    with _plain_errors(prefix):
        (match,) = FileSystems.match([f"{_escaped(prefix)}**"])
    found: Sequence[FileMetadata] = match.metadata_list
    for one in sorted(found, key=lambda one: one.path):
        if not one.path.endswith("/"):  # that stands for a folder, in the store's console
            yield Found(one.path, one.size_in_bytes, int(one.last_updated_in_seconds * 1e9))


def copy(pairs: Sequence[tuple[str, str]]) -> None:
    """Copy each object of a pair to the other place, inside the store.

    Raises:
        FileNotFoundError: one is not there; others may have been copied.
    """
    if not pairs:
        return
    _ready()
    sources, targets = zip(*pairs, strict=True)
    with _plain_errors(sources[0]):
        answers = FileSystems.copy(list(sources), list(targets))
    for source, _, error in answers or ():  # S3 tells so what has failed
        if error is not None:
            raise _as_os_error(source, error)


def remove(urls: Sequence[str]) -> None:
    """Remove the objects at `urls`; those that are not there are no error."""
    _ready()
    with _plain_errors(urls[0] if urls else ""):
        FileSystems.delete(list(urls))


def _ready() -> PipelineOptions:
    """Return Beam's options for its file systems; outside a pipeline it has none yet."""
    options: PipelineOptions = FileSystems._pipeline_options or PipelineOptions([])
    FileSystems.set_options(options)
    return options


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package that it belongs to is missing
        return False


@lru_cache
def _check_keys(url: str) -> None:
    """Check that there are keys for S3: without any, Beam tries for ten minutes.

    Raises:
        StoreError: there are none.
    """
    options = _ready().view_as(S3Options)
    session = importlib.import_module("boto3").session.Session()
    if not options.s3_access_key_id and session.get_credentials() is None:
        raise StoreError(
            f"cannot open {url}: no credentials for S3: set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or write ~/.aws/credentials"
        )


def _escaped(prefix: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in prefix)


@contextmanager
def _plain_errors(url: str) -> Iterator[None]:
    """Turn what Beam raises into an OSError that says in one line what the store has answered."""
    try:
        yield
    except BeamIOError as error:
        causes = list((error.exception_details or {}).values())
        raise _as_os_error(url, causes[0] if causes else error) from error
    except _errors_of_stores() as error:
        raise _as_os_error(url, error) from error


def _errors_of_stores() -> tuple[type[Exception], ...]:
    if not _is_installed("google.api_core"):
        return (S3ClientError,)
    google = importlib.import_module("google.api_core.exceptions")
    return (S3ClientError, google.GoogleAPICallError)


def _as_os_error(url: str, error: Exception) -> OSError:
    message = str(getattr(error, "message", None) or error)
    if getattr(error, "code", None) == 404 or isinstance(error, FileNotFoundError):
        return FileNotFoundError(errno.ENOENT, message, url)
    return StoreError(f"{url}: {message}")
