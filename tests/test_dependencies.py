"""What the bot is installed from: the versions that are tested, each with the hashes of its files; and a bill of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from tests.conftest import ROOT

LOCK = ROOT / "deploy" / "requirements.txt"
# What other machines need and this one does not have.
ELSEWHERE = {"colorama"}


def entries() -> dict[str, str]:
    """Return what the lock says of each package, by its plain name."""
    found = re.split(r"\n(?=\w)", "\n" + LOCK.read_text().partition("\n\n")[0].split("deploy/requirements.txt`.\n")[1])
    return {plain(entry.partition("==")[0].strip()): entry for entry in found if "==" in entry}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


def constrained() -> dict[str, str]:
    lines = (line.partition("==") for line in (ROOT / "constraints.txt").read_text().splitlines())
    return {plain(name): version for name, _, version in lines}


def test_the_lock_has_the_versions_that_are_tested_and_a_hash_for_each() -> None:
    locked = {name: entry.partition("==")[2].split()[0] for name, entry in entries().items()}
    known = constrained()
    assert {name: v for name, v in locked.items() if name not in ELSEWHERE and known.get(name) != v} == {}
    assert [name for name, entry in entries().items() if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert "://" not in LOCK.read_text(), "no registry stands in it"


def test_the_bill_names_all_that_the_bot_runs_on_and_nothing_that_only_tests_do() -> None:
    run = subprocess.run([sys.executable, str(ROOT / "scripts" / "sbom")], capture_output=True, text=True, check=True)
    bill = json.loads(run.stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    named = {part["name"]: part for part in bill["components"]}
    assert {"msgspec", "cryptography", "slack-bolt", "mautrix", "sqlalchemy"} <= set(named)
    assert {"pytest", "mypy", "hatchling"} & set(named) == set()
    assert [name for name, part in named.items() if not part.get("hashes")] == []
    assert set(named) <= set(entries())
    refs = {part["bom-ref"] for part in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert {ref for edge in bill["dependencies"] for ref in (edge["ref"], *edge["dependsOn"])} <= refs


def test_pip_itself_is_pinned() -> None:
    assert "pip" in constrained()


def test_no_mail_from_outside_meets_the_demos_mail_server() -> None:
    """aiosmtpd keeps the pieces of an endless line (decision 8): it takes mails of the demo and the tests alone."""
    ours = [path for folder in ("bot", "handlers", "storage", "domain") for path in (ROOT / folder).rglob("*.py")]
    assert [path for path in ours if re.search(r"^\s*(from|import) aiosmtpd", path.read_text(), re.MULTILINE)] == []
    assert len(ours) > 100


def test_what_makes_a_pdf_is_loaded_by_the_command_that_makes_one_alone() -> None:
    """Decision 23: it costs time and memory that `serve` is not to pay."""
    loads = re.compile(r"^(from|import) (fpdf|fontTools|bot\.admin\.extract\.(paper|file))\b", re.MULTILINE)
    folders = ("bot", "handlers", "storage", "domain", "templates")
    found = {path for folder in folders for path in (ROOT / folder).rglob("*.py") if loads.search(path.read_text())}
    assert {path.relative_to(ROOT / "bot" / "admin" / "extract").name for path in found} == {"paper.py", "file.py"}
