"""Small questions about Python's syntax trees, for reading which words the source asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def name_of(call: ast.Call) -> str:
    """Return the name that is called: `words` for `words(...)`, `look.words(...)` and `office.speak(...)(...)`."""
    match call.func:
        case ast.Name(name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Call(func=ast.Attribute(attr="speak")):
            return "words"
    return ""


def pattern(text: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in text.values)


def is_carried(key: ast.expr) -> bool:
    """Say whether a key comes with a problem, an error or a reminder: it was read where that was made."""
    return isinstance(key, ast.Attribute) and key.attr in {"key", "text"}


def block_of(function: ast.AST, use: ast.expr) -> Iterable[ast.AST]:
    """Return the statements of the innermost block in which an expression stands."""
    innermost: list[ast.AST] = []
    for node in ast.walk(function):
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list) and any(use in ast.walk(statement) for statement in block):
                innermost = block  # `ast.walk` comes to inner blocks after outer ones
    return innermost


def values_of(name: str, nodes: Iterable[ast.AST]) -> list[ast.expr]:
    found: list[ast.expr] = []
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                found.append(value)
            case ast.Assign(targets=[ast.Tuple(targets)], value=ast.Tuple(values)):
                found += [v for t, v in zip(targets, values, strict=True) if ast.unparse(t) == name]
    return found
