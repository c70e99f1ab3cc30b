"""The rule book, `docs/rules.md`: whole, counted, shown by tests that exist, and the only place that is cited."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from domain.reminders.kinds import KINDS
from tests.conftest import ROOT

BOOK = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
NUMBERS = [f"R{number}" for number in range(1, 210)]
STATUSES = ("served", "partly", "missing", "wrong", "guidance", "people")
EXPLAINED = frozenset(STATUSES) - {"served"}
SHORTEST = 20
LABELS = ("Source", "Status", "Read in", "Shown by")

# Citations. Slack's ids look like reminders (T0, D0), so those of reminders are not looked for in tests.
RULE = re.compile(r"\b[Rr]([1-9]\d{0,2})(?:\b|(?=_))")
REMINDER = re.compile(r"\bT[1-9]\d?\b(?!/)")
PART = re.compile(r"\b(law|days|process) (4[A-D]|5[A-C]|7[A-E])(\.\d+)?(?:-(7[A-E])|/(\d+))?", re.IGNORECASE)
BARE_PART = re.compile(r"(?<!aw )(?<!ays )(?<!rocess )\b(4[A-D]|5[A-C]|7[A-E])(?:\.\d+|\b rule)")

# Names of papers that are not here.
ABSENT = (
    re.compile(r"\b(?:shared|review)/"),
    re.compile(r"\(00[0-4]\)"),
    re.compile(r"\bfacts(?: on calendars)?[:,] (?:calendar|chat|section|\d)|\(chat A\d|\breliability(?:\.md)? \d"),
    re.compile(r"\((?:contract|design|issue|law)[:,] "),
)
TEXT = {".py", ".md", ".toml", ".po", ".j2", ".js", ".json", ".css", ".html", ".yaml", ".yml", ".txt", ".example"}


@dataclass(frozen=True)
class Rule:
    """One entry of the rule book. `shown_by` and `read_in` are what stands between backticks there."""

    number: str
    text: str
    source: str
    status: str
    why: str
    read_in: tuple[str, ...]
    shown_by: tuple[str, ...]


def entries() -> Iterator[Rule]:
    for block in re.split(r"^(?=### R\d+$)", BOOK, flags=re.MULTILINE)[1:]:
        entry = re.split(r"^## ", block, flags=re.MULTILINE)[0]
        heading, text, *rest = (part.strip() for part in re.split(r"\n\s*\n|\n(?=\*\*)", entry.strip(), maxsplit=2))
        points = dict(re.findall(rf"^- ({'|'.join(LABELS)}): (.+)$", "\n".join(rest), re.MULTILINE))
        status, _, why = points.get("Status", "").partition(". ")
        yield Rule(
            number=heading.removeprefix("### "),
            text=text,
            source=points.get("Source", ""),
            status=status.rstrip("."),
            why=why,
            read_in=tuple(re.findall(r"`([^`]+)`", points.get("Read in", ""))),
            shown_by=tuple(re.findall(r"`([^`]+)`", points.get("Shown by", ""))),
        )


RULES = tuple(entries())


@cache
def functions_of(module: str) -> dict[str, str]:
    """Return the functions of a module by name, each with all that stands in it."""
    path = ROOT / module
    source = path.read_text(encoding="utf-8") if path.is_file() else ""
    lines = source.splitlines()
    return {
        node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@cache
def files() -> tuple[Path, ...]:
    """Return every text file of the repository, or of an unpacked copy of it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = [ROOT / line for line in listed.stdout.splitlines()] or [*ROOT.rglob("[!.]*")]
    return tuple(path for path in found if path.is_file() and (path.suffix in TEXT or path.name == "Makefile"))


