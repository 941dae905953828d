"""An object store in memory, known to Beam as memory://, that can fail at any of its requests."""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from apache_beam.io.filesystem import BeamIOError, FileMetadata, FileSystem


class Killed(BaseException):
    """The process that asked has died."""


class Store:
    """The objects, by URL, and how many requests are granted before the process dies."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, float]] = {}
        self.requests: list[str] = []
        self.granted: int | None = None
        self._now_s = 1_700_000_000.0

    def ask(self, request: str) -> None:
        """Count a request; none is answered to a process that is dead."""
        if self.granted == 0:
            raise Killed(request)
        if self.granted is not None:
            self.granted -= 1
        self.requests.append(request)

    def put(self, url: str, content: bytes) -> None:
        """Write an object, later than all others."""
        self._now_s += 1.5
        self.objects[url] = content, self._now_s


STORE = Store()
"""What is behind memory://; tests empty it first."""


class MemoryFileSystem(FileSystem):  # type: ignore[misc]  # Beam has no types
    """Beam's way to `STORE`; nothing is kept in it."""

    @classmethod
    def scheme(cls) -> str:
        return "memory"

    def has_dirs(self) -> bool:
        return False

    def _list(self, prefix: str) -> Iterator[FileMetadata]:
        STORE.ask(f"list {prefix}")
        for url, (content, changed_s) in sorted(STORE.objects.items()):
            if url.startswith(prefix):
                yield FileMetadata(url, len(content), changed_s)

    def create(self, path: str, *_: Any, **__: Any) -> BinaryIO:
        return _Upload(path)

    def open(self, path: str, *_: Any, **__: Any) -> BinaryIO:
        STORE.ask(f"get {path}")
        if path not in STORE.objects:
            raise FileNotFoundError(2, "no such object", path)
        return io.BytesIO(STORE.objects[path][0])

    def copy(self, sources: list[str], targets: list[str]) -> list[tuple[str, str, Any]]:
        """Answer as Beam does for S3: what fails is told, not raised, and the rest goes on."""
        answers: list[tuple[str, str, Any]] = []
        for source, target in zip(sources, targets, strict=True):
            STORE.ask(f"copy {source}")
            missing = source not in STORE.objects
            answers.append((source, target, FileNotFoundError(source) if missing else None))
            if not missing:
                STORE.put(target, STORE.objects[source][0])
        return answers

    def delete(self, paths: list[str]) -> None:
        for path in paths:
            STORE.ask(f"delete {path}")
            STORE.objects.pop(path, None)

    def exists(self, path: str) -> bool:
        STORE.ask(f"head {path}")
        return path in STORE.objects

    def metadata(self, path: str) -> FileMetadata:
        raise BeamIOError("not needed")

    size = checksum = last_updated = split = metadata

    def join(self, basepath: str, *paths: str) -> str:
        return "/".join((basepath, *paths))

    def mkdirs(self, path: str) -> None:
        """Do nothing: there are no folders."""

    def rename(self, sources: list[str], targets: list[str]) -> None:
        raise BeamIOError("no store can rename")


class _Upload(io.BytesIO):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def close(self) -> None:
        if not self.closed:
            STORE.ask(f"put {self._url}")
            STORE.put(self._url, self.getvalue())
        super().close()
