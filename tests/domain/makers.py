"""An invented region, its people, and cases at any point of their life, made by the domain's own functions.

Times are written as the clock on the wall in Sweden shows them ("2026-03-02 10:00"). Every name is made up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.holidays import is_holiday
from bot.profile_file import read_profile
from domain.attendee import Attendee, Naming
from domain.case import AgeBand, Case, Flag
from domain.consent import Consent, Decision, Expression, Giver, Part, Topic
from domain.days import WorkCalendar
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff
from domain.matters.closure import Ground
from domain.matters.need import NoticedBy
from domain.matters.plan import PERSON, Channel, Responsible
from domain.meeting import Meeting, Mode
from domain.profile import Profile, ReminderPlan
from domain.reminders.deadlines import deadlines
from domain.reminders.due import Due
from domain.report import NoFollowUp, NoLead, Outcome
from domain.rules import Rules
from domain.stamp import Stamp
from domain.steps import answer_summons
from domain.steps.answer_summons import Asked, find_summons
from domain.steps.appointment import Appointment
from domain.steps.ending import Sending, close_case, confirm_notice, meeting_without_plan, send_plan
from domain.steps.move_meeting import move_meeting
from domain.steps.open_case import Assessment, Opening, open_case
from domain.steps.record_consent import record_consent, withdraw
from domain.steps.report_meeting import Reporting, report_meeting, reportable_meeting
from domain.steps.summon import Calling, call_meeting
from domain.summons import Decline, DeclineReason, Proposal

SWEDEN = ZoneInfo("Europe/Stockholm")
CALENDAR = WorkCalendar(is_holiday, SWEDEN)
GOTLAND = read_profile("gotland")
NATIONAL = read_profile("national")
RULES = Rules(GOTLAND, CALENDAR)
CODE = "SIP-7K3Q2-M"

# ---- people ------------------------------------------------------------------------------------------------

ANNA, KARIN, MARIA = "slack:T0/U0ANNA", "slack:T0/U0KARIN", "slack:T0/U0MARIA"  # soc; Maria is its manager
JULIA, SVEN, BIRGIT = "slack:T0/U0JULIA", "slack:T0/U0SVEN", "slack:T0/U0BIRGIT"  # bup; Birgit is its manager
OMAR, PIA, LEIF = "slack:T0/U0OMAR", "slack:T0/U0PIA", "slack:T0/U0LEIF"  # skola, vc, fk

_AGENCIES = (
    Agency("soc", "Socialtjänsten", "Enhet A", AgencyKind.SOCIAL_SERVICES, Principal.MUNICIPALITY, manager=MARIA),
    Agency("bup", "Barnpsykiatrin", "Enhet B", AgencyKind.HEALTH_CARE, Principal.REGION, manager=BIRGIT),
    Agency("skola", "Påhittskolan", "Enhet C", AgencyKind.SCHOOL, Principal.MUNICIPALITY),
    Agency("vc", "Vårdcentralen Exempel", "Enhet D", AgencyKind.HEALTH_CARE, Principal.REGION),
    Agency("fk", "Försäkringskassan", "Enhet E", AgencyKind.OTHER, Principal.STATE),
)
_STAFF = (
    Staff(ANNA, "soc", "Anna Exempelberg", coordinator=True, identities=(ANNA,)),
    Staff(KARIN, "soc", "Karin Provdal", coordinator=True, identities=(KARIN,)),
    Staff(MARIA, "soc", "Maria Testfalk", identities=(MARIA,)),
    Staff(JULIA, "bup", "Julia Påhittlind", coordinator=True, identities=(JULIA,)),
    Staff(SVEN, "bup", "Sven Exempelsjö", identities=(SVEN,)),
    Staff(BIRGIT, "bup", "Birgit Provgren", identities=(BIRGIT,)),
    Staff(OMAR, "skola", "Omar Testholm", coordinator=True, identities=(OMAR,)),
    Staff(PIA, "vc", "Pia Exempelek", identities=(PIA,)),
    Staff(LEIF, "fk", "Leif Provstrand", identities=(LEIF,)),
)
DIRECTORY = Directory({a.id: a for a in _AGENCIES}, {s.id: s for s in _STAFF})
EVERYBODY = frozenset(DIRECTORY.agencies)


def without(*staff: str) -> Directory:
    """Return the directory after these people have left."""
    return Directory(DIRECTORY.agencies, {id_: s for id_, s in DIRECTORY.staff.items() if id_ not in staff})


def moved_to(who: str, agency: str) -> Directory:
    """Return the directory after somebody has gone over to another agency."""
    return Directory(DIRECTORY.agencies, {**DIRECTORY.staff, who: replace(DIRECTORY.staff[who], agency=agency)})


# ---- time --------------------------------------------------------------------------------------------------


def day(text: str) -> date:
    return date.fromisoformat(text)


def instant(local: str) -> datetime:
    """Return the instant at which the clock on the wall shows this."""
    return datetime.fromisoformat(local).replace(tzinfo=SWEDEN).astimezone(UTC)


def on_the_wall(moment: datetime) -> str:
    return f"{moment.astimezone(SWEDEN):%a %Y-%m-%d %H:%M}"


def stamp(who: str, local: str) -> Stamp:
    return Stamp(who, instant(local))


# ---- profiles ----------------------------------------------------------------------------------------------


def rules_with(**reminders: ReminderPlan) -> Rules:
    """Return Gotland's rules with some reminders planned otherwise."""
    return Rules(replace(GOTLAND, reminders={**GOTLAND.reminders, **reminders}), CALENDAR)