@cache
def prose() -> tuple[tuple[str, str], ...]:
    """Return path and text of every file that may cite something; not the book itself, and not this test."""
    citing = [path for path in files() if path.name not in {"rules.md", Path(__file__).name}]
    return tuple((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace")) for path in citing)


def test_every_rule_stands_there_once_and_in_order() -> None:
    assert [rule.number for rule in RULES] == NUMBERS


def test_the_totals_are_those_of_the_entries() -> None:
    told = {status: int(count) for status, count in re.findall(r"^\| (\w+) \|[^|]*\| (\d+) \|$", BOOK, re.MULTILINE)}
    counted = Counter(rule.status for rule in RULES)
    assert told == {**{status: counted[status] for status in STATUSES}, "all": len(NUMBERS)}


def test_an_entry_says_what_it_asks_where_it_comes_from_and_how_it_stands() -> None:
    assert [rule.number for rule in RULES if len(rule.text) < SHORTEST or not rule.source] == []
    assert [rule.number for rule in RULES if rule.status not in STATUSES] == []
    unexplained = [rule.number for rule in RULES if rule.status in EXPLAINED and not rule.why]
    assert unexplained == [], "what is missing or wrong, where it is read, or why it is left to people"


def faults_of(evidence: str, number: str) -> Iterator[str]:
    """Yield what is wrong with a test or module that an entry names: it is not there, or does not cite the rule."""
    path, _, name = evidence.partition("::")
    if not (ROOT / path).is_file():
        yield f"{number}: {path} is not there"
    elif name and name not in functions_of(path):
        yield f"{number}: {evidence} is not there"
    elif name and number not in {f"R{cited}" for cited in RULE.findall(functions_of(path)[name].replace("_", " "))}:
        yield f"{number}: {evidence} does not cite it"


def test_what_shows_a_rule_is_there_and_cites_it() -> None:
    assert [rule.number for rule in RULES if rule.status in {"served", "partly"} and not rule.shown_by] == []
    assert [fault for rule in RULES for shown in rule.shown_by for fault in faults_of(shown, rule.number)] == []


def test_guidance_is_read_in_texts_that_exist() -> None:
    assert [rule.number for rule in RULES if rule.status == "guidance" and not rule.read_in] == []
    catalogue = next(path for path in files() if path.match("templates/sv/messages.po")).read_text(encoding="utf-8")
    assert [key for rule in RULES for key in rule.read_in if f'msgid "{key}"\n' not in catalogue] == []


def test_every_test_that_the_book_names_is_there() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", BOOK)
    assert [f"{path}::{name}" for path, name in named if name not in functions_of(path)] == []


def test_reminders_and_days_stand_there_once_each_with_a_status() -> None:
    rows = re.findall(r'^\| <a id="[td]\d+"></a>([TD]\d+) \|.*\| ([^|]+) \|$', BOOK, re.MULTILINE)
    assert [number for number, _ in rows] == [f"T{n}" for n in range(1, len(KINDS) + 1)] + [
        f"D{n}" for n in range(1, 8)
    ]
    assert [number for number, last in rows if number[0] == "T" and last.split(":")[0] not in STATUSES] == []


def anchors() -> set[str]:
    given = re.findall(r'<a id="([^"]+)">', BOOK)
    headings = re.findall(r"^### (.+)$", BOOK, re.MULTILINE)
    return {*given, *(heading.lower().replace(" ", "-") for heading in headings)}


def cited(path: str, text: str) -> Iterator[str]:
    """Yield the anchor of everything of the rule book that a text cites."""
    for match in RULE.finditer(text):
        if not path.startswith("tests/") or match[0][0] == "R":
            yield f"r{match[1]}"
    if not path.startswith("tests/"):
        yield from (number.lower() for number in REMINDER.findall(text))
    for kind, part, point, until, other in PART.findall(text):
        yield f"{kind}-{part}{point}".lower()
        if until:
            yield f"{kind}-{until}".lower()
        if other:
            yield f"{kind}-{part}.{other}".lower()


def test_everything_that_is_cited_stands_in_the_book() -> None:
    known = anchors()
    citing = [(path, text) for path, text in prose() if not path.endswith((".js", ".css", ".json"))]
    lost = {f"{path}: {anchor}" for path, text in citing for anchor in cited(path, text) if anchor not in known}
    assert lost == set()


def test_parts_are_cited_by_their_whole_names() -> None:
    bare = [f"{path}: {m[0]}" for path, text in prose() if path.endswith(".py") for m in BARE_PART.finditer(text)]
    assert bare == []


def test_nothing_cites_a_paper_that_is_not_here() -> None:
    found = [f"{path}: {m[0]}" for path, text in prose() for paper in ABSENT for m in paper.finditer(text)]
    assert found == []


def test_every_document_that_is_named_is_here() -> None:
    here = {str(path.relative_to(ROOT)) for path in files()}
    names = [(path, name) for path, text in prose() for name in re.findall(r"(?<![\w/.:*])[\w./-]*\w\.md\b", text)]
    lost = [f"{path}: {name}" for path, name in names if not any(known.endswith(name.lstrip("./")) for known in here)]
    assert lost == []
