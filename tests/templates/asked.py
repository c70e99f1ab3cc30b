"""Every message key that the program can ask for, found by reading its source.

A key is asked for in few ways: `words("key", name=...)`, a card made by `visit.say("key")`, the `Problem` of a field,
an error, a line of the journal, a note, a reminder. Where a part of the key is computed, `patterns.py` says what it
can be.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from domain.errors import SipError
from handlers.enqueue import What
from handlers.screens.timeline import QUIET
from storage import errors as storage_errors
from tests.conftest import ROOT
from tests.templates.patterns import LETTER_LINES, LETTER_NAMES, PASSING_ON, PATTERNS, WHOLES
from tests.templates.syntax import block_of, is_carried, name_of, pattern, values_of

SOURCE = ROOT

OF_NOTES = frozenset({"code", "agency", "target", "own"})
ARGS_OF_NOTES = {"day": "when", "reason": "reason", "letter": "letter", "name": "name"}
OF_REMINDERS = frozenset({"code", "agency", "day", "when", "basis", "own"})
# Where an agency or its manager is not in the chat, a reminder goes to the mailbox, with less to tell.
OF_MAILED_REMINDERS = frozenset({"code", "agency", "day", "basis", "own"})
MAILED_TOO = frozenset({"unit", "manager", "mailbox", "overdue_manager"})
ONLY_MAILED = frozenset({"reminder.confirm_receipt.mailbox"})

# Modules that gather warnings as keys, and what each is filled with.
WARNINGS = {
    "domain/steps/appointment.py": frozenset({"days", "day", "last", "until"}),
    "domain/steps/report_meeting.py": frozenset(),
}

NOTE = re.compile(r"note\.[a-z_]+")
KINDS_OF_LETTERS = frozenset(What)

# What the words beside a call are used as: by the call's name and the place among its arguments.
USES = {
    ("Button", 1): "button",
    ("Card", 0): "title",
    ("Form", 1): "form_title",
    ("Form", 2): "form_button",
    ("Form", 3): "form_button",
    ("Fact", 0): "label",
    ("Field", 2): "label",
    ("Option", 1): "option",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One place that asks for a key: what it gives to be put in, what the words are used as, and where it stands."""

    key: str
    given: frozenset[str]
    use: str
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
    """Return every key that must stand in `messages.po`."""
    return frozenset(use.key for use in asked() if use.use != "mail")


def used_as(use: str) -> frozenset[str]:
    """Return the keys of all words with this use."""
    return frozenset(found.key for found in asked() if found.use == use)


def second_lines() -> frozenset[str]:
    """Return the keys that may stand in `messages.po` or not: the small line under a choice."""
    return frozenset(f"{key}.note" for key in used_as("option"))


@cache
def _everything() -> tuple[Found, ...]:
    readers = [_Reader(module) for module in _modules()]
    found = [use for reader in readers for use in reader.read()]
    known = {use.key for use in found}
    return (*found, *(use for reader in readers for use in reader.notes_by_name() if use.key not in known))