# ---- a case, step by step ----------------------------------------------------------------------------------


def opening(**told: Any) -> Opening:
    """Return what a coordinator tells who opens a case; an adult with ongoing measures unless told otherwise."""
    plain: dict[str, Any] = {
        "noticed_on": day("2026-03-02"),
        "noticed_by": NoticedBy.STAFF,
        "age_band": AgeBand.ADULT,
        "ongoing": True,
        "agencies": ("bup", "skola"),
        "assessment": Assessment.START,
    }
    return Opening(**{**plain, **told})


def opened(
    noticed: str = "2026-03-02", at: str | None = None, *, flags: frozenset[Flag] = frozenset(), wish: str | None = None
) -> Case:
    """Return a case that Anna opened, at ten on the day the need was noticed unless told otherwise."""
    told = opening(noticed_on=day(noticed), flags=flags, meeting_by=None if wish is None else day(wish))
    now = instant(at or f"{noticed} 10:00")
    return open_case(told, code=CODE, profile=GOTLAND, staff=DIRECTORY.staff[ANNA], now=now)


def denied() -> Case:
    told = opening(assessment=Assessment.DENY, denial_reason="Behovet tillgodoses av en verksamhet")
    return open_case(told, code=CODE, profile=GOTLAND, staff=DIRECTORY.staff[ANNA], now=instant("2026-03-02 10:00"))


def consent(at: str = "2026-03-03 10:00", **told: Any) -> Consent:
    """Return an adult's consent in both parts, for all agencies and questions, to the end of the year."""
    plain: dict[str, Any] = {
        "decision": Decision.GIVEN,
        "given_by": frozenset({Giver.PERSON}),
        "expression": Expression.ORAL,
        "recorded_at": instant(at),
        "recorded_by": ANNA,
        "parts": frozenset(Part),
        "agencies": EVERYBODY,
        "topics": frozenset(Topic),
        "valid_until": day("2026-12-31"),
    }
    return Consent(**{**plain, **told})


def refusal(at: str = "2026-03-03 10:00") -> Consent:
    return Consent(Decision.REFUSED, frozenset({Giver.PERSON}), Expression.ORAL, instant(at), ANNA)


