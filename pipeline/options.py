"""The options of a run, once: the CLI flags and the keys of feeds.toml are generated from here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from schemas.ids import RUN_ID_FORMAT
from schemas.locations import is_url, is_web

_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_DIGITS = re.compile(r"\d{8}T\d{6}Z")


class OptionsError(ValueError):
    """An option or a configuration file is wrong; the message says which and how to mend it."""


def _option(default: Any, meaning: str, metavar: str = "") -> Any:
    return field(default=default, metadata={"meaning": meaning, "metavar": metavar})


@dataclass(frozen=True)
class Options:
    """Everything that a run can be told, but for its inputs."""

    output: str = _option("tables", "folder of the Parquet tables", "DIR")
    model: str = _option(
        "", "token-classification model: a folder or a Hugging Face hub id; "
        "default: the one that ships with Naba", "PATH_OR_ID",
    )
    run_id: str = _option(
        "", "time slot that the run stands for, such as 2026-11-24T06:00Z; "
        "the same slot again replaces that run; default: now", "SLOT",
    )
    timezone: str = _option(
        "UTC", "zone of times printed without one, for inputs that feeds.toml does not name",
        "ZONE",
    )
    follow: bool = _option(
        False, "go on reading what is new, round after round, until SIGTERM or Ctrl-C"
    )
    every: int = _option(60, "seconds from one round to the next, with --follow", "SECONDS")
    lateness: int = _option(
        300, "seconds that an item may come after its publication and still be put in its place "
        "in time, with --follow on another runner than the local one", "SECONDS",
    )
    workers: int = _option(1, "processes that work in parallel on this machine", "N")
    shards: int = _option(1, "files per table that a run writes", "N")
    allow_loopback: bool = _option(
        False, "let feed URLs lead to this machine (for tests and local proxies)"
    )
    runner: str = _option("FnApiRunner", "Beam runner", "NAME")

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            OptionsError: a value makes no sense.
        """
        for name in ("workers", "shards", "every", "lateness"):
            if getattr(self, name) < 1:
                raise OptionsError(f"{name} must be at least 1, not {getattr(self, name)}")
        check_timezone(self.timezone, "--timezone")
        if not self.output or is_web(self.output):
            raise OptionsError(f"output must be a folder or a store, not {self.output!r}")
        if is_url(self.output):
            object.__setattr__(self, "output", self.output.rstrip("/"))
        if self.output.encode("utf-8", "replace").decode() != self.output:
            raise OptionsError("output must be named in valid UTF-8")
        if self.run_id and self.follow:
            raise OptionsError("--run-id names one run and --follow makes many: leave one away")
        if self.run_id:
            object.__setattr__(self, "run_id", parse_run_id(self.run_id))


def check_url(url: str, where: str) -> str:
    """Return `url` with its scheme in lower case.

    Raises:
        OptionsError: it is no http(s) URL.
    """
    scheme, _, rest = url.partition("://")
    if not is_web(url):
        raise OptionsError(f"{where}: cannot read {url!r}: write an http:// or https:// URL")
    return f"{scheme.lower()}://{rest}"


def check_timezone(name: str, where: str) -> None:
    """Check that `name` is an IANA time zone.

    Raises:
        OptionsError: it is none.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise OptionsError(
            f"{where}: unknown time zone {name!r}: write a name such as Europe/Istanbul"
        ) from None


def parse_run_id(slot: str) -> str:
    """Return the run id of a time slot: an ISO 8601 date or time, UTC unless it says otherwise.

    Raises:
        OptionsError: `slot` is no time.
    """
    text = slot.strip()
    try:
        if _DIGITS.fullmatch(text):
            time = datetime.strptime(text, RUN_ID_FORMAT)
        else:  # Python 3.10 does not read the Z of ISO 8601
            time = datetime.fromisoformat(re.sub("Z$", "+00:00", text))
    except ValueError:
        raise OptionsError(
            f"run id {slot!r} is no time slot: write a time such as 2026-11-24T06:00Z"
        ) from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=timezone.utc)
    if not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        raise OptionsError(f"run id {slot!r} lies outside {_FIRST_YEAR} to {_LAST_YEAR}")
    return time.astimezone(timezone.utc).strftime(RUN_ID_FORMAT)


def run_time(run_id: str) -> datetime:
    """Return the logical time of a run."""
    return datetime.strptime(run_id, RUN_ID_FORMAT).replace(tzinfo=timezone.utc)


def option_fields() -> dict[str, tuple[type, Any, str, str]]:
    """Return each option's type, default, meaning and placeholder, by name."""
    return {
        item.name: (type(item.default), item.default, item.metadata["meaning"],
                    item.metadata["metavar"])
        for item in fields(Options)
    }


def make_options(settings: Mapping[str, Any]) -> Options:
    """Return options with `settings` applied; a type that differs is an error.

    Raises:
        OptionsError: a name is unknown or a value is wrong.
    """
    known = option_fields()
    for name, value in settings.items():
        if name not in known:
            raise OptionsError(f"unknown option {name!r}; known: {', '.join(known)}")
        if type(value) is not known[name][0]:
            raise OptionsError(
                f"option {name!r} must be {known[name][0].__name__}, not {value!r}"
            )
    return Options(**settings)
