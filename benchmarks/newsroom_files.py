"""The files of a newsroom: wires that arrive, and Telegram exports that grow."""

import random
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.newsroom import (
    CHANNELS,
    HOUR_S,
    NEWS_WORDS,
    WIRES,
    Clock,
    Key,
    Newsroom,
    wire_source,
)
from benchmarks.newsroom_documents import print_export, print_wire

LAST_WORD = f"{WIRES}/last.txt"
_EXPORT_HOURS = 2
_OVERLAP_S = 8 * HOUR_S
_HALF_S = 0.05


class State(NamedTuple):
    """What a file held from some moment on."""

    source: str  # the file, as the tables call it
    body: bytes
    told: frozenset[Key]


class Arrivals:
    """Writes each file when its time has come, and keeps every state of it.

    Wires are moved into place whole. One channel is exported to the same file each time, written
    over where it lies; the other to a new file that overlaps the one before.
    """

    def __init__(self, newsroom: Newsroom, folder: Path) -> None:
        self.states: list[State] = []
        self._newsroom = newsroom
        self._folder = folder
        wires = [
            (one.shown_s, wire_source(one), print_wire(one)) for one in newsroom.versions(WIRES)
        ]
        self._wires = sorted(one for one in wires if one[0] <= newsroom.end_s)
        self._exported_s = 0.0

    def write_due(self, clock: Clock) -> None:
        """Write what is due by now."""
        now_s = min(clock.newsroom(time.time()), self._newsroom.end_s)
        while self._wires and self._wires[0][0] <= now_s:
            _, source, printed = self._wires.pop(0)
            self._write(source, printed.text, printed.told(), in_place=False)
        next_s = min(self._exported_s + _EXPORT_HOURS * HOUR_S, self._newsroom.end_s)
        if now_s >= next_s > self._exported_s:
            self._export(clock, now_s)

    def write_last_word(self) -> str:
        """Write a wire that comes after all else; return the name of its source."""
        words = random.Random(LAST_WORD).choices(NEWS_WORDS, k=40)
        text = f"{' '.join(words[:6])}\n\n{' '.join(words[6:])}\n"
        key = Key(LAST_WORD, "", *text.strip().split("\n\n"))
        self._write(LAST_WORD, text, frozenset({key}), in_place=False)
        return LAST_WORD

    def _export(self, clock: Clock, now_s: float) -> None:
        growing, parted = CHANNELS
        messages = self._newsroom.shown(growing, now_s)
        export = print_export(growing, messages, clock)
        self._write(f"{WIRES}/growing.json", export.text, export.told(), in_place=True)
        recent = [
            one for one in self._newsroom.shown(parted, now_s) if one.shown_s > now_s - _OVERLAP_S
        ]
        name = f"{WIRES}/export-{now_s / HOUR_S:04.1f}.json"
        export = print_export(parted, recent, clock)
        self._write(name, export.text, export.told(), in_place=False)
        self._exported_s = now_s

    def _write(self, source: str, text: str, told: frozenset[Key], *, in_place: bool) -> None:
        path, body = self._folder / source, text.encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        if in_place:
            with path.open("wb", buffering=0) as file:
                file.write(body[: len(body) // 2])
                time.sleep(_HALF_S)
                file.write(body[len(body) // 2 :])
        else:
            written = path.with_name(f".{path.name}")
            written.write_bytes(body)
            written.replace(path)
        self.states.append(State(source, body, told))
