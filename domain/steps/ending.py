"""Steps 4-6: the plan is sent (R144, R161), the case is closed and every actor told (R174, R175)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from domain.audience import Occasion, audience
from domain.case import Case, State
from domain.consent import Extra
from domain.directory import Directory
from domain.errors import NotFound, WrongState
from domain.matters.closure import Closure, Ground
from domain.matters.plan import PERSON, RELATIVE, Channel, Notice, PlanSent, Responsible, agencies_of
from domain.meeting import Meeting
from domain.problem import Problem
from domain.stamp import Stamp
from domain.steps.measures import measures_of_version


@dataclass(frozen=True, slots=True)
class Sending:
    """What the one who sent the plan has told; `channels` for those who got it another way than the others (R203)."""

    approved: bool
    responsible: Responsible
    recipients: frozenset[str]
    channel: Channel
    sent_on: date
    channels: Mapping[str, Channel] = field(default_factory=dict)
    approved_on: date | None = None
    contacts_checked: bool = False


def meeting_without_plan(case: Case) -> Meeting:
    """Return the held meeting whose plan has not been sent, or raise `WrongState`."""
    held = case.last_held
    if case.closure is not None or held is None or case.plan_of(held) is not None:
        raise WrongState("plan.nothing_to_send", {"code": case.code})
    return held


def problems_of_sending(
    case: Case, meeting: Meeting, sending: Sending, directory: Directory, today: date, *, lead: str = ""
) -> tuple[Problem, ...]:
    """Return what is wrong; `lead` names who records the consent by now, where that is not who sends the plan (R194).

    It is orally approved (R144) and goes to the person and everybody who attended (R161, R195), inside the consent:
    who attended and has since left its scope gets none. A consent that has run out is renewed first (R64).
    """
    found = []
    if not sending.approved:
        found.append(Problem("approved", "plan.approve_first"))
    home = case.unit_of(meeting)
    missing = attended_in_scope(case, meeting) - sending.recipients
    if missing:
        found.append(Problem("recipients", "plan.recipients_missing", {"names": _names(missing, directory)}))
    elif PERSON not in sending.recipients:
        found.append(Problem("recipients", "plan.person_missing"))
    elif RELATIVE in sending.recipients and not _may_reach_relatives(case):
        found.append(Problem("recipients", "plan.relative_not_agreed", {"code": case.code}))
    elif not sending.recipients.issuperset(each.key for each in case.to_get_plan()):
        found.append(Problem("recipients", "plan.companions_missing", {"code": case.code}))
    own = {home, case.responsible_agency} if _holds(case, sending.sent_on) else {home}
    outside = _outside_consent(case, agencies_of(sending.recipients) - own, sending.sent_on)
    if outside:
        params = {"names": _names(outside, directory), "code": case.code, "lead": lead}
        # Nobody who attended can be left out, so without a consent that holds only another one helps.
        key = "plan.outside_consent" if _holds(case, sending.sent_on) else "plan.consent_over"
        found.append(Problem("recipients", key, params))
    if not sending.recipients.issuperset(sending.channels):
        found.append(Problem("exceptions", "plan.exception_no_recipient"))
    last = max(meeting.day, sending.sent_on)
    if sending.approved_on is not None and not meeting.day <= sending.approved_on <= last:
        found.append(Problem("approved_on", "plan.approved_on_wrong"))
    if sending.sent_on > today:
        found.append(Problem("sent_on", "field.future_date"))
    if sending.sent_on < meeting.day:
        found.append(Problem("sent_on", "plan.before_meeting"))
    return tuple(found)


def _may_reach_relatives(case: Case) -> bool:
    """Say whether the person has agreed that those close to them take part (R83)."""
    return case.consent is not None and Extra.RELATIVES in case.consent.extras


def _names(agencies: frozenset[str], directory: Directory) -> str:
    known = directory.agencies
    return ", ".join(known[agency].name if agency in known else agency for agency in sorted(agencies))


def attended_in_scope(case: Case, meeting: Meeting) -> frozenset[str]:
    """Return the agencies that attended and get the plan: none that has left the consent since (R161, R195)."""
    attended = meeting.report.attended if meeting.report is not None else frozenset()
    covered = case.consent.agencies if case.consent is not None else frozenset()
    return attended & (covered | {case.unit_of(meeting)})


def _holds(case: Case, day: date) -> bool:
    return case.consent is not None and case.consent.holds_on(day)


def _outside_consent(case: Case, recipients: frozenset[str], day: date) -> frozenset[str]:
    consent = case.consent
    return frozenset(a for a in recipients if consent is None or not consent.allows_exchange(a, day))


def send_plan(case: Case, meeting: Meeting, sending: Sending, stamp: Stamp, *, own: str = "") -> Case:
    """Return the case with the plan recorded as sent; a plan after a follow-up is a new version (R170).

    `sending` has passed `problems_of_sending`; `own` is the agency that sent it and need not be told.
    """
    plan = PlanSent(
        version=len(case.plans) + 1,
        meeting=meeting.number,
        responsible=sending.responsible,
        recipients=sending.recipients,
        channel=sending.channel,
        sent_on=sending.sent_on,
        recorded=stamp,
        notices=tuple(Notice(agency) for agency in sorted(agencies_of(sending.recipients) - {own})),
        channels=dict(sending.channels),
        approved_on=sending.approved_on,
        contacts_checked=sending.contacts_checked,
        measures=measures_of_version(case),
    )
    return replace(case, plans=(*case.plans, plan))


def confirm_plan(case: Case, version: int, agency: str, stamp: Stamp) -> Case:
    """An agency confirms that the plan has come. Confirming twice changes nothing.

    Raises:
        NotFound: that plan was not sent to it.
    """
    plan = next((p for p in case.plans if p.version == version and agency in p.recipients), None)
    if plan is None:
        raise NotFound("plan.no_such")
    notice = plan.notice_of(agency) or Notice(agency)
    if notice.confirmed is not None:
        return case
    return case.with_plan(plan.with_notice(replace(notice, confirmed=stamp)))


def require_closable(case: Case) -> None:
    """Raise `WrongState` unless the last meeting found that no need remains (R174); withdrawal has its own way."""
    if case.state is State.CLOSING:
        return
    needed = case.last_held is not None and case.closure is None
    raise WrongState("close.need_remains" if needed else f"close.state_{case.state.value}", {"code": case.code})


def close_case(case: Case, ground: Ground, stamp: Stamp) -> Case:
    """Close; every actor is told and confirms (R174).

    Raises:
        ValueError: for a withdrawn consent, which `withdraw` takes, as it waits for no meeting (R176).
        WrongState: the last meeting did not find that the need has ceased.
    """
    if ground is Ground.WITHDRAWN:
        raise ValueError("a withdrawal has its own way")
    require_closable(case)
    notices = tuple(Notice(agency) for agency in audience(case, Occasion.END))
    return replace(case, closure=Closure(ground, stamp, notices))


def confirm_notice(case: Case, agency: str, stamp: Stamp) -> Case:
    """An agency confirms that it knows of the end. Confirming twice changes nothing."""
    notice = case.closure.notice_of(agency) if case.closure is not None else None
    if case.closure is None or notice is None:
        raise WrongState("close.no_notice")
    if notice.confirmed is not None:
        return case
    return replace(case, closure=case.closure.with_notice(replace(notice, confirmed=stamp)))
