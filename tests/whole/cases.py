"""Cases put straight into a database, for tests that need many of them at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from domain.case import AgeBand, Case
from domain.consent import Consent, Decision, Expression, Giver, Part, Topic
from domain.matters.closure import Closure, Ground
from domain.matters.need import NoticedBy
from domain.matters.plan import Notice
from domain.meeting import Meeting, Mode
from domain.reminders.deadlines import deadlines, next_due
from domain.stamp import Stamp
from domain.summons import Summons
from handlers.save import listing_of
from handlers.services import Services
from storage.posts import Post
from storage.transaction import Transaction

ANNA = "slack:T0/U0ANNA"

# Where the coordinators of these cases work: whoever works elsewhere hears nothing of a case (law 4D.9).
UNITS = {"U0JULIA": "bup", "U0OMAR": "skola", "U0PIA": "vc", "U0LEIF": "fk"}


def summoned(code: str, at: datetime, agencies: tuple[str, ...], coordinator: str = ANNA, unit: str = "") -> Case:
    """Return a case with a meeting in three weeks to which the agencies were summoned at `at`."""
    start = (at + timedelta(days=21)).replace(hour=12, minute=0, second=0, microsecond=0)
    stamp = Stamp(coordinator, at)
    consent = Consent(
        Decision.GIVEN,
        frozenset({Giver.PERSON}),
        Expression.ORAL,
        at,
        coordinator,
        frozenset(Part),
        frozenset(agencies),
        frozenset(Topic),
    )
    summonses = tuple(Summons(agency, obliged=True, sent_at=at, answer_round=1) for agency in agencies)
    meeting = Meeting(
        number=1,
        uid=f"{code}@test.invalid",
        day=start.date(),
        clock="13:00",
        start=start,
        length=60,
        mode=Mode.IN_PERSON,
        purpose=(Topic.NEEDS,),
        chair=coordinator,
        called=stamp,
        called_on=at.date(),
        place="Rum 1",
        summonses=summonses,
    )
    return Case(
        code=code,
        profile="gotland",
        opened_at=at,
        coordinator=coordinator,
        agency=unit or UNITS.get(coordinator.rpartition("/")[2], "soc"),
        noticed_on=at.date(),
        noticed_by=NoticedBy.STAFF,
        age_band=AgeBand.ADULT,
        ongoing=True,
        agencies=agencies,
        consents=(consent,),
        meetings=(meeting,),
    )


def withdrawn(
    code: str, closed_at: datetime, now: datetime, agency: str, coordinator: str = ANNA, unit: str = ""
) -> Case:
    """Return a case whose withdrawal has not reached an agency: its reminders fall due at any hour (T14)."""
    closure = Closure(Ground.WITHDRAWN, Stamp(coordinator, closed_at), (Notice(agency),))
    return replace(summoned(code, now, (agency,), coordinator, unit), closure=closure)


def add(services: Services, tx: Transaction, case: Case) -> None:
    """Keep a case with its next deadline, as the handlers would."""
    dues = deadlines(case, services.rules_of(case), tx.now)
    tx.cases.add(case, listing_of(case, services.rules_of(case), tx.directory, tx.now), next_due(case, dues))
    # Nobody is reminded of a summons that was never shown.
    for meeting in case.meetings:
        for asked in meeting.summonses:
            tx.posts.put(Post(f"told:{case.code}:{meeting.number}:{asked.agency}", "", "", "", 1, asked.sent_at))
