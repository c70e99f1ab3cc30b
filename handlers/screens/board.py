"""The board: one message for the one who is responsible, with what is known, what is missing and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from domain.attendee import Attendee
from domain.case import Case, State
from domain.consent import Decision, Extra
from domain.matters.plan import PERSON, RELATIVE, REPRESENTATIVE, PlanSent
from domain.meeting import Meeting
from domain.next_step import Next, Step, next_step
from domain.responsibility import name_of, place_of, works_at
from domain.rules import meeting_deadline
from domain.steps.deliver_summons import undelivered
from domain.steps.review import to_review
from domain.summons import UNHEARD, Standing, Summons
from handlers.screens import matters
from handlers.screens.person import companion_words, companions_of
from handlers.ui.actions import Action, CaseStep, OneSummons
from handlers.ui.cards import Button, Card, Fact, Section, Tone
from handlers.view import View

# What the next step's button does; steps that are only waited for have none.
BUTTON_OF_STEP: Mapping[Step, str] = {
    Step.ASSESS: "assess",
    Step.CONSENT: "consent",
    Step.SUMMON: "summon",
    Step.WAIT: "move",
    Step.REACH: "record_answer",
    Step.MISDIRECTED: "summon",
    Step.PROPOSED: "move",
    Step.DECLINED: "move",
    Step.MEET: "move",
    Step.REPORT: "held",
    Step.COMPLETE: "held",
    Step.PLAN: "plan",
    Step.FOLLOW_UP: "summon",
    Step.CLOSE: "close",
}


def step_button(view: View, code: str, step: Step, tone: Tone = Tone.PRIMARY) -> tuple[Button, ...]:
    """Return the one button to the next step."""
    name = BUTTON_OF_STEP.get(step)
    if name is None:
        return ()
    waiting = step in {Step.WAIT, Step.MEET, Step.DECLINED}
    label = view.words("step.more.do" if step is Step.MISDIRECTED else f"step.{name}.do")
    return (
        Button(
            Action.CASE_STEP,
            label,
            view.seal(CaseStep(code, name)),
            Tone.PLAIN if waiting else tone,
            hint=f"{label}, {code}",
        ),
    )


def show_button(view: View, code: str) -> Button:
    """Return the button that leads to all of a case."""
    label = view.words("step.show.do")
    return Button(Action.CASE_STEP, label, view.seal(CaseStep(code, "show")), hint=f"{label}, {code}")


def board(view: View, case: Case, *, leads_to_all: bool = True) -> Card:
    """Return the board of a case, with the button that leads to all of it unless all of it is shown already."""
    words = view.words
    coming = next_step(case, view.services.rules_of(case), view.now)
    title = words("board.title", code=case.code, state=words(f"state.{case.state.value}"))
    meeting = case.coming_meeting
    when = () if meeting is None else (Fact(words("fact.when"), view.when(meeting)),)
    sections = [Section(text=words(f"step.{coming.step.value}"), facts=when)]
    if meeting is not None and case.state is not State.CLOSED:
        sections.append(summons_section(view, case, meeting))
        sections += _undelivered(view, case, meeting)
    sections.append(Section(facts=facts(view, case, coming)))
    if case.closure is not None and case.closure.notices:
        sections.append(_notices_section(view, case))
    all_of_it = (show_button(view, case.code),) if leads_to_all else ()
    if case.is_open and case.plans and case.plans[-1].notices:
        sections.append(_receipts_section(view, case, case.plans[-1]))
    sections += matters.sections(view, case)
    buttons = (*step_button(view, case.code, coming.step), *_more_buttons(view, case, coming.step), *all_of_it)
    return Card(title, title, tuple(sections), buttons, words("board.footer", when=words.moment(view.now)))


def _more_buttons(view: View, case: Case, coming: Step) -> tuple[Button, ...]:
    """Return the second buttons that belong to the state; none leads where the first one does."""
    words = view.words
    extra = []
    if case.coming_meeting is not None and case.coming_meeting.start > view.now:
        if coming is not Step.MISDIRECTED:
            extra.append(view.to_step(case.code, "summon", label=words("step.more.do")))
        if case.owing(case.coming_meeting) and coming is not Step.REACH:
            extra.append(view.to_step(case.code, "answer", label=words("step.record_answer.do")))
    if case.state is State.DENIED:
        # A no of the assessor may be judged anew, as one of the person may be asked about again (R81, R96).
        extra.append(view.to_step(case.code, "assess"))
    extra += [view.to_step(case.code, step) for step in _during_meeting(view, case)]
    held_back = case.coming_meeting is not None and any(
        s.standing(case.coming_meeting.round) is Standing.HELD_BACK for s in case.coming_meeting.summonses
    )
    today = view.services.rules.calendar.local_date(view.now)
    if coming is not Step.CONSENT and (held_back or (case.consent is not None and not case.consent.holds_on(today))):
        extra.insert(0, view.to_step(case.code, "consent", label=words("step.widen.do"), tone=Tone.PRIMARY))
    return tuple(extra)


def _during_meeting(view: View, case: Case) -> tuple[str, ...]:
    """Return what there is to open at the meeting itself: the run sheet, and at a follow-up the plan (R135, R169)."""
    meeting = case.coming_meeting
    if meeting is None or (case.owing(meeting) and meeting.start > view.now):
        return ()
    return ("meeting", "review") if case.plans and to_review(case) else ("meeting",)


def facts(view: View, case: Case, coming: Next) -> tuple[Fact, ...]:
    """Return the facts of a case that may stand in chat (law 4D), but for when the meeting is."""
    words, rules = view.words, view.services.rules_of(case)
    found = []
    if case.last_held is None and case.is_open:
        deadline = meeting_deadline(case, rules.profile, rules.calendar)
        source = f"fact.deadline.{rules.meeting_basis(case)}"
        # Once a meeting is booked, what has passed is no longer a question.
        by = words.day(deadline) if case.coming_meeting is not None else _day_or_passed(view, deadline)
        found.append(Fact(words("fact.meeting_by"), words(source, day=by)))
        planned = rules.calendar.on_or_before(deadline)
        if planned != deadline and case.coming_meeting is None:
            # A last day at the weekend or on a holiday is planned for as the working day before it (days 5B.3).
            found.append(Fact(words("fact.planned_for"), words.day(planned)))
    elif coming.step in {Step.PLAN, Step.FOLLOW_UP} and coming.by is not None:
        label = words("fact.plan_by" if coming.step is Step.PLAN else "fact.follow_up")
        found.append(Fact(label, _day_or_passed(view, coming.by)))
        found += _plan_sender(view, case) if coming.step is Step.PLAN else ()
    if case.vacant_since is None:
        found.append(Fact(words("fact.responsible"), name_of(case.responsible, view.directory)))
    else:
        day = rules.local_date(case.vacant_since)
        found.append(Fact(words("fact.vacant"), words.day(day)))
    if case.lead_outside:
        found.append(Fact(words("fact.lead_outside"), case.lead_outside))
    consent = consent_words(view, case)
    if consent:
        found.append(Fact(words("fact.consent"), consent))
        found += _own_consents(view, case)
    if case.coming_meeting is not None:
        found += _roles(view, case.coming_meeting)
    found += companions_of(view, case)
    flags = [words(f"flag.{flag.value}") for flag in sorted(case.flags)]
    if flags:
        found.append(Fact(words("fact.flags"), words.listing(flags)))
    return tuple(found)


def _plan_sender(view: View, case: Case) -> tuple[Fact, ...]:
    """Return who sends the plan, or their unit once they have left it, where it is not whose board this is (R194)."""
    held = case.last_held
    sender = "" if held is None else case.plan_sender_of(held)
    if held is None or sender == case.responsible:
        return ()
    unit = case.plan_sender_agency_of(held)
    here = works_at(sender, unit, view.directory)
    return (Fact(view.words("fact.plan_sender"), name_of(sender, view.directory) if here else view.agency(unit)),)


def _day_or_passed(view: View, day: date) -> str:
    """Return a day, and that it has passed when it has; whose fault that is, or whether it is one, is not said."""
    words = view.words
    passed = day < view.services.rules.calendar.local_date(view.now)
    return words("fact.passed", day=words.day(day)) if passed else words.day(day)


def _roles(view: View, meeting: Meeting) -> list[Fact]:
    """Return chair and secretary, each with what their calendar has answered (R30, R55)."""
    words, found = view.words, [Fact(view.words("fact.chair"), _host_words(view, meeting, meeting.chair))]
    if meeting.secretary:
        found.append(Fact(words("fact.secretary"), _host_words(view, meeting, meeting.secretary)))
    return found


def _host_words(view: View, meeting: Meeting, who: str) -> str:
    host = next((host.who for host in meeting.hosts if host.who.staff == who), None)
    return attendee_words(view, host) if host is not None else name_of(who, view.directory)


def _own_consents(view: View, case: Case) -> list[Fact]:
    """Return which agencies have a consent of their own (law 4C)."""
    today = view.services.rules.calendar.local_date(view.now)
    own = [view.agency(each.agency) for each in case.own_consents if each.valid_until >= today]
    return [Fact(view.words("fact.own_consents"), view.words.listing(own))] if own else []


def consent_words(view: View, case: Case) -> str:
    """Return what may be told of the consent (R124, law 4D).

    That it exists, how long, whom it covers (R62), and that there are limits, without what they are.
    """
    consent, words = case.consent, view.words
    if consent is None or case.closure is not None:
        return ""
    if consent.decision is Decision.REFUSED:
        return words("consent.is_refused")
    today = view.services.rules.calendar.local_date(view.now)
    until = "" if consent.valid_until is None else words.day(consent.valid_until)
    if not consent.holds_on(today):
        return words("consent.is_expired", day=until)
    key = "consent.is_given_limited" if Extra.EXCLUSIONS in consent.extras else "consent.is_given"
    names = [view.agency(agency) for agency in view.directory.agencies if agency in consent.agencies]
    return words(key, day=until, names=words.listing(names))


def summons_section(view: View, case: Case, meeting: Meeting) -> Section:
    """Return each agency's state and who comes, in the words of the coordinator."""
    lines = [summons_line(view, case, meeting, summons) for summons in meeting.summonses]
    return Section(heading=view.words("board.summonses"), lines=tuple(lines))


