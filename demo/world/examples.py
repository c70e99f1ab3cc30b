"""Examples of what people fill in, so that a visitor need not invent anything. All of it is made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from demo.slack.people.inputs import interactive
from demo.slack.people.person import Person
from demo.slack.state.records import Json, View
from demo.world.texts import Texts
from domain.days import WorkCalendar

_FOLLOW_UP = timedelta(days=70)

_BRINGS_A_COLLEAGUE = "U0JULIA"

# By form and field. What is not named keeps what the form suggests.
_FIXED: Mapping[str, Mapping[str, Any]] = {
    "case.open": {
        "noticed_by": "staff",
        "age_band": "child",
        "ongoing": "yes",
        "agencies": ["bup", "skola", "fk"],
        "decision": "start",
    },
    "consent.record": {
        "decision": "given",
        "given_by": ["guardian_1", "guardian_2"],
        "parts": ["exchange", "plan"],
        "agencies": ["bup", "skola", "fk"],
        "topics": ["responsibility", "school"],
        "form": "oral",
    },
    "consent.withdraw": {"form": "oral", "sure": ["yes"]},
    "meeting.summon": {"purpose": ["responsibility", "school"], "consulted": ["yes"]},
    "meeting.move": {"consulted": ["yes"]},
    "summons.name": {"mandate": ["yes"]},
    "summons.decline": {"reason": "time"},
    "summons.forward": {"agency": "vc"},
    "meeting.held": {"outcome": "held", "consent_confirmed": ["yes"], "need_remains": "yes", "lead": "U0JULIA"},
    "plan.send": {"approved": ["yes"], "responsible": "region", "channel": "secure_mail"},
    "plan.measure": {"who": "bup", "sort": "contact"},
    "plan.review": {"measure_1": "done", "goals_met": "yes", "order": "yes", "needs_changed": "no"},
    "evaluation.staff": {"clear_purpose": "5", "right_agencies": "4", "divided": "4"},
    "evaluation.person": {"felt": "yes", "listened": "5"},
    "case.close": {"ground": "goals_met", "agreed": ["yes"]},
}


def usual(form: str) -> Mapping[str, Any]:
    """Return values by field for a form, as anybody might answer it on any day."""
    return _FIXED.get(form, {})


def example(
    view: View,
    user: str,
    today: date,
    calendar: WorkCalendar,
    words: Texts,
    *,
    last: bool = False,
    agreed: bool = False,
) -> dict[str, Any]:
    """Return values by field for a form, as `user` might fill it in today; only fields and choices that it has.

    `last`: the meeting that is reported on was the last one, since no need remains. `agreed`: the time that the form
    suggests is one that somebody has proposed, so it is kept.
    """
    elements = {block["block_id"]: element for block, element in interactive(view.blocks)}
    wanted = dict(_FIXED.get(view.callback_id, {}))
    if not (agreed and view.callback_id == "meeting.move"):
        wanted |= _of_the_day(view.callback_id, elements, user, today, calendar)
    if view.callback_id == "meeting.held" and last:
        wanted = {name: value for name, value in wanted.items() if name not in ("lead", "follow_up_on")}
        wanted["need_remains"] = "no"
    if "place" in elements:
        wanted.setdefault("place", words("example.place"))
    if "others" in elements and user == _BRINGS_A_COLLEAGUE:
        wanted.setdefault("others", words("example.others"))
    for block in view.blocks:
        if block.get("type") == "input" and not block.get("optional"):
            _something(wanted, block, today)
    return {name: value for name, value in wanted.items() if name in elements and _offered(elements[name], value)}


async def work_through(person: Person, give: Callable[[View], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Answer what the open form asks with what `give` returns for it, until it asks no more; return it all, unsent."""
    while (view := person.view) is not None and await person.answer(give(view), view):
        pass
    return {} if view is None else give(view)


def _of_the_day(
    form: str, elements: Mapping[str, Json], user: str, today: date, calendar: WorkCalendar
) -> dict[str, Any]:
    if form == "summons.name":
        return {"attendees": [user]}
    if form == "meeting.held":
        return {"follow_up_on": calendar.on_or_after(today + _FOLLOW_UP).isoformat()}
    if form in ("meeting.move", "summons.propose") and "date" in elements:
        suggested = date.fromisoformat(elements["date"].get("initial_date") or today.isoformat())
        return {"date": calendar.next_working_day(suggested).isoformat()}
    return {}


def _something(wanted: dict[str, Any], block: Json, today: date) -> None:
    """Fill in a required field that has no suggestion: the first choice, or today."""
    element = block["element"]
    if block["block_id"] in wanted or any(name.startswith("initial_") for name in element):
        return
    options = element.get("options") or []
    if options:
        first = options[0]["value"]
        several = element["type"] in ("multi_static_select", "checkboxes")
        wanted[block["block_id"]] = [first] if several else first
    elif element["type"] == "datepicker":
        wanted[block["block_id"]] = today.isoformat()


def _offered(element: Json, value: Any) -> bool:
    """Say whether every chosen option is one that the field has."""
    if "options" not in element:
        return True
    offered = {option["value"] for option in element["options"]}
    return set(value if isinstance(value, list) else [value]) <= offered
