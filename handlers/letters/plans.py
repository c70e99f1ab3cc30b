"""The notice of a plan to one agency: that it was sent, how, and what the agency answers for itself (R161)."""

from __future__ import annotations

from domain.address import Address, Kind
from domain.audience import Occasion, hears
from domain.case import Case
from domain.matters.measure import Progress
from domain.responsibility import name_of
from handlers.disclosure import covers, may_hear
from handlers.screens.contact import who_answers
from handlers.screens.matters import measure_line, own_measures
from handlers.ui.actions import Action, OnePlan
from handlers.ui.cards import Button, Card, Fact, Section, Tone
from handlers.ui.outgoing import Drop, Outgoing, PlainMail, Show, Tell
from handlers.view import View
from storage.outbox.outbox import Letter


def _caller_of(case: Case, number: int) -> str:
    """Return the unit that called a meeting: it gets the plan of that meeting whoever leads the case now (R195)."""
    return next((case.unit_of(meeting) for meeting in case.meetings if meeting.number == number), "")


def plan(view: View, case: Case, letter: Letter) -> Outgoing:
    """Return the notice of a version of the plan to one agency, with what it answers for itself (R161, R152)."""
    agency, words = str(letter.args.get("agency", "")), view.words
    sent = next((p for p in case.plans if p.version == letter.args.get("version")), None)
    if sent is None or case.closure is not None:
        return Drop("consent")
    if agency != _caller_of(case, sent.meeting) and not may_hear(view, case, agency):
        return Drop("consent")
    title = words("plan.notice.title", code=case.code, version=sent.version)
    if Address.parse(letter.address).kind is Kind.MAILBOX:
        text = words("plan.notice.mail")
        return PlainMail(title, f"{text}\n")
    text = words("plan.notice.text")
    facts = [
        Fact(words("fact.sent_on"), words.day(sent.sent_on)),
        Fact(words("fact.sent_how"), words(f"channel.{sent.channel_of(agency).value}")),
        Fact(words("fact.responsible"), who_answers(view, case, agency)),
    ]
    held = case.last_held
    if held is not None and held.report is not None and held.report.follow_up_on is not None:
        facts.append(Fact(words("fact.follow_up"), words.day(held.report.follow_up_on)))
    sections = [Section(text=text, facts=tuple(facts)), *own_measures(view, sent, agency)]
    notice = sent.notice_of(agency)
    buttons: tuple[Button, ...] = ()
    if notice is not None and notice.confirmed is not None:
        who, when = name_of(notice.confirmed.by, view.directory), words.moment(notice.confirmed.at)
        sections.append(Section(text=words("ending.confirmed", who=who, when=when)))
    else:
        token = view.seal(OnePlan(case.code, sent.version, agency))
        buttons = (Button(Action.PLAN_RECEIVED, words("plan.received.do"), token, Tone.PRIMARY),)
    card = Card(title, f"{title}. {text}", tuple(sections), buttons)
    return Show(f"plan:{case.code}:{sent.version}:{agency}", case.version, card)


def plan_changed(view: View, case: Case, letter: Letter) -> Outgoing:
    """Return the word to an agency that the plan has changed, with what it answers for itself now (R44, law 4C)."""
    agency, words = str(letter.args.get("agency", "")), view.words
    if case.closure is not None:
        return Drop("over")
    if not covers(view, case, agency) or not hears(case, Occasion.PLAN_CHANGE, agency):
        return Drop("consent")
    title = words("plan_changed.title", code=case.code)
    if Address.parse(letter.address).kind is Kind.MAILBOX:
        text = words("plan_changed.mail")
        return PlainMail(title, f"{text}\n")
    text = words("plan_changed.text", name=who_answers(view, case, agency))
    own = [m for m in case.measures if m.agency == agency and m.progress is not Progress.DROPPED]
    lines = tuple(measure_line(view, measure) for measure in own)
    sections = (Section(text=text), *((Section(heading=words("measure.own"), lines=lines),) if lines else ()))
    return Tell(Card(title, f"{title}. {text}", sections))