def _undelivered(view: View, case: Case, meeting: Meeting) -> list[Section]:
    """Say of each agency that the summons has not reached what can be done about it, with the button to try again."""
    words, found = view.words, []
    for agency in undelivered(case) if meeting.start > view.now else ():
        name, label = view.agency(agency), words("send_again.do")
        if not place_of(case, agency, view.directory):
            why = "board.nobody_named" if case.protected else "board.unreachable"
            found.append(Section(text=words(why, agency=name)))
            continue
        token = view.seal(OneSummons(case.code, meeting.number, agency))
        again = Button(Action.SUMMONS_SEND_AGAIN, label, token, hint=f"{label}, {name}")
        found.append(Section(text=words("board.undelivered", agency=name), buttons=(again,)))
    return found


def summons_line(view: View, case: Case, meeting: Meeting, summons: Summons) -> str:
    """Return one agency's line: obliged, invited or answering for the case, its answer, who comes."""
    words = view.words
    standing = summons.standing(meeting.round)
    detail = _detail(view, case, summons, standing)
    relay = summons.relayed(meeting.round)
    if relay is not None:
        relayed = words("board.relayed", way=words(f"way.{relay.how.value}"))
        detail = f"{detail}, {relayed}" if detail else relayed
    own = summons.agency == case.unit_at(meeting)
    duty = "own" if own else "obliged" if summons.obliged else "invited"
    said = "own" if own and standing in {*UNHEARD, Standing.RECEIVED} else standing.value
    return words(
        "board.line",
        agency=view.agency(summons.agency),
        duty=words(f"duty.{duty}"),
        standing=words(f"standing.{said}"),
        detail=detail,
    )


