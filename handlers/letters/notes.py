"""Words to one person about a case: something that needs their eye, in chat, or by mail where chat fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from domain.case import Case
from domain.responsibility import may_receive
from domain.summons import Standing
from handlers.disclosure import may_hear
from handlers.screens.stand_in import manager_id, said_first
from handlers.ui.actions import Action, CaseStep, OneSummons
from handlers.ui.cards import Button, Card, Section, Tone
from handlers.ui.outgoing import Drop, Outgoing, PlainMail, Tell
from handlers.view import View

Args = Mapping[str, object]

# What the one who reads can do about it at once, told by a button: the step, and the words on it.
# Words that wait for nothing. All others wait until people are at work: they tell of what can be seen to then
# (days 5B.6). That a withdrawal has not arrived is told at any hour (R77).
AT_ANY_HOUR = frozenset({"note.undeliverable", "note.withdrawn"})

WIDENING = frozenset({"note.forwarded_held", "note.names_held"})


def note(view: View, case: Case, args: Args, address: str) -> Outgoing:
    """Return a note as a card, while the one at this address is to hear of the case at all (law 4D.9)."""
    if not args.get("to") and (case.closure is not None or not may_hear(view, case, _text(args, "agency"))):
        # The manager of another agency hears no more than the agency itself.
        return Drop("consent")
    to = _text(args, "to")
    if to and not may_receive(case, to, address, view.directory):
        return Drop("left")
    title, text = _words_of(view, case, args, view.agency)
    first = said_first(view, [to or manager_id(view, _text(args, "agency"))], address)
    return Tell(Card(title, f"{title}. {text}", (*first, Section(text=text)), _buttons(view, case, args)))


def note_mail(view: View, case: Case, args: Args) -> Outgoing:
    """Return a note as a mail. A mail goes by open networks, so agencies stand in it by their aliases (law 4D).

    In chat whoever reads has seen the names alone, so the mail says what an alias is.
    """
    title, text = _words_of(view, case, args, view.alias)
    words, agency = view.words, _text(args, "agency")
    if agency and agency != case.responsible_agency and view.alias(agency) != view.agency(agency):
        text += "\n\n" + words("note.mail.alias", agency=view.alias(agency))
    return PlainMail(title, f"{text}\n")


def _buttons(view: View, case: Case, args: Args) -> tuple[Button, ...]:
    words, about, meeting = view.words, args.get("about"), case.coming_meeting
    if about == "note.proposed" and meeting is not None:
        token = view.seal(CaseStep(case.code, "move", day=_text(args, "day"), clock=_text(args, "clock")))
        move = Button(Action.CASE_STEP, words("note.proposed.do"), token, Tone.PRIMARY)
        agency = _text(args, "agency")
        if meeting.standing_of(agency) is not Standing.PROPOSED:
            return (move,)
        kept = view.seal(OneSummons(case.code, meeting.number, agency))
        return (move, Button(Action.PROPOSAL_KEEP, words("note.proposed.keep.do"), kept))
    if about == "note.misdirected" and meeting is not None:
        token = view.seal(CaseStep(case.code, "summon"))
        return (Button(Action.CASE_STEP, words("step.more.do"), token, Tone.PRIMARY),)
    if about in WIDENING:
        return (view.to_step(case.code, "consent", label=words("step.widen.do"), tone=Tone.PRIMARY),)
    return ()


def _words_of(view: View, case: Case, args: Args, called: Callable[[str], str]) -> tuple[str, str]:
    words, about = view.words, _text(args, "about")
    params: dict[str, object] = {
        "code": case.code,
        "agency": called(_text(args, "agency")),
        "target": called(_text(args, "target")),
        "own": _text(args, "agency") == case.responsible_agency,
    }
    if args.get("reason"):
        params["reason"] = words(f"decline_reason.{_text(args, 'reason')}")
    if args.get("day"):
        day, clock = date.fromisoformat(_text(args, "day")), _text(args, "clock")
        params["when"] = words("when.short", day=words.short_day(day), clock=words.clock(clock))
    if args.get("letter"):
        params["letter"] = words(f"letter.{_text(args, 'letter')}")
    if args.get("name"):
        params["name"] = _text(args, "name")
    return words(f"{about}.title", **params), words(f"{about}.text", **params)


def _text(args: Args, name: str) -> str:
    return str(args.get(name, ""))
