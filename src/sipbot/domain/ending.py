"""Steps 4-6: the plan is sent (R144, R161), the case is closed and every actor told (R174, R175)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sipbot.domain.case import Case, Channel, Closure, Ground, Notice, PlanSent, Responsible, State
from sipbot.domain.consenting import concerned_agencies
from sipbot.domain.directory import Directory
from sipbot.domain.errors import NotFound, WrongState
from sipbot.domain.meeting import Meeting, Stamp
from sipbot.domain.problem import Problem

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Sending:
    """What the one who sent the plan has told."""

    approved: bool
    responsible: Responsible
    recipients: frozenset[str]
    channel: Channel
    sent_on: date


def meeting_without_plan(case: Case) -> Meeting:
    """Return the held meeting whose plan has not been sent, or raise `WrongState`."""
    held = case.last_held
    if case.closure is not None or held is None or case.plan_of(held) is not None:
        raise WrongState("plan.nothing_to_send", {"code": case.code})
    return held


def problems_of_sending(
    case: Case, meeting: Meeting, sending: Sending, directory: Directory, today: date
) -> tuple[Problem, ...]:
    """Return what is wrong: orally approved (R144); everybody who attended and the person (R161, R195), inside the consent."""
    found = []
    if not sending.approved:
        found.append(Problem("approved", "plan.approve_first"))
    attended = meeting.protocol.attended if meeting.protocol is not None else frozenset()
    missing = (attended | {PERSON}) - sending.recipients
    if missing:
        names = [directory.agencies[a].name for a in sorted(missing) if a in directory.agencies]
        key = "plan.person_missing" if not names else "plan.recipients_missing"
        found.append(Problem("recipients", key, {"names": ", ".join(names)}))
    outside = _outside_consent(case, sending.recipients - {PERSON}, sending.sent_on)
    if outside:
        names = [directory.agencies[a].name for a in outside if a in directory.agencies]
        found.append(Problem("recipients", "plan.outside_consent", {"names": ", ".join(names), "code": case.code}))
    if sending.sent_on > today:
        found.append(Problem("sent_on", "field.future_date"))
    if sending.sent_on < meeting.day:
        found.append(Problem("sent_on", "plan.before_meeting"))
    return tuple(found)


def _outside_consent(case: Case, recipients: frozenset[str], day: date) -> tuple[str, ...]:
    consent = case.consent
    own = {case.agency}
    if consent is None:
        return tuple(sorted(recipients - own))
    return tuple(sorted(a for a in recipients - own if not consent.allows_exchange(a, day)))


def send_plan(case: Case, meeting: Meeting, sending: Sending, stamp: Stamp) -> Case:
    """Return the case with the plan recorded as sent; a plan after a follow-up is a new version (R170)."""
    plan = PlanSent(
        version=len(case.plans) + 1,
        meeting=meeting.number,
        responsible=sending.responsible,
        recipients=sending.recipients,
        channel=sending.channel,
        sent_on=sending.sent_on,
        recorded=stamp,
    )
    return replace(case, plans=(*case.plans, plan))


def require_closable(case: Case) -> None:
    """Raise `WrongState` unless the last meeting found that no need remains (R174); withdrawal has its own way (R176)."""
    if case.state is not State.CLOSING:
        key = (
            "close.need_remains"
            if case.last_held is not None and case.closure is None
            else f"close.state_{case.state.value}"
        )
        raise WrongState(key, {"code": case.code})


def close_case(case: Case, ground: Ground, stamp: Stamp) -> Case:
    """Close; every actor is told and confirms (R174)."""
    notices = tuple(Notice(agency) for agency in concerned_agencies(case))
    return replace(case, closure=Closure(ground, stamp, notices))


def confirm_notice(case: Case, agency: str, stamp: Stamp) -> Case:
    """An agency confirms that it knows of the end. Confirming twice changes nothing."""
    notice = case.closure.notice_of(agency) if case.closure is not None else None
    if case.closure is None or notice is None:
        raise NotFound("close.no_notice")
    if notice.confirmed is not None:
        return case
    return replace(case, closure=case.closure.with_notice(replace(notice, confirmed=stamp)))
