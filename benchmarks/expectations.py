"""Evaluate the expectations of feedparser's test suite: a small part of Python, without eval."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

CLAIMED = {
    "": {"bozo", "feed", "entries"},
    "feed": {"title", "link", "language"},
    "entries": {
        "title", "link", "id", "summary", "content", "author", "language", "published_parsed",
        "updated_parsed", "title_detail", "summary_detail",
    },
    "title_detail": {"value", "type", "language"},
    "summary_detail": {"value", "type", "language"},
    "content": {"value", "type", "language"},
}
"""The names an expectation may use, by what they belong to."""

_SYNONYMS = {
    "guid": "id", "description": "summary", "issued_parsed": "published_parsed",
    "date_parsed": "updated_parsed", "modified_parsed": "updated_parsed",
    "description_detail": "summary_detail",
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.Lt: operator.lt, ast.Gt: operator.gt, ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}


class NotClaimedError(ValueError):
    """The expectation uses a name or a construct that is not claimed."""


class _MissingError(KeyError):
    """What the expectation looks for is not there."""


class _Record:
    """A mapping whose names are claimed under `owner`."""

    def __init__(self, owner: str, values: Mapping[str, Any]) -> None:
        self.owner = owner
        self.values = values

    def get(self, name: str) -> Any:
        name = _SYNONYMS.get(name, name)
        if name not in CLAIMED[self.owner]:
            raise NotClaimedError(f"{self.owner}.{name}")
        if name not in self.values:
            raise _MissingError(name)
        return _wrapped(name, self.values[name])


def is_true(expression: str, seen: Mapping[str, Any]) -> bool:
    """Say whether `expression` holds over what was seen.

    Raises:
        NotClaimedError: it mentions something that is not claimed.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError as error:
        raise NotClaimedError(f"no expression: {expression}") from error
    _check(tree)
    try:
        return bool(_value(tree, _Record("", seen)))
    except _MissingError:
        return False


def _wrapped(name: str, value: Any) -> Any:
    if name in ("feed", "title_detail", "summary_detail"):
        return _Record(name, value)
    if name in ("entries", "content"):
        return [_Record(name, one) for one in value]
    return value


def _check(tree: ast.expr) -> None:
    """Refuse what is not claimed before anything is evaluated: "and" may end early.

    Raises:
        NotClaimedError: a name is not claimed.
    """
    claimed = set().union(*CLAIMED.values(), _SYNONYMS, {"len", "has_key"})
    for node in ast.walk(tree):
        names = {
            ast.Name: lambda n: n.id, ast.Attribute: lambda n: n.attr,
            ast.Subscript: lambda n: n.slice.value if isinstance(n.slice, ast.Constant) else 0,
        }
        name = names.get(type(node), lambda n: 0)(node)
        if isinstance(name, str) and name not in claimed:
            raise NotClaimedError(name)


def _value(node: ast.expr, names: _Record) -> Any:
    """Return the value of one node of an expectation.

    Raises:
        NotClaimedError: the node is of a kind, or a name, that is not claimed.
    """
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return names.get(node.id)
        case ast.Tuple() | ast.List():
            return tuple(_value(one, names) for one in node.elts)
        case ast.UnaryOp(op=ast.Not()):
            return not _value(node.operand, names)
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand, names)
        case ast.BoolOp():
            decide = all if isinstance(node.op, ast.And) else any
            return decide(_value(one, names) for one in node.values)
        case ast.Compare(ops=[comparison], comparators=[right]):
            return _COMPARISONS[type(comparison)](_value(node.left, names), _value(right, names))
    return _part(node, names)


def _part(node: ast.expr, names: _Record) -> Any:
    """Return what an attribute, an index or a call stands for."""
    match node:
        case ast.Attribute():
            return _member(_value(node.value, names), node.attr)
        case ast.Subscript():
            return _member(_value(node.value, names), _value(node.slice, names))
        case ast.Call(func=ast.Name(id="len"), args=[argument]):
            return len(_value(argument, names))
        case ast.Call(func=ast.Attribute(value=owner, attr="has_key"), args=[argument]):
            return _has(_value(owner, names), _value(argument, names))
    raise NotClaimedError(ast.dump(node)[:80])


def _member(owner: Any, name: Any) -> Any:
    if isinstance(owner, _Record):
        return owner.get(name)
    if not isinstance(owner, (list, tuple, str)) or not isinstance(name, int):
        raise NotClaimedError(f"{name!r} of {type(owner).__name__}")
    if name >= len(owner):
        raise _MissingError(name)
    return owner[name]


def _has(owner: Any, name: str) -> bool:
    try:
        owner.get(name)
    except _MissingError:
        return False
    return True
