"""`docs/promises.md`: at least fifteen sentences, each with a test that exists and the figure it held at."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

import pytest

from tests.conftest import ROOT

LEAST = 15
BOOK = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Promise:
    sentence: str
    file: str
    test: str
    figure: str


def promises() -> list[Promise]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in BOOK.splitlines() if line.startswith("|")]
    found = []
    for sentence, proof, figure in rows[2:]:
        named = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", proof)
        assert named is not None, proof
        found.append(Promise(sentence, named[1], named[2], figure))
    return found


def test_there_are_at_least_fifteen_and_none_twice() -> None:
    sentences = [promise.sentence for promise in promises()]
    assert len(set(sentences)) == len(sentences) >= LEAST


@pytest.mark.parametrize("promise", promises(), ids=lambda promise: promise.test)
def test_the_test_that_proves_it_is_there_and_a_figure_beside_it(promise: Promise) -> None:
    tree = ast.parse((ROOT / promise.file).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert promise.test in names
    assert promise.figure, "a figure says load, faults or tries"


def test_what_is_not_promised_is_said() -> None:
    assert "Whoever\nhas the machine" in BOOK or "Whoever has the machine" in BOOK
