"""Rules of the house that import-linter cannot state; the others are contracts in pyproject.toml."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

DOMAIN = ROOT / "domain"
MODULES = sorted(DOMAIN.rglob("*.py"))

# What knows no platform. The migrations tell of columns that once bore a platform's name.
NEUTRAL = sorted(
    module
    for folder in ("domain", "handlers", "storage")
    for module in (ROOT / folder).rglob("*.py")
    if "migrations" not in module.parts
)
PLATFORMS = re.compile("slack|matrix", re.IGNORECASE)

# Parts of the standard library that read the clock, draw lots, or reach outside the process.
IMPURE = {
    "asyncio", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets",
    "shutil", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
MOST_IN_A_FOLDER = 25
CLOCK_CALLS = {"now", "today", "utcnow"}
OUTSIDE_CALLS = {"input", "open", "print"}


def imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "domain" if node.level else node.module or ""


def impure_calls(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("date" | "datetime"), attr=name)) if name in CLOCK_CALLS:
                yield name
            case ast.Call(func=ast.Name(name)) if name in OUTSIDE_CALLS:
                yield name


def test_the_domain_imports_the_standard_library_and_itself_alone() -> None:
    roots = sys.stdlib_module_names | {"domain"}
    assert MODULES
    assert [(module, name) for module in MODULES for name in imported(module) if name.split(".")[0] not in roots] == []


def test_the_domain_reads_no_clock_draws_no_lots_and_reaches_nothing_outside() -> None:
    for module in MODULES:
        assert IMPURE.isdisjoint(name.split(".")[0] for name in imported(module)), module
        assert list(impure_calls(module)) == [], module


def test_below_the_bot_no_platform_is_named_in_code_text_or_comment() -> None:
    """Otherwise the next platform is a search through all of it."""
    lines = ((module, line) for module in NEUTRAL for line in module.read_text().splitlines())
    assert NEUTRAL
    assert [(module, line) for module, line in lines if PLATFORMS.search(line)] == []


def test_no_folder_holds_more_modules_than_can_be_taken_in_at_a_glance() -> None:
    named = [path for path in ROOT.rglob("*.py") if not path.relative_to(ROOT).parts[0].startswith(".")]
    counts = Counter(path.parent for path in named if path.name != "__init__.py")
    assert {str(folder.relative_to(ROOT)): count for folder, count in counts.items() if count > MOST_IN_A_FOLDER} == {}


def test_what_threads_read_into_a_type_has_a_decoder_made_at_loading() -> None:
    """msgspec shows a type that it has learnt by half to other threads, and one of them then ends the process."""
    modules = (module for folder in ("handlers", "storage") for module in (ROOT / folder).rglob("*.py"))
    found = [
        f"{module.relative_to(ROOT)}:{node.lineno}"
        for module in modules
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "decode"
        and any(keyword.arg == "type" for keyword in node.keywords)
    ]
    assert found == []
