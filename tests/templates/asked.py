"""Every message key that the program can ask for, found by reading its source.

A key is asked for in few ways: `words("key", name=...)`, a card made by `visit.say("key")`, the `Problem` of a field, an
error, a line of the journal, a note, a reminder. Where a part of the key is computed, `patterns.py` says what it can be.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sipbot.domain.errors import SipError
from sipbot.handlers.showing import QUIET
from sipbot.storage import errors as storage_errors
from tests.conftest import ROOT
from tests.templates.patterns import LETTER_LINES, LETTER_NAMES, PASSING_ON, PATTERNS, WHOLES

SOURCE = ROOT / "src" / "sipbot"

CODE = frozenset({"code"})
OF_NOTES = frozenset({"code", "agency", "target"})
ARGS_OF_NOTES = {"day": "when", "reason": "reason", "letter": "letter", "name": "name"}
OF_REMINDERS = frozenset({"code", "agency", "day", "when"})
# A reminder that goes to a mailbox because there is no chat carries less.
OF_MAILED_REMINDERS = frozenset({"code", "agency"})
ONLY_MAILED = frozenset({"nag.T3.mailbox"})
MAILED_TOO = ("unit", "manager", "mailbox", "overdue_manager")


@dataclass(frozen=True, slots=True)
class Asked:
    """One place that asks for a key: what it gives to be put in, what kind of words it wants, and where it stands."""

    key: str
    given: frozenset[str]
    kind: str
    where: str


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A computed key about which `patterns.py` says nothing."""

    key: str
    where: str


Found = Asked | Puzzle


@cache
def asked() -> tuple[Asked, ...]:
    """Return every asking that is understood."""
    return tuple(found for found in _everything() if isinstance(found, Asked))


@cache
def puzzles() -> tuple[Puzzle, ...]:
    """Return every computed key that is not."""
    return tuple(found for found in _everything() if isinstance(found, Puzzle))


def needed() -> frozenset[str]:
    """Return every key that must stand in a catalogue."""
    return frozenset(use.key for use in asked())


@cache
def _everything() -> tuple[Found, ...]:
    return tuple(found for module in _modules() for found in _Reader(module).read())


def _modules() -> Iterator[Path]:
    yield SOURCE / "templates" / "__init__.py"
    for folder in ("domain", "storage", "handlers", "bot"):
        # The demo's stand-in for Slack speaks as Slack does, not as we do.
        yield from (m for m in sorted((SOURCE / folder).rglob("*.py")) if "demo/slack" not in m.as_posix())


def _error_names() -> frozenset[str]:
    kinds = [SipError, *SipError.__subclasses__(), *vars(storage_errors).values()]
    return frozenset(kind.__name__ for kind in kinds if isinstance(kind, type) and issubclass(kind, SipError))


