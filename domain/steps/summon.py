"""Step 3: the agencies are summoned or invited, and the meeting is moved or called off (R109, R114-R124)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.case import Case, State
from domain.consent import Topic
from domain.directory import Directory
from domain.errors import WrongState
from domain.meeting import Meeting
from domain.problem import Problem
from domain.profile import Profile
from domain.responsibility import place_of, units_at_work
from domain.stamp import Stamp
from domain.steps.appointment import Appointment, problems_of_appointment
from domain.steps.hosts import released
from domain.summons import Summons


@dataclass(frozen=True, slots=True)
class Calling:
    """What the one who summons has told. `recipients` get the summonses of a protected case, one at each agency.

    `aim` is purpose and questions in words; None leaves those of a coming meeting as they are.
    """

    appointment: Appointment
    agencies: tuple[str, ...]
    purpose: tuple[Topic, ...]
    chair: str
    secretary: str
    consulted: bool
    recipients: tuple[str, ...] = ()
    aim: str | None = None


CALLABLE = frozenset({State.PREPARING, State.ACTIVE, State.PLAN_DRAFT, State.CLOSING})


def require_callable(case: Case, now: datetime) -> None:
    """Raise `WrongState` unless a meeting may be called, or more agencies added to the coming one."""
    coming = case.coming_meeting
    if coming is not None:
        if coming.start <= now:
            raise WrongState("summon.report_first", {"code": case.code})
        return
    if case.state not in CALLABLE:
        raise WrongState(f"summon.state_{case.state.value}", {"code": case.code})


def problems_of_calling(
    case: Case, calling: Calling, directory: Directory, now: datetime, today: date
) -> tuple[Problem, ...]:
    """Return what is wrong, each at its field; above all what the consent does not cover (R60-R64, R75)."""
    found = problems_of_appointment(case, calling.appointment, consulted=calling.consulted, now=now)
    found += _problems_of_consent(case, calling, directory, today)
    found += _problems_of_time(case, calling, directory)
    found += _problems_of_recipients(calling, directory)
    found += _problems_of_person(case, "chair", calling.chair, directory)
    if calling.secretary:
        found += _problems_of_person(case, "secretary", calling.secretary, directory)
    return tuple(found)


def _problems_of_recipients(calling: Calling, directory: Directory) -> list[Problem]:
    """Check that each recipient works at an agency that is summoned, and that no agency has two (law 4D.4)."""
    units = [directory.staff[who].agency if who in directory.staff else "" for who in calling.recipients]
    fits = set(units) <= set(calling.agencies) and len(set(units)) == len(units)
    return [] if fits else [Problem("recipients", "summon.recipients_wrong")]


def _problems_of_person(case: Case, field: str, staff_id: str, directory: Directory) -> list[Problem]:
    """Check chair or secretary: they hear of the case, so their unit answers for it or is within the consent (R62)."""
    staff = directory.staff.get(staff_id)
    if staff is None:
        return [Problem(field, "field.unknown_person")]
    covered = case.consent.agencies if case.consent is not None else frozenset()
    if staff.agency in covered or staff.agency in units_at_work(case):
        return []
    return [Problem(field, "summon.person_outside_consent", {"code": case.code})]


def _problems_of_consent(case: Case, calling: Calling, directory: Directory, today: date) -> list[Problem]:
    consent = case.consent
    if consent is None or not consent.allows_planning(today):
        expired = consent is not None and not consent.holds_on(today)
        return [Problem("agencies", "summon.consent_expired" if expired else "summon.consent_missing")]
    agencies, topics = consent.lacks(calling.agencies, calling.purpose)
    found = []
    if agencies:
        names = ", ".join(directory.agencies[a].name for a in agencies if a in directory.agencies)
        found.append(Problem("agencies", "summon.agency_outside_consent", {"names": names, "code": case.code}))
    if topics:
        found.append(Problem("purpose", "summon.topic_outside_consent", {"code": case.code}))
    return found


def _problems_of_time(case: Case, calling: Calling, directory: Directory) -> list[Problem]:
    coming = case.coming_meeting
    if coming is None:
        return []
    wanted = calling.appointment
    found = [
        Problem(field, "summon.move_instead", {"code": case.code})
        for field, is_other in (
            ("date", wanted.start != coming.start),
            ("minutes", wanted.length != coming.length),
            ("mode", wanted.mode != coming.mode),
            ("place", wanted.place != coming.place),
            ("link", wanted.link != coming.link),
        )
        if is_other
    ]
    asked = {s.agency for s in coming.live()}
    changes = _changes(coming, calling) or _named_now(case, coming, calling, directory)
    if asked.issuperset(calling.agencies) and not changes:
        found.append(Problem("agencies", "summon.all_asked_already"))
    return found


def _changes(coming: Meeting, calling: Calling) -> bool:
    """Say whether the coming meeting gets other questions, another chair or secretary, or other words about them."""
    seats = (coming.purpose, coming.chair, coming.secretary)
    return (calling.purpose, calling.chair, calling.secretary) != seats or calling.aim not in {None, coming.aim}


def _named_now(case: Case, coming: Meeting, calling: Calling, directory: Directory) -> tuple[Summons, ...]:
    """Return the summonses of a protected case that nobody at the agency got, as they are with the one chosen now."""
    chosen = {directory.staff[who].agency: who for who in calling.recipients if who in directory.staff}
    return tuple(
        replace(summons, recipient=chosen[summons.agency])
        for summons in coming.live()
        if case.protected and summons.agency in chosen and not place_of(case, summons.agency, directory)
    )


def call_meeting(
    case: Case,
    calling: Calling,
    *,
    uid: str,
    directory: Directory,
    profile: Profile,
    stamp: Stamp,
    today: date,
) -> Case:
    """Return the case with the meeting called, or with further agencies added to the coming one.

    Questions, chair and secretary may be others then; time and place are changed by moving the meeting.
    Words about them are kept in no protected case.
    """
    meeting = case.coming_meeting or _new_meeting(case, calling, uid, stamp, today)
    meeting = replace(meeting, purpose=calling.purpose, chair=calling.chair, secretary=calling.secretary)
    meeting = replace(meeting, aim="" if case.protected else meeting.aim if calling.aim is None else calling.aim)
    for summons in _named_now(case, meeting, calling, directory):
        meeting = meeting.with_summons(summons)
    asked = {s.agency for s in meeting.live()}
    for agency in calling.agencies:
        if agency not in asked:
            obliged = profile.obliges(directory.agencies[agency].kind, agency)
            summons = _summons(meeting, agency, stamp.at, obliged=obliged)
            named = (who for who in calling.recipients if directory.staff[who].agency == agency)
            meeting = meeting.with_summons(replace(summons, recipient=next(named, "")))
    return case.with_meeting(meeting)


def _new_meeting(case: Case, calling: Calling, uid: str, stamp: Stamp, today: date) -> Meeting:
    return Meeting(
        number=len(case.meetings) + 1,
        uid=uid,
        day=calling.appointment.day,
        clock=calling.appointment.clock,
        start=calling.appointment.start,
        length=calling.appointment.length,
        mode=calling.appointment.mode,
        place=calling.appointment.place,
        link=calling.appointment.link,
        purpose=calling.purpose,
        chair=calling.chair,
        secretary=calling.secretary,
        called=stamp,
        called_on=today,
        unit=case.responsible_agency,
    )


def _summons(meeting: Meeting, agency: str, at: datetime, *, obliged: bool) -> Summons:
    before = meeting.summons_of(agency)
    # An agency asked again after a recall keeps counting revisions, so that old buttons stay old.
    revision = 0 if before is None else before.revision + 1
    told = before is not None and before.told
    return Summons(agency, obliged, at, answer_round=meeting.round, revision=revision, told_before=told)


def recall(meeting: Meeting, concerns: Callable[[Summons], bool]) -> Meeting:
    """Return the meeting with the concerned summonses recalled and their attendees' invites to be cancelled."""
    recalled = meeting
    for summons in meeting.summonses:
        if concerns(summons) and not summons.recalled and summons.forward is None:
            people = () if summons.naming is None or summons.decline is not None else summons.naming.attendees
            recalled = replace(
                recalled.with_summons(replace(summons, recalled=True, naming=None, revision=summons.revision + 1)),
                uninvited=(*recalled.uninvited, *people),
            )
    if recalled is meeting:
        return meeting
    return replace(recalled, sequence=meeting.sequence + 1)


def call_off(meeting: Meeting) -> Meeting:
    """Return the meeting with every summons recalled and everybody taken off, those who run it too."""
    recalled = released(recall(meeting, lambda _: True))
    return recalled if recalled == meeting else replace(recalled, sequence=meeting.sequence + 1)
