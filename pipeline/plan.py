"""Turn what the user names — files, folders, URLs, feeds.toml — into the sources of a run."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config import load_config
from pipeline.options import OptionsError, check_url
from pipeline.store_files import check_place, find_stored
from schemas.locations import is_url, is_web
from schemas.records import Reject, SourceSpec, make_reject
from transforms.commit import COMMITS
from transforms.sources.fetch_errors import redacted


class Plan(NamedTuple):
    """The sources of a run, and what could not become one."""

    sources: tuple[SourceSpec, ...]
    rejects: tuple[Reject, ...]


class _Found(NamedTuple):
    target: Path  # where links lead
    location: str
    name: str  # with the folder that it lies in, or that the user named


def configured_options(inputs: Sequence[str]) -> dict[str, Any]:
    """Return the options that the feeds.toml files among `inputs` set.

    Raises:
        OptionsError: two of them disagree, or one is wrong.
    """
    merged: dict[str, Any] = {}
    for text in inputs:
        for name, value in (load_config(text).options if _is_config(text) else {}).items():
            if merged.setdefault(name, value) != value:
                raise OptionsError(f"{text}: option {name!r} is set to something else before")
    return merged


def plan_sources(inputs: Sequence[str], *, timezone: str = "UTC") -> Plan:
    """Return the sources that `inputs` name, each once, in an order of their own.

    A file that feeds.toml does not name is called by its folder and its name, or by its path
    in the folder given, that folder included: whatever else is read with it, unless two files
    would be called the same, which get the folders above as well.

    Raises:
        OptionsError: an input is empty or a URL of another scheme, a feeds.toml is wrong, or
            two sources share an id.
    """
    named: dict[str, SourceSpec] = {}
    found: dict[Path, SourceSpec] = {}
    rejects: list[Reject] = []
    for text in inputs:
        _check_input(text)
        if _is_config(text):
            for spec in load_config(text).sources:
                _add(named, spec)
        elif is_web(text):
            url = check_url(text, "input")
            _add(named, SourceSpec(redacted(url), url, timezone=timezone))
        else:
            for one in _walk_store(text) if is_url(text) else _walk(Path(text)):
                if isinstance(one, Reject):
                    rejects.append(one)
                else:
                    spec = SourceSpec(one.name, one.location, is_named=False, timezone=timezone)
                    found.setdefault(one.target, spec)
    found = _distinct(found)
    clashing = named.keys() & {spec.source_id for spec in found.values()}
    if clashing:
        raise OptionsError(f"two sources are called {min(clashing)!r}: give one another id")
    sources = sorted((*named.values(), *found.values()), key=lambda s: (s.source_id, s.location))
    return Plan(tuple(sources), tuple(rejects))


def with_memory(specs: Sequence[SourceSpec], memory: Mapping[str, Mapping[str, Any]]) -> tuple[
    SourceSpec, ...
]:
    """Return `specs` with what the last poll of each told: validators, and when to come again.

    A source whose URL has changed starts afresh.
    """
    return tuple(_remember(spec, memory.get(spec.source_id)) for spec in specs)


def _remember(spec: SourceSpec, last: Mapping[str, Any] | None) -> SourceSpec:
    if last is None or last["url"] != redacted(spec.location):
        return spec
    return spec._replace(
        etag=last["etag"] or "",
        last_modified=last["last_modified"] or "",
        not_before_s=last["not_before_s"] or 0.0,
    )


def _distinct(found: Mapping[Path, SourceSpec]) -> dict[Path, SourceSpec]:
    """Return the sources by path, with folders above put before names that clash."""
    specs = dict(found)
    for _ in range(64):  # folders deep
        times = Counter(spec.source_id for spec in specs.values())
        clashing = [path for path, spec in specs.items() if times[spec.source_id] > 1]
        if not clashing:
            break
        for path in clashing:
            kept = len(Path(specs[path].source_id).parts) + 1
            name = str(Path(*path.parts[-kept:]))
            specs[path] = specs[path]._replace(source_id=name)
    return specs


def _check_input(text: str) -> None:
    if not text:
        raise OptionsError("an input is empty: name a file, a folder or a URL")
    if is_url(text) and not is_web(text):
        check_place(text, "input")
    if not is_url(text) and _holds((Path(text) / COMMITS).is_dir):
        raise OptionsError(f"the input {text!r} is the output of runs: nothing to read")


def _is_config(text: str) -> bool:
    return text.endswith(".toml") and not is_web(text)


def _add(specs: dict[str, SourceSpec], spec: SourceSpec) -> None:
    if specs.setdefault(spec.source_id, spec) != spec:
        raise OptionsError(f"two sources are called {spec.source_id!r}: give one another id")


def _walk(root: Path) -> Iterator[_Found | Reject]:
    home = Path(_target(root).name)
    if not _holds(root.is_dir):
        yield _regular(root, Path(root.absolute().parent.name, root.name))
        return
    unreadable: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=unreadable.append):
        here = home / Path(folder).relative_to(root)
        visited = sorted(name for name in folders if not _is_skipped(Path(folder, name)))
        folders[:] = [name for name in visited if not Path(folder, name).is_symlink()]
        for name in set(visited) - set(folders):
            yield _reject("source-link", Path(folder, name), here / name, "a link to a folder")
        for name in sorted(name for name in names if not _is_skipped(Path(folder, name))):
            yield _regular(Path(folder, name), here / name)
    for error in unreadable:
        path = Path(error.filename)
        problem = error.strerror or "cannot be listed"
        yield _reject("source-unreadable", path, home / path.relative_to(root), problem)


def _walk_store(url: str) -> Iterator[_Found | Reject]:
    try:
        for one in find_stored(url):
            yield _Found(Path(one.url), one.url, one.name)
    except OSError as error:
        yield make_reject("source-unreadable", str(error), stage="read",
                          source_id=url.rstrip("/").rpartition("/")[2], origin=url,
                          position="whole source")


def _is_skipped(path: Path) -> bool:
    """Return whether `path` is hidden, or is the output of a run."""
    is_hidden = path.name.startswith(".") and not path.name.startswith("..")
    return is_hidden or _holds((path / COMMITS).is_dir)


def _target(path: Path) -> Path:
    """Return what `path` leads to; a link that leads to itself stands for itself."""
    return Path(os.path.realpath(path))  # Path.resolve fails on such a link before Python 3.13


def _holds(question: Callable[[], bool]) -> bool:
    """Return the answer to a question about a path, False where it may not be asked."""
    try:
        return question()
    except OSError:
        return False


def _regular(path: Path, name: Path) -> _Found | Reject:
    """Return the file as found, or a reject for what only looks like one."""
    if printable(str(path)) != str(path):
        return _reject("source-not-a-file", path, name, "its name is not valid UTF-8")
    if _holds(path.exists) and not _holds(path.is_file):
        problem = "it is a device, a pipe or a socket, not a file"
        return _reject("source-not-a-file", path, name, problem)
    return _Found(_target(path), str(path), str(name))


def _reject(reason: str, path: Path, name: Path, problem: str) -> Reject:
    return make_reject(
        reason,
        problem,
        stage="read",
        source_id=printable(str(name)),
        origin=printable(str(path)),
        position="whole source",
    )


def printable(text: str) -> str:
    """Return `text` with what is no valid UTF-8 in it spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()