def _detail(view: View, case: Case, summons: Summons, standing: Standing) -> str:
    words = view.words
    if standing is Standing.NAMED and summons.naming is not None:
        names = words.listing([_with_mandate(view, a) for a in summons.naming.attendees])
        today = view.services.rules.calendar.local_date(view.now)
        if case.consent is not None and not case.consent.allows_exchange(summons.agency, today):
            return words("board.names_held", names=names)
        return names
    if standing is Standing.PROPOSED and summons.proposal is not None:
        proposal = summons.proposal
        return words("when.short", day=words.short_day(proposal.day), clock=words.clock(proposal.start))
    if standing is Standing.DECLINED and summons.decline is not None:
        return words(f"decline_reason.{summons.decline.reason.value}")
    if standing is Standing.FORWARDED and summons.forward is not None:
        return view.agency(summons.forward.agency)
    if summons.naming is not None and summons.naming.deserted_at is not None:
        return words.listing([attendee_words(view, a) for a in summons.naming.attendees])
    if standing in UNHEARD and summons.naming is not None:
        names = words.listing([attendee_words(view, a) for a in summons.naming.attendees])
        return words("board.asked_again", names=names)
    return ""


UNPROVEN = "unproven"


def _with_mandate(view: View, attendee: Attendee) -> str:
    """Return a name for the coordinator, who is to know in time that somebody cannot decide (R51)."""
    name = attendee_words(view, attendee)
    return view.words("board.no_mandate", name=name) if attendee.mandate is False else name


