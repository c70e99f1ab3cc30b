"""A real calendar program, Debian's khal, imports every kind of object and shows what was meant."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.calendar.feed import build_feed
from tests.bot.mail.samples import STAMP, build, call_off, chat_file, invite, uninvite
from tests.bot.mail.test_feed import ENTRY, OFF
from tests.bot.mail.test_ical import ALL

pytestmark = pytest.mark.slow


@pytest.fixture
def khal(tmp_path: Path) -> Khal:
    return Khal(tmp_path)


class Khal:
    """khal with one empty calendar of its own."""

    def __init__(self, home: Path) -> None:
        program = shutil.which("khal")
        if program is None:
            pytest.skip("khal is not installed (Debian: apt-get install khal)")
        self._home = home
        self._program = program
        self._config = home / "khal.conf"
        self._config.write_text(
            f"[calendars]\n[[sip]]\npath = {home}/calendar\n"
            f"[sqlite]\npath = {home}/khal.db\n"
            "[locale]\nlocal_timezone = Europe/Stockholm\ndefault_timezone = Europe/Stockholm\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            "[default]\ndefault_calendar = sip\n"
        )
        (home / "calendar").mkdir()

    def take(self, *objects: bytes) -> str:
        """Imports files; returns what khal complained of."""
        paths = []
        for number, data in enumerate(objects):
            path = self._home / f"{number}.ics"
            path.write_bytes(data)
            paths.append(str(path))
        return self._run("import", "--batch", *paths)[1]

    def shows(self, day: str = "2026-12-01") -> list[str]:
        layout = "{start-end-time-style} {title}|{location}|{status}"
        return self._run("list", "--day-format", "", "--format", layout, day, "1d")[0].split("\n")

    def _run(self, *arguments: str) -> tuple[str, str]:
        done = subprocess.run(
            [self._program, "-c", str(self._config), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env=os.environ | {"HOME": str(self._home), "LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "ignore"},
        )
        return done.stdout.strip(), done.stderr.strip()


def test_every_kind_of_object_is_imported_without_complaint(khal: Khal) -> None:
    kinds = [made for made in ALL.values() if made.method != "CANCEL"]
    assert khal.take(*(build(made) for made in kinds)) == ""


def test_a_request_an_update_and_a_cancel_follow_each_other(khal: Khal) -> None:
    khal.take(build(invite()))
    (first,) = khal.shows()
    assert first.startswith("09:00-10:00 ")
    assert "Möte SIP-7K3Q2-M" in first
    assert "|Kommunhuset, rum Linden|" in first
    khal.take(build(invite(sequence=1, start=invite().start.replace(hour=13), length=90)))
    (moved,) = khal.shows()
    assert moved.startswith("13:00-14:30 ")
    khal.take(build(call_off()))
    (off,) = khal.shows()
    assert "CANCELLED" in off


def test_the_chat_file_is_the_same_meeting_as_the_mail(khal: Khal) -> None:
    khal.take(build(invite()))
    khal.take(build(chat_file()))
    assert len(khal.shows()) == 1


def test_taking_one_off_is_imported_too(khal: Khal) -> None:
    khal.take(build(invite()))
    assert khal.take(build(uninvite())) == ""


def test_the_feed_is_read(khal: Khal) -> None:
    assert khal.take(build_feed("Mina möten", [ENTRY, OFF], STAMP).data) == ""
    assert len(khal.shows()) == 2
