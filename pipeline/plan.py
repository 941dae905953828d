"""Turn what the user names — files, folders, URLs, feeds.toml — into the sources of a run."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config import load_config
from pipeline.options import OptionsError
from schemas.records import Reject, SourceSpec, make_reject
from transforms.sources.fetch_errors import redacted


class Plan(NamedTuple):
    """The sources of a run, and what could not become one."""

    sources: tuple[SourceSpec, ...]
    rejects: tuple[Reject, ...]


class _Found(NamedTuple):
    path: Path
    name: str  # relative to the folder that the user named


def is_url(text: str) -> bool:
    """Return whether `text` names something by scheme and not by path."""
    return "://" in text


def configured_options(inputs: Sequence[str]) -> dict[str, Any]:
    """Return the options that the feeds.toml files among `inputs` set.

    Raises:
        OptionsError: two of them disagree, or one is wrong.
    """
    merged: dict[str, Any] = {}
    for text in inputs:
        for name, value in (load_config(Path(text)).options if _is_config(text) else {}).items():
            if merged.setdefault(name, value) != value:
                raise OptionsError(f"{text}: option {name!r} is set to something else before")
    return merged


def plan_sources(inputs: Sequence[str], *, timezone: str = "UTC") -> Plan:
    """Return the sources that `inputs` name, each once, in an order of their own.

    A file that feeds.toml does not name is a source called by its file name, or by its path
    inside the folder given; where two would be called the same, parent folders are added.

    Raises:
        OptionsError: a feeds.toml is wrong, or two sources share an id.
    """
    specs: dict[str, SourceSpec] = {}
    found: dict[Path, _Found] = {}
    rejects: list[Reject] = []
    for text in inputs:
        if _is_config(text):
            for spec in load_config(Path(text)).sources:
                _add(specs, spec)
        elif is_url(text):
            _add(specs, SourceSpec(redacted(text), text, timezone=timezone))
        else:
            for one in _walk(Path(text)):
                if isinstance(one, Reject):
                    rejects.append(one)
                else:
                    found.setdefault(one.path.absolute(), one)
    for path, name in _distinct_names(found).items():
        _add(specs, SourceSpec(name, str(found[path].path), timezone=timezone))
    return Plan(tuple(specs[source_id] for source_id in sorted(specs)), tuple(rejects))


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


def _is_config(text: str) -> bool:
    return text.endswith(".toml") and not is_url(text)


def _add(specs: dict[str, SourceSpec], spec: SourceSpec) -> None:
    if specs.setdefault(spec.source_id, spec) != spec:
        raise OptionsError(f"two sources are called {spec.source_id!r}: give one another id")


def _walk(root: Path) -> Iterator[_Found | Reject]:
    if not root.is_dir():
        yield _regular(root, root.name)
        return
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            path = Path(folder, name)
            yield _regular(path, str(path.relative_to(root)))


def _regular(path: Path, name: str) -> _Found | Reject:
    """Return the file as found, or a reject for what only looks like one."""
    printable = name.encode("utf-8", "backslashreplace").decode()
    if printable != name:
        problem = "its name is not valid UTF-8"
    elif path.exists() and not path.is_file():
        problem = "it is a device, a pipe or a socket, not a file"
    else:
        return _Found(path, name)
    origin = str(path).encode("utf-8", "backslashreplace").decode()
    return make_reject(
        "source-unreadable", problem,
        stage="read", source_id=printable, origin=origin, position="whole source",
    )


def _distinct_names(found: Mapping[Path, _Found]) -> dict[Path, str]:
    names = {path: one.name for path, one in found.items()}
    for depth in range(1, 64):
        clashing = {name for name, count in Counter(names.values()).items() if count > 1}
        if not clashing:
            break
        for path, one in found.items():
            if names[path] in clashing:
                kept = len(Path(one.name).parts) + depth
                names[path] = str(Path(*path.parts[-kept:]))
    return names