def attendee_words(view: View, attendee: Attendee) -> str:
    """Return a name with what the calendar has answered, when it has. A word about an old time is no yes and no no."""
    words, said = view.words, attendee.response
    if attendee.undelivered:
        return words("attendee.undelivered", name=attendee.name)
    if said is None:
        return attendee.name
    told = words("attendee.old_time" if said.old_time else f"attendee.{said.kind}", name=attendee.name)
    return told if said.trust != UNPROVEN else words("attendee.unproven", answer=told)


def _receipts_section(view: View, case: Case, plan: PlanSent) -> Section:
    """Return who has confirmed the newest plan that was sent; its version tells it from one to come (R161, R170)."""
    words = view.words
    lines = tuple(
        words("board.plan_waiting" if n.confirmed is None else "board.plan_confirmed", agency=view.agency(n.agency))
        for n in plan.notices
    )
    return Section(
        heading=words("board.plans", version=plan.version), lines=(*lines, *_people_sent_to(view, case, plan))
    )


def _people_sent_to(view: View, case: Case, plan: PlanSent) -> tuple[str, ...]:
    """Tick off the person and those who stand by them, each with how the plan went to them (R47, R83, R143)."""
    words, noted = view.words, {each.key: companion_words(view, each) for each in case.companions}
    people = {who: words(f"plan.{who}") for who in (PERSON, RELATIVE, REPRESENTATIVE)} | noted
    day = words.short_day(plan.sent_on)
    return tuple(
        words("board.plan_sent_to", who=name, day=day, how=words(f"channel.{plan.channel_of(who).value}"))
        for who, name in people.items()
        if who in plan.recipients
    )


def _notices_section(view: View, case: Case) -> Section:
    words = view.words
    notices = case.closure.notices if case.closure is not None else ()
    lines = []
    for notice in notices:
        if notice.confirmed is not None:
            key = "board.notice_confirmed"
        else:
            key = "board.notice_delivered" if notice.delivered_at is not None else "board.notice_waiting"
        lines.append(words(key, agency=view.agency(notice.agency)))
    return Section(heading=words("board.notices"), lines=tuple(lines))
