"""Coverage-guided fuzzing of the reader of answers, by atheris: nothing may raise, hang, or swell.

Not part of the ordinary tests (those mutate the same corpus by hypothesis). To run it, bounded:

    pip install atheris
    python tests/fuzz/fuzz_reply.py -max_total_time=60 -timeout=5 -rss_limit_mb=1024
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]  # installed by hand

with atheris.instrument_imports(include=["sipbot", "email", "icalendar"]):
    from bot.mail.bounce import Bounce
    from bot.mail.reply import CalendarAnswer, Refusal, ReplyRules, read_reply

CORPUS = Path(__file__).parent.parent / "bot" / "mail" / "replies"
RULES = ReplyRules("kalender.example.se", authserv_id="mx.kalender.example.se")
RECIPIENT = "svar.mfzwizltoqqho2lumu2dkmzvgy@kalender.example.se"


def read_one(data: bytes) -> None:
    """One mail, once as a mailbox has it and once as LMTP hands it over."""
    for recipient in (None, RECIPIENT):
        found = read_reply(data, RULES, recipient=recipient)
        if not isinstance(found, (CalendarAnswer, Bounce, Refusal)):
            raise TypeError("neither an answer nor a refusal")


def main() -> None:
    """Starts from the corpus of invented mails; new finds go to a folder of their own, not into the corpus."""
    with tempfile.TemporaryDirectory() as finds:
        arguments = sys.argv if "-max_total_time" in " ".join(sys.argv) else [*sys.argv, "-max_total_time=60"]
        atheris.Setup([*arguments, finds, str(CORPUS)], read_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