def consented(case: Case, at: str = "2026-03-03 10:00", **told: Any) -> Case:
    return record_consent(case, consent(at, **told), now=instant(at), today=instant(at).astimezone(SWEDEN).date())


def refused(case: Case, at: str = "2026-03-03 10:00") -> Case:
    return record_consent(case, refusal(at), now=instant(at), today=instant(at).astimezone(SWEDEN).date())


def appointment(when: str = "2026-03-26 13:00", **told: Any) -> Appointment:
    """Return an hour in a room."""
    plain: dict[str, Any] = {"length": 60, "mode": Mode.IN_PERSON, "place": "Rum 3, Exempelgatan 1"}
    start = instant(when)
    local = start.astimezone(SWEDEN)
    return Appointment(day=local.date(), clock=f"{local:%H:%M}", start=start, **{**plain, **told})


def calling(when: str = "2026-03-26 13:00", *agencies: str, **told: Any) -> Calling:
    plain: dict[str, Any] = {"purpose": (Topic.NEEDS,), "chair": ANNA, "secretary": "", "consulted": True}
    return Calling(
        appointment=told.pop("appointment", appointment(when)),
        agencies=agencies or ("bup", "skola"),
        **{**plain, **told},
    )


def called(case: Case, when: str, at: str, *agencies: str, profile: Profile = GOTLAND, **told: Any) -> Case:
    """Return the case with a meeting called, or with more agencies asked to the coming one."""
    by = told.pop("by", case.responsible)
    return call_meeting(
        case,
        calling(when, *agencies, **told),
        uid=f"uid-{len(case.meetings) + 1}@exempel.invalid",
        directory=DIRECTORY,
        profile=profile,
        stamp=stamp(by, at),
        today=instant(at).astimezone(SWEDEN).date(),
    )


def coming(case: Case) -> Meeting:
    """Return the coming meeting, which there must be."""
    meeting = case.coming_meeting
    assert meeting is not None
    return meeting


def asked(case: Case, agency: str, at: str) -> Asked:
    return find_summons(case, coming(case).number, agency, instant(at))


def attendee(name: str, key: str = "", staff: str = "") -> Attendee:
    return Attendee(key or f"key-{name}", f"token-{name}", name, "Kurator", f"{name}@exempel.invalid", staff)


def received(case: Case, agency: str, at: str, by: str = JULIA) -> Case:
    return answer_summons.receive(asked(case, agency, at), stamp(by, at))


def named(case: Case, agency: str, at: str, *people: Attendee, by: str = JULIA) -> Case:
    people = people or (attendee(f"någon-{agency}"),)
    return answer_summons.name_attendees(asked(case, agency, at), Naming(people), stamp(by, at))


def proposed(case: Case, agency: str, at: str, by: str = JULIA) -> Case:
    return answer_summons.propose(asked(case, agency, at), Proposal(day("2026-03-30"), "09:00"), stamp(by, at))


def declined(case: Case, agency: str, at: str, by: str = JULIA) -> Case:
    return answer_summons.decline(asked(case, agency, at), Decline(DeclineReason.NO_STAFF), stamp(by, at))


def forwarded(case: Case, agency: str, target: str, at: str, *, covered: bool = True, by: str = JULIA) -> Case:
    return answer_summons.forward(
        asked(case, agency, at), target, directory=DIRECTORY, profile=GOTLAND, covered=covered, stamp=stamp(by, at)
    )


def moved(case: Case, when: str, at: str, **told: Any) -> Case:
    return case.with_meeting(move_meeting(coming(case), appointment(when, **told), stamp=stamp(case.responsible, at)))


