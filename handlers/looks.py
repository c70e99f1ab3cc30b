"""Looks: every time somebody is shown a case there is a line in its journal, for the control of accesses (PDL 4:3).

A form or the case itself is a line each time. Lists, pages and calendars are drawn anew all the time, mostly by
programs; there one a day and person says as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from domain.directory import Staff
from handlers.request import Request
from handlers.screens.case_lists import LONGEST_CHOOSER, waiting_for
from handlers.ui.responses import Ask, Response
from storage.transaction import Reader, Transaction


class Look(StrEnum):
    """Where somebody saw it."""

    LIST = "list"
    HOME = "home"
    FEED = "feed"


def note_form(request: Request, answer: Response) -> None:
    """Note that a form about a case was opened."""
    if not isinstance(answer, Ask):
        return
    code = request.services.seal.open(answer.form.token).get("c")
    if isinstance(code, str) and code:
        details = {"form": answer.form.name}
        request.tx.journal.write(code, "read.form", request.staff.id, agency=request.staff.agency, details=details)


def note_looks(tx: Transaction, staff: Staff, codes: Iterable[str], how: Look) -> None:
    """Note that somebody was shown cases, once a day for each."""
    for code in codes:
        if tx.inbox.first(f"look:{how}:{staff.id}:{code}:{tx.now:%Y-%m-%d}"):
            tx.journal.write(code, f"read.{how.value}", staff.id, agency=staff.agency)


def listed(reader: Reader, staff: Staff) -> Sequence[str]:
    """Return the codes that stand in somebody's list and on their page, with those that can be chosen there."""
    own = [case.code for case in reader.cases.own(staff.id, LONGEST_CHOOSER)]
    return tuple(dict.fromkeys([*own, *(case.code for case in waiting_for(reader, staff))]))
