"""`sipbot export --pdf` as a file: text that can be copied, and nobody else's to read (GDPR 15)."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from bot.admin.extract import file
from bot.admin.extract.paper import pdf_of
from bot.admin.extract.words import paper_of
from templates import load

SWEDISH = load("sv")

SMALL = {
    "code": "SIP-7K3QX-M", "exported_at": "2026-12-08T14:00:03Z", "format": 1, "due_at": None, "listing": None,
    "journal": [], "accesses": [], "letters": [], "posts": [], "reminders": [],
    "document": {"place": "Café Ärlig – rum ‘Å’, Zażółć 漢 \u202eabc"}, "names": {"agencies": {}, "staff": {}},
}  # fmt: skip


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="this needs pdftotext")
def test_the_text_of_the_file_can_be_copied_and_a_sign_without_a_shape_stands_as_its_number(tmp_path: Path) -> None:
    """One that turns the text around it would let it read as something else."""
    made = tmp_path / "extract.pdf"
    made.write_bytes(pdf_of(paper_of(SMALL, SWEDISH), SWEDISH))
    read = subprocess.run(["pdftotext", str(made), "-"], capture_output=True, text=True, check=True).stdout
    assert "Plats: Café Ärlig – rum ‘Å’, Zażółć [U+6F22] [U+202E]abc" in read
    assert "SIP-7K3QX-M, sida 1 av 2" in read
    assert SWEDISH("paper.journal") in read


def test_it_is_in_a4_and_says_its_language_and_title() -> None:
    drawn = pdf_of(paper_of(SMALL, SWEDISH), SWEDISH)
    assert b"/Lang (sv)" in drawn
    assert b"/MediaBox [0 0 595.28 841.89]" in drawn


def test_the_file_is_a_new_one_of_its_owners_alone_and_gone_when_something_fails(tmp_path: Path) -> None:
    new_file = vars(file)["_new_file"]
    target, link = tmp_path / "extract.pdf", tmp_path / "link.pdf"
    with new_file(target) as descriptor:
        os.write(descriptor, b"held")
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
    link.symlink_to(tmp_path / "elsewhere")
    for there in (target, link):
        with pytest.raises(FileExistsError), new_file(there):
            pass
    assert target.read_bytes() == b"held"
    assert not (tmp_path / "elsewhere").exists()

    def fail(started: Path) -> None:
        with new_file(started):
            raise LookupError("there is no case")

    with pytest.raises(LookupError):
        fail(tmp_path / "started.pdf")
    assert not (tmp_path / "started.pdf").exists()
