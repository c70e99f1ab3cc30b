"""The glossary, `docs/glossary.md`: one word for each thing, and code has the word that it says."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
NOT_THE_PRODUCT = {"tests", "bench", "scripts", "build", "dist"}
COLUMNS = 4


def rows() -> Iterator[list[str]]:
    """Yield the rows of the tables of terms: Swedish, English, in code, what it is."""
    for line in GLOSSARY.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == COLUMNS and cells[0] not in {"Swedish", "---"}:
            yield cells


def modules() -> Iterator[Path]:
    for folder in ROOT.iterdir():
        if folder.is_dir() and folder.name not in NOT_THE_PRODUCT and not folder.name.startswith("."):
            yield from folder.rglob("*.py")


def names_in(path: Path) -> Iterator[str]:
    """Yield every name that a module gives or uses, its own among them, and the words of enumerations."""
    yield from (part.removesuffix(".py") for part in path.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        yield from (
            value for key in ("id", "attr", "name", "arg") if isinstance(value := getattr(node, key, None), str)
        )
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z_.]+", node.value):
            yield from node.value.split(".")


def parts_of(name: str) -> Iterator[str]:
    """Yield a name and the words that it is made of, each in the singular too."""
    flat = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    for word in {flat, *flat.split("_")}:
        yield from (word, word.removesuffix("s"))


def test_the_words_that_the_glossary_gives_to_code_are_in_code() -> None:
    names = {name for path in modules() for name in names_in(path)}
    known = {part for name in names for part in parts_of(name)}
    given = [cells for cells in rows() if "Not in code yet" not in cells[-1]]
    lost = [(cells[0], word) for cells in given for term in re.findall(r"`([^`]+)`", cells[2]) for word in term.split()]
    assert [pair for pair in lost if not known.issuperset(pair[1].split("."))] == []


def test_no_word_stands_for_two_things() -> None:
    for column in (0, 1):
        words = [word.strip() for cells in rows() for word in cells[column].split(",") if word.strip() != "–"]
        assert [word for word, times in Counter(words).items() if times > 1] == []


def test_the_glossary_leads_into_the_rule_book_and_to_nothing_that_is_not_there() -> None:
    linked = re.findall(r"\]\(([\w./]+)\)", GLOSSARY)
    assert "rules.md" in linked
    assert [name for name in linked if not (ROOT / "docs" / name).is_file()] == []