class _Reader(ast.NodeVisitor):
    """Reads one module."""

    def __init__(self, module: Path) -> None:
        self._path = module.relative_to(SOURCE).as_posix()
        self._tree = ast.parse(module.read_text(encoding="utf-8"))
        self._functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self._found: list[Found] = []

    def read(self) -> list[Found]:
        self.visit(self._tree)
        return self._found

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._within(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._within(node)

    def _within(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._functions.append(node)
        self.generic_visit(node)
        self._functions.pop()

    def visit_Constant(self, node: ast.Constant) -> None:
        if self._path == "domain/deadlines.py" and str(node.value).startswith("nag.T"):
            self._reminder(str(node.value), node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if self._path == "domain/deadlines.py" and _pattern(node).startswith("nag.T"):
            for key in self._keys(node, node):
                self._reminder(key, node)
        elif self._path != "domain/deadlines.py":
            self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        # `warnings_of` returns keys; they are asked for by the handler that calls it.
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if node.args:
            self._by_name(name, node)
        self.generic_visit(node)

    def _by_name(self, name: str, node: ast.Call) -> None:
        if name in {"words", "phrases"} or (name == "self" and self._path == "templates/__init__.py"):
            self._add(node.args[0], self._given(node), "text", node)
        elif name in {"say", "card"} and isinstance(node.func, ast.Attribute):
            for part in ("title", "text"):
                self._add(node.args[0], self._given(node), part, node, f".{part}")
        elif name == "long":
            self._add(node.args[0], self._given(node), "mail", node)
        elif name == "tick" and ast.unparse(node.args[0]).endswith("words"):
            self._add(node.args[2], frozenset(), "text", node)
            self._add(node.args[2], frozenset(), "option", node, ".tick")
        elif name == "choices":
            self._choices(node)
        elif name == "Problem" or (name == "Finding" and self._path.startswith("bot/")):
            self._add(node.args[1], _in_mapping(node, 2), "error", node)
        elif name == "_wrong":
            self._add(node.args[1], self._given(node), "error", node)
        elif name in _error_names() and node.args:
            self._add(node.args[0], _in_mapping(node, 1), "error", node)
        else:
            self._journal_or_note(name, node)

    def _journal_or_note(self, name: str, node: ast.Call) -> None:
        if name == "Entry" and self._path.startswith("handlers"):
            self._add(node.args[0], frozenset(), "text", node, before="journal.")
        elif name == "_keep" and len(node.args) > 3:
            self._add(node.args[3], frozenset(), "text", node, before="journal.")
        elif name == "write" and "journal" in ast.unparse(node.func) and self._path.startswith("handlers"):
            self._add(node.args[1], frozenset(), "text", node, before="journal.")
        elif name in {"note", "_note", "note_to_manager", "note_mail"}:
            self._notes(node)
        elif name == "_say" and self._path == "bot/slack/opener.py":
            self._add(node.args[2], frozenset(), "text", node)
        elif name == "append" and self._path == "domain/summoning.py" and isinstance(node.args[0], ast.Constant):
            self._add(node.args[0], frozenset({"days"}), "text", node)

    def _notes(self, node: ast.Call) -> None:
        given = OF_NOTES | {ARGS_OF_NOTES[k.arg] for k in node.keywords if k.arg in ARGS_OF_NOTES}
        for argument in node.args:
            for text in self._texts(argument):
                if text.startswith("note."):
                    self._found.append(Asked(f"{text}.title", given, "title", self._where(node)))
                    self._found.append(Asked(f"{text}.text", given, "text", self._where(node)))

    def _reminder(self, key: str, node: ast.expr) -> None:
        mailed = key.rpartition(".")[2] in MAILED_TOO
        self._found.append(Asked(key, OF_MAILED_REMINDERS if mailed else OF_REMINDERS, "text", self._where(node)))
        if key not in ONLY_MAILED:
            self._found.append(Asked(f"{key}.do", frozenset(), "button", self._where(node)))

    def _choices(self, node: ast.Call) -> None:
        module = importlib.import_module(f"sipbot.{self._path.removesuffix('.py').replace('/', '.')}")
        prefix = next(iter(self._texts(node.args[1])))
        values = eval(ast.unparse(node.args[2]), vars(module))  # noqa: S307 - our own source, such as `(YES, NO)`
        for value in values:
            self._found.append(Asked(f"{prefix}.{value}", frozenset(), "option", self._where(node)))

    def _add(  # noqa: PLR0913 - one place to enter what was read
        self, key: ast.expr, given: frozenset[str], kind: str, node: ast.Call, after: str = "", before: str = ""
    ) -> None:
        kind = _kind_of_use(node, self._parents_of(node)) or kind
        for text in self._keys(key, node, before):
            if before and text in QUIET:
                continue
            self._found.append(Asked(f"{before}{text}{after}", given, kind, self._where(node)))

    def _keys(self, key: ast.expr, node: ast.expr, before: str = "") -> Iterator[str]:
        """Yield the keys that an expression can be; one that cannot be told is a puzzle."""
        texts = list(self._texts(key))
        if not texts and not self._passes_on() and not _belongs_to_something(key):
            self._found.append(Puzzle(ast.unparse(key), self._where(node)))
        for text in texts:
            if "{}" not in text:
                yield text
                continue
            values = self._values(text, before)
            if values is None and not self._passes_on() and text != "journal.{}":
                self._found.append(Puzzle(text, self._where(node)))
            yield from (text.replace("{}", str(value)) for value in values or ())

    def _values(self, pattern: str, before: str) -> Iterable[str] | None:
        if pattern == "letter.{}":
            return LETTER_LINES if before else LETTER_NAMES
        return PATTERNS.get(pattern)

    def _passes_on(self) -> bool:
        return bool(self._functions) and f"{self._path}:{self._functions[-1].name}" in PASSING_ON

    def _texts(self, expression: ast.expr) -> Iterator[str]:
        """Yield the texts an expression can be, computed parts as `{}`; nothing when it cannot be told."""
        match expression:
            case ast.Constant(str(text)):
                yield text
            case ast.IfExp(body=body, orelse=orelse):
                yield from self._texts(body)
                yield from self._texts(orelse)
            case ast.JoinedStr():
                yield _pattern(expression)
            case ast.Name(name):
                yield from (text for value in self._assigned(name, expression) for text in self._texts(value))

    def _assigned(self, name: str, use: ast.expr) -> Iterator[ast.expr]:
        """Yield what a local name stands for: the last value before its use in the same block, else all there are."""
        function = self._functions[-1] if self._functions else self._tree
        block = _block_of(function, use)
        nearest = [v for v in _values_of(name, block) if v.lineno <= use.lineno][-1:]
        yield from nearest or _values_of(name, list(ast.walk(function)))

    def _given(self, node: ast.Call) -> frozenset[str]:
        given: set[str] = set()
        for keyword in node.keywords:
            if keyword.arg is not None:
                given.add(keyword.arg)
            else:
                given |= WHOLES.get(ast.unparse(keyword.value), frozenset())
        return frozenset(given)

    def _parents_of(self, node: ast.Call) -> ast.Call | None:
        """Return the call in which this one is an argument, such as the `Button` around its label."""
        root: ast.AST = self._functions[0] if self._functions else self._tree
        return next((c for c in ast.walk(root) if isinstance(c, ast.Call) and node in [*c.args]), None)

    def _where(self, node: ast.expr) -> str:
        return f"{self._path}:{node.lineno}"


def _pattern(text: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in text.values)


def _belongs_to_something(key: ast.expr) -> bool:
    """Say whether a key is carried by a problem, an error or a reminder: it was read where that was made."""
    return isinstance(key, ast.Attribute) and key.attr in {"key", "text"}


def _block_of(function: ast.AST, use: ast.expr) -> list[ast.AST]:
    """Return the statements of the innermost block in which an expression stands."""
    innermost: list[ast.AST] = []
    for node in ast.walk(function):
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list) and any(use in ast.walk(statement) for statement in block):
                innermost = block  # `ast.walk` comes to inner blocks after outer ones
    return innermost


def _values_of(name: str, nodes: list[ast.AST]) -> list[ast.expr]:
    found: list[ast.expr] = []
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                found.append(value)
            case ast.Assign(targets=[ast.Tuple(targets)], value=ast.Tuple(values)):
                found += [v for t, v in zip(targets, values, strict=True) if ast.unparse(t) == name]
    return found


def _in_mapping(node: ast.Call, position: int) -> frozenset[str]:
    """Return the names in the dictionary at this place of a call."""
    if len(node.args) <= position or not isinstance(node.args[position], ast.Dict):
        return frozenset()
    mapping = node.args[position]
    assert isinstance(mapping, ast.Dict)
    return frozenset(str(key.value) for key in mapping.keys if isinstance(key, ast.Constant))


def _kind_of_use(node: ast.Call, outer: ast.Call | None) -> str:
    """Return what the words are used as, told by the call around them; "" where it does not matter."""
    if outer is None:
        return ""
    place = outer.args.index(node)
    name = outer.func.id if isinstance(outer.func, ast.Name) else ""
    uses = {
        ("Button", 1): "button",
        ("Card", 0): "title",
        ("Form", 1): "form_title",
        ("Form", 2): "form_button",
        ("Form", 3): "form_button",
        ("Fact", 0): "label",
        ("Field", 2): "label",
        ("Option", 1): "option",
    }
    return uses.get((name, place), "")