def _modules() -> Iterator[Path]:
    yield SOURCE / "templates" / "__init__.py"
    for folder in ("domain", "storage", "handlers", "bot"):
        # The demo has words of its own, beside its page.
        yield from sorted((SOURCE / folder).rglob("*.py"))


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

    def notes_by_name(self) -> Iterator[Asked]:
        """Yield the notes that a handler names without a call around the name."""
        for node in ast.walk(self._tree) if self._path.startswith("handlers") else ():
            match node:
                case ast.Constant(str(text)) if NOTE.fullmatch(text) and text not in KINDS_OF_LETTERS:
                    yield from (
                        Asked(f"{text}.{part}", OF_NOTES | {"name"}, part, self._where(node))
                        for part in ("title", "text")
                    )

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._within(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._within(node)

    def _within(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._functions.append(node)
        self.generic_visit(node)
        self._functions.pop()

    def visit_Constant(self, node: ast.Constant) -> None:
        if self._path.startswith("domain") and str(node.value).startswith("reminder."):
            self._reminder(str(node.value), node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if self._path.startswith("domain") and pattern(node).startswith("reminder."):
            for key in self._keys(node, node):
                self._reminder(key, node)

    def visit_Call(self, node: ast.Call) -> None:
        name = name_of(node)
        if node.args and not self._words(name, node) and not self._fault(name, node):
            self._line_or_note(name, node)
        self.generic_visit(node)

    def _words(self, name: str, node: ast.Call) -> bool:
        """Read a call that asks for words at once."""
        if name == "words" or (name == "self" and self._path == "templates/__init__.py"):
            self._add(node, 0, self._given(node))
        elif name in {"say", "card"} and isinstance(node.func, ast.Attribute):
            self._add(node, 0, self._given(node), "title", after=".title")
            self._add(node, 0, self._given(node), after=".text")
        elif name == "long":
            self._add(node, 0, self._given(node), "mail")
        elif name == "tick" and ast.unparse(node.args[0]).endswith("words"):
            self._add(node, 2, frozenset(), "label")
            self._add(node, 2, frozenset(), "option", after=".tick")
        elif name == "choices":
            self._choices(node)
        else:
            return False
        return True

    def _fault(self, name: str, node: ast.Call) -> bool:
        """Read a call that makes an error or a problem, whose words are asked for later."""
        if name == "Problem" or (name == "Finding" and self._path.startswith("bot/")):
            self._add(node, 1, self._in_mapping(node, 2), "error")
        elif name == "_wrong":
            self._add(node, 1, self._given(node), "error")
        elif name in _error_names():
            self._add(node, 0, self._in_mapping(node, 1), "error")
        else:
            return False
        return True

    def _line_or_note(self, name: str, node: ast.Call) -> None:
        in_handlers = self._path.startswith("handlers")
        if name in {"Entry", "entry"} and in_handlers:
            self._add(node, 0, frozenset(), before="journal.")
        elif name == "_keep" and in_handlers:
            self._add(node, 3, frozenset(), before="journal.")
        elif name == "write" and "journal" in ast.unparse(node.func) and not self._path.startswith("storage"):
            self._add(node, 1, frozenset(), before="journal.")
        elif name in {"note", "_note", "_tell", "note_to_manager", "note_mail", "note_once"}:
            self._notes(node)
        elif name == "_say" and self._path == "bot/slack/opener.py":
            self._add(node, 2, frozenset())
        elif name == "append" and self._path in WARNINGS and any("warn_" in text for text in self._texts(node.args[0])):
            # Warnings: keys in a list, asked for by the handler.
            self._add(node, 0, WARNINGS[self._path])

    def _notes(self, node: ast.Call) -> None:
        given = OF_NOTES | {ARGS_OF_NOTES[k.arg] for k in node.keywords if k.arg in ARGS_OF_NOTES}
        if self._path == "handlers/calendar_replies.py":
            given |= {"name"}
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
        module = importlib.import_module(self._path.removesuffix(".py").replace("/", "."))
        values = eval(ast.unparse(node.args[2]), vars(module))  # noqa: S307 - our own source, such as `(YES, NO)`
        for prefix in self._texts(node.args[1]):
            for value in values:
                self._found.append(Asked(f"{prefix}.{value}", frozenset(), "option", self._where(node)))

    def _add(
        self, node: ast.Call, place: int, given: frozenset[str], use: str = "text", *, before: str = "", after: str = ""
    ) -> None:
        if len(node.args) <= place:
            return
        use = self._use_of(node) or use
        for text in self._keys(node.args[place], node, before):
            if not (before and text in QUIET):
                self._found.append(Asked(f"{before}{text}{after}", given, use, self._where(node)))

    def _keys(self, key: ast.expr, node: ast.expr, before: str = "") -> Iterator[str]:
        """Yield the keys that an expression can be; one that cannot be told is a puzzle."""
        texts = list(self._texts(key))
        if not texts and not self._passes_on() and not is_carried(key):
            self._found.append(Puzzle(ast.unparse(key), self._where(node)))
        for text in texts:
            values = self._values(text, before) if "{}" in text else ("",)
            if values is None and not self._passes_on():
                self._found.append(Puzzle(text, self._where(node)))
            yield from (text.replace("{}", str(value)) for value in values or ())

    def _values(self, pattern: str, before: str) -> Iterable[str] | None:
        if pattern == "letter.{}":
            return LETTER_LINES if before else LETTER_NAMES
        return PATTERNS.get(pattern)

    def _passes_on(self) -> bool:
        folder = self._path.partition("/")[0]
        return bool(self._functions) and f"{folder}:{self._functions[-1].name}" in PASSING_ON

    def _texts(self, expression: ast.expr) -> Iterator[str]:
        """Yield the texts an expression can be, computed parts as `{}`; nothing when it cannot be told."""
        match expression:
            case ast.Constant(str(text)):
                yield text
            case ast.IfExp(body=body, orelse=orelse):
                yield from self._texts(body)
                yield from self._texts(orelse)
            case ast.JoinedStr():
                yield pattern(expression)
            case ast.Call(func=ast.Attribute(value=ast.Dict(values=values), attr="get")):
                yield from (text for value in values for text in self._texts(value))
            case ast.Name(name):
                yield from (text for value in self._assigned(name, expression) for text in self._texts(value))

    def _assigned(self, name: str, use: ast.expr) -> Iterator[ast.expr]:
        """Yield what a local name stands for: the last value before its use in the same block, else all there are."""
        function = self._functions[-1] if self._functions else self._tree
        nearest = [v for v in values_of(name, block_of(function, use)) if v.lineno <= use.lineno][-1:]
        yield from nearest or values_of(name, ast.walk(function))

    def _given(self, node: ast.Call) -> frozenset[str]:
        given: set[str] = set()
        for keyword in node.keywords:
            if keyword.arg is not None:
                given.add(keyword.arg)
            else:
                given |= self._names_in(keyword.value)
        return frozenset(given)

    def _in_mapping(self, node: ast.Call, place: int) -> frozenset[str]:
        """Return the names in the dictionary at this place of a call."""
        return self._names_in(node.args[place]) if len(node.args) > place else frozenset()

    def _names_in(self, mapping: ast.expr) -> frozenset[str]:
        if isinstance(mapping, ast.Call):
            return WHOLES.get(name_of(mapping), frozenset())
        values = self._assigned(mapping.id, mapping) if isinstance(mapping, ast.Name) else [mapping]
        keys = (key for value in values if isinstance(value, ast.Dict) for key in value.keys)
        return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))

    def _use_of(self, node: ast.Call) -> str:
        """Return what the words of this call are used as, told by the call in which it is an argument."""
        root: ast.AST = self._functions[0] if self._functions else self._tree
        outer = next((c for c in ast.walk(root) if isinstance(c, ast.Call) and node in c.args), None)
        if outer is None or not isinstance(outer.func, ast.Name):
            return ""
        return USES.get((outer.func.id, outer.args.index(node)), "")

    def _where(self, node: ast.expr) -> str:
        return f"{self._path}:{node.lineno}"