def reporting(**told: Any) -> Reporting:
    """Return a meeting that went well: Julia leads from now on, the follow-up is on 1 June."""
    plain: dict[str, Any] = {
        "outcome": Outcome.HELD,
        "attended": frozenset({"soc", "bup", "skola"}),
        "consent_confirmed": True,
        "lead": JULIA,
        "lead_agency": "bup",
        "follow_up_on": day("2026-06-01"),
        "need_remains": True,
    }
    return Reporting(**{**plain, **told})


NOTHING_SETTLED: dict[str, Any] = {
    "lead": "",
    "lead_agency": "",
    "no_lead": NoLead.PERSON_UNDECIDED,
    "follow_up_on": None,
    "no_follow_up": NoFollowUp.CALENDARS,
}


def held(case: Case, at: str, **told: Any) -> Case:
    """Return the case with the coming meeting reported as held, or the last one completed."""
    return report_meeting(case, reportable_meeting(case), reporting(**told), stamp=stamp(case.responsible, at))


def not_held(case: Case, at: str) -> Case:
    return report_meeting(case, coming(case), Reporting(Outcome.NOT_HELD), stamp=stamp(case.responsible, at))


def sending(sent: str = "2026-03-30", *recipients: str, **told: Any) -> Sending:
    plain: dict[str, Any] = {"approved": True, "responsible": Responsible.REGION, "channel": Channel.SECURE_MAIL}
    to = frozenset(recipients or (PERSON, "soc", "bup", "skola"))
    return Sending(recipients=to, sent_on=day(sent), **{**plain, **told})


def plan_sent(case: Case, at: str, *recipients: str) -> Case:
    local = instant(at).astimezone(SWEDEN).date()
    return send_plan(
        case, meeting_without_plan(case), sending(local.isoformat(), *recipients), stamp(case.responsible, at)
    )


def withdrawn(case: Case, at: str) -> Case:
    return withdraw(case, stamp(case.responsible, at))


def closed(case: Case, at: str, ground: Ground = Ground.GOALS_MET) -> Case:
    return close_case(case, ground, stamp(case.responsible, at))


def confirmed(case: Case, agency: str, at: str, by: str = JULIA) -> Case:
    return confirm_notice(case, agency, stamp(by, at))


def summoned_case(when: str = "2026-03-26 13:00", at: str = "2026-03-09 10:00") -> Case:
    """Return a case with consent, and bup, skola and fk asked to its first meeting; fk is only invited."""
    return called(consented(opened()), when, at, "bup", "skola", "fk")


def held_case(at: str = "2026-03-26 15:00", **told: Any) -> Case:
    """Return a case whose first meeting, on Thursday 26 March at 13, has been held."""
    return held(summoned_case(), at, **told)


def active_case(follow_up_on: str = "2026-06-01") -> Case:
    """Return a case with the first plan sent, led by Julia."""
    return plan_sent(held_case(follow_up_on=day(follow_up_on)), "2026-03-27 10:00")


def closing_case() -> Case:
    """Return a case whose follow-up found that no need remains."""
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "soc", "skola")
    return held(case, "2026-06-01 15:00", need_remains=False)


# ---- reminders ---------------------------------------------------------------------------------------------


def dues(case: Case, now: str, reminder: str = "", rules: Rules = RULES) -> tuple[Due, ...]:
    """Return the reminders of one kind, or all."""
    return tuple(due for due in deadlines(case, rules, instant(now)) if not reminder or due.kind == reminder)


def ladder(
    case: Case, now: str, reminder: str, *, agency: str = "", rules: Rules = RULES
) -> list[tuple[str, str, str]]:
    """Return step, receiver and time on the wall of the reminders of one kind, about one agency if told."""
    return [
        (due.step, due.to.value, on_the_wall(due.at))
        for due in dues(case, now, reminder, rules)
        if not agency or due.agency == agency
    ]


def fired(case: Case, now: str) -> Case:
    """Return the case as it is when the clock has done its work."""
    past = {due.key for due in deadlines(case, RULES, instant(now)) if due.at <= instant(now)}
    return replace(case, fired=case.fired | past)
