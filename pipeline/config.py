"""feeds.toml: the sources that a newsroom reads, and options for the run."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.options import OptionsError, check_timezone, check_url, make_options
from pipeline.store_files import beside
from schemas.records import SourceSpec
from transforms import storage
from transforms.sources import load_sources

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

IDENTITIES = ("auto", "guid", "link", "content")

_KEYS: dict[str, type] = {
    "id": str, "url": str, "path": str, "kind": str, "agency": str, "timezone": str,
    "language": str, "priority": int, "identity": str, "encoding": str,
}


class Config(NamedTuple):
    """What a feeds.toml says."""

    sources: tuple[SourceSpec, ...]
    options: Mapping[str, Any]


def load_config(path: str | Path) -> Config:
    """Read a feeds.toml: `[[source]]` tables and, optionally, `[options]`.

    Paths of sources are relative to the file, which may lie in an object store.

    Raises:
        OptionsError: it is no TOML, or a key or a value is wrong.
    """
    try:
        content = tomllib.loads(storage.read(str(path)).decode("utf-8-sig"))
    except OSError as error:
        raise OptionsError(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionsError(f"{path}: not valid TOML: {error}") from None
    unknown = set(content) - {"source", "options"}
    if unknown:
        raise OptionsError(f"{path}: unknown key {sorted(unknown)[0]!r}; known: source, options")
    options = content.get("options", {})
    if not isinstance(options, dict):
        raise OptionsError(f"{path}: options must be a table: write [options]")
    make_options(options)
    sources = content.get("source", [])
    if not isinstance(sources, list) or not all(isinstance(one, dict) for one in sources):
        raise OptionsError(f"{path}: source must be a list of tables: write [[source]]")
    if not sources:
        raise OptionsError(f"{path}: no [[source]] in it")
    specs = tuple(_spec(table, path) for table in sources)
    _check_unique(specs, path)
    return Config(specs, options)


def _spec(table: Mapping[str, Any], path: str | Path) -> SourceSpec:
    name = table.get("id", "?")
    for key, value in table.items():
        if key not in _KEYS:
            raise OptionsError(
                f"{path}: source {name!r}: unknown key {key!r}; known: {', '.join(_KEYS)}"
            )
        if type(value) is not _KEYS[key]:
            raise OptionsError(
                f"{path}: source {name!r}: {key} must be {_KEYS[key].__name__}, not {value!r}"
            )
    if not table.get("id"):
        raise OptionsError(f"{path}: a source has no id")
    if bool(table.get("url")) == bool(table.get("path")):
        raise OptionsError(f"{path}: source {name!r} needs one of url and path")
    spec = SourceSpec(
        source_id=table["id"],
        location=_location(table, path),
        **{key: table[key] for key in table if key not in ("id", "url", "path")},
    )
    _check_values(spec, path)
    return spec


def _location(table: Mapping[str, Any], path: str | Path) -> str:
    if "url" in table:
        return check_url(table["url"], f"{path}: source {table['id']!r}")
    return beside(str(path), table["path"])


def _check_values(spec: SourceSpec, path: str | Path) -> None:
    where = f"{path}: source {spec.source_id!r}"
    kinds = load_sources()
    if spec.kind and spec.kind not in kinds:
        raise OptionsError(f"{where}: unknown kind {spec.kind!r}; known: {', '.join(kinds)}")
    if spec.identity not in IDENTITIES:
        raise OptionsError(
            f"{where}: unknown identity {spec.identity!r}; known: {', '.join(IDENTITIES)}"
        )
    check_timezone(spec.timezone, where)
    try:
        "".encode(spec.encoding or "utf-8")
    except LookupError:
        raise OptionsError(f"{where}: unknown encoding {spec.encoding!r}") from None


def _check_unique(specs: tuple[SourceSpec, ...], path: str | Path) -> None:
    seen: set[str] = set()
    for spec in specs:
        if spec.source_id in seen:
            raise OptionsError(f"{path}: two sources have the id {spec.source_id!r}")
        seen.add(spec.source_id)
