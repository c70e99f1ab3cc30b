"""Looking whether all that an extract holds stands on the paper that is made of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from bot.admin.extract.words import Paper, paper_of
from templates import Words


def text_of(paper: Paper) -> str:
    lines = [paper.title, *paper.intro]
    for part in paper.parts:
        lines += [part.heading, part.text]
        for entry in part.entries:
            lines += [entry.title, *(line.text for line in entry.lines)]
    return "\n".join(lines)


def leaves(value: Any) -> Iterator[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        yield value
    else:
        yield from itertools.chain.from_iterable(leaves(each) for each in inner)


# What says when something was, from which the sentences are made.
TIMES = frozenset({"at", "put_at", "shown_at", "fired_at", "exported_at"})


def marked(value: Any, name: str = "", count: Iterator[int] | None = None) -> Any:
    """Return the same with another text or number at each place, no two alike; whoever leaves one out is seen."""
    count = itertools.count(700_000) if count is None else count
    if isinstance(value, dict):
        return {key: marked(inner, key, count) for key, inner in value.items()}
    if isinstance(value, list):
        return [marked(inner, name, count) for inner in value]
    if isinstance(value, bool) or value is None or name in TIMES:
        return value
    return next(count) if isinstance(value, int) else f"m{next(count)}"


def left_out(held: dict[str, Any], words: Words) -> tuple[int, list[str]]:
    """Return how many marks were put into an extract, and those that the paper made of it does not have."""
    found = marked(held)
    told = text_of(paper_of(found, words))
    marks = [str(leaf) for leaf in leaves(found) if str(leaf).removeprefix("m").isdigit()]
    return len(marks), [mark for mark in marks if mark not in told]
