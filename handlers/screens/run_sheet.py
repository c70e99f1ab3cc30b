"""The run sheet as a card: one line and one button a point, done or still to do (R135-R137, R149)."""

from __future__ import annotations

from domain.case import Case
from domain.consent import Extra
from domain.matters.run_sheet import Point
from domain.meeting import Meeting
from domain.responsibility import name_of
from handlers.ui.actions import Action, OnePoint
from handlers.ui.cards import Button, Card, Section, Tone
from handlers.view import View


def run_sheet(view: View, case: Case, meeting: Meeting) -> Card:
    """Return the run sheet of a meeting; once the meeting is told of, without buttons."""
    words = view.words
    title = words("sheet.title", code=case.code)
    over = not meeting.is_open or case.closure is not None
    intro = words("sheet.over" if over else "sheet.intro")
    sections = (
        Section(text=intro),
        *_limits(view, case),
        *(_point(view, case, meeting, point, over=over) for point in meeting.points()),
    )
    report = view.to_step(case.code, "held", tone=Tone.PRIMARY)
    done = sum(meeting.tick_of(point) is not None for point in meeting.points())
    summary = words("sheet.summary", code=case.code, done=done, count=len(meeting.points()))
    return Card(title, summary, sections, () if over else (report,))


def _limits(view: View, case: Case) -> tuple[Section, ...]:
    """Remind of what the person does not want raised, without saying what it is (R65)."""
    if case.consent is None or Extra.EXCLUSIONS not in case.consent.extras:
        return ()
    return (Section(text=view.words("sheet.limits")),)


def _point(view: View, case: Case, meeting: Meeting, point: Point, *, over: bool) -> Section:
    words, done = view.words, meeting.tick_of(point)
    text = words(f"point.{point.value}")
    if done is not None:
        who, when = name_of(done.done.by, view.directory), words.moment(done.done.at)
        text = words("sheet.done", text=text, who=who, when=when)
    if over:
        return Section(text=text)
    label = words("sheet.tick.do" if done is None else "sheet.untick.do")
    name = words(f"point.{point.value}.name")
    hint = f"{label}, {name}"
    token = view.seal(OnePoint(case.code, meeting.number, point))
    return Section(text=text, buttons=(Button(Action.MEETING_TICK, label, token, hint=hint),))
