"""The text of a Telegram `rich_message` (2026): blocks of nested nodes, known or not."""

from collections.abc import Iterator
from typing import NamedTuple

_REPLACED_FIELD = "old_text"
_SEPARATORS = {"text": "", "cells": " "}


class _Node(NamedTuple):
    value: object
    separator: str  # between its members, if it is a list: "" for the runs of a line


def rich_text(message: object) -> str:
    """Return all `text` in a rich message in reading order, one block a line.

    A node of an unknown type gives its text like any other.
    """
    parts: list[str] = []
    waiting = [_Node(message, "\n")]
    while waiting:
        node = waiting.pop()
        if isinstance(node.value, str):
            parts.append(node.value)
        waiting.extend(reversed(list(_children(node))))
    lines = (line.strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _children(node: _Node) -> Iterator[_Node]:
    if isinstance(node.value, list):
        for child in node.value:
            if isinstance(child, (dict, list)):
                yield _Node(child, node.separator.strip(" "))
            elif node.separator == "":
                yield _Node(child, "")
            yield _Node(node.separator, "")
    elif isinstance(node.value, dict):
        for name, child in node.value.items():
            is_text = name == "text" or isinstance(child, (dict, list))
            if is_text and name != _REPLACED_FIELD:
                yield _Node(child, _SEPARATORS.get(name, node.separator))
