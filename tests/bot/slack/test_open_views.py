"""A form changes while it stands open in Slack: what follows from an answer is asked, and what was typed stays."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.metrics import Metrics
from bot.slack.modal import modal
from bot.slack.open_views import OpenViews
from bot.slack.replies import ack_body
from bot.slack.translate import Arrival, OpenView, arrival
from handlers.ui.branches import branched, chosen
from handlers.ui.events import Change, Event, Press, Sender, Submit
from handlers.ui.forms import Field, FieldKind, Form, Note, Option
from handlers.ui.responses import Ask, Mend, Response, Silence
from tests.bot.slack.samples import anybodys_words, words

OPTIONS = (Option("start", "Starta"), Option("deny", "Starta inte"))
FORM = Form(
    "case.open",
    "Nytt",
    "Spara",
    "Avbryt",
    "token",
    branched(
        (
            Note("Inga namn."),
            Field("decision", FieldKind.SELECT, "Bedömning", required=True, options=OPTIONS, initial="start"),
            Field("reason", FieldKind.TEXT, "Skäl", required=True),
            Field("ref", FieldKind.TEXT, "Referens"),
        ),
        {"reason": (chosen("decision", "deny"),)},
    ),
    "sv",
)
DENIED = {"decision": "deny", "ref": "17"}


def payload(**changes: Any) -> dict[str, Any]:
    view = modal(FORM, words)
    state = {"decision": {"decision": {"type": "static_select", "selected_option": {"value": "deny"}}}}
    return {
        "type": "block_actions",
        "user": {"id": "U0ANNA", "team_id": "T0"},
        "team": {"id": "T0"},
        "container": {"type": "view", "view_id": "V1"},
        "view": {**view, "id": "V1", "hash": "1.a", "state": {"values": state}},
        "actions": [{"type": "static_select", "action_id": "decision", "block_id": "decision", "action_ts": "7.5"}],
        **changes,
    }


def fields_of(view: Any) -> list[str]:
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


def test_only_what_follows_is_drawn_and_only_what_it_follows_from_tells_of_changes() -> None:
    view = modal(FORM, words)
    assert fields_of(view) == ["decision", "ref"]
    assert [block["block_id"] for block in view["blocks"] if block.get("dispatch_action")] == ["decision"]
    assert fields_of(modal(FORM, words, DENIED)) == ["decision", "reason", "ref"]


def test_a_changed_answer_arrives_with_all_that_is_filled_in_and_is_no_press() -> None:
    found = arrival(payload())
    assert found is not None
    assert found.incoming == Change(Sender("slack:T0/U0ANNA"), "case.open", "token", {"decision": "deny"})
    assert found.open_view == OpenView("V1", "1.a", "7.5", {"decision": "deny"})


def test_a_button_in_a_window_is_a_press_still() -> None:
    button = {"type": "button", "action_id": "case.step", "block_id": "b", "action_ts": "7.5", "value": "t"}
    found = arrival(payload(actions=[button]))
    assert found is not None
    assert isinstance(found.incoming, Press)


class Api:
    """A line to Slack that notes each `views.update` and fails so first."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls: list[dict[str, Any]] = []
        self.client = self

    async def views_update(self, **args: Any) -> Any:
        self.calls.append(args)
        if self.failures:
            raise self.failures.pop(0)
        return SimpleNamespace(data={"ok": True})


def views(api: Api, answer: Response | None = None) -> OpenViews:
    async def door(_incoming: Event) -> Response:
        return answer or Ask(FORM)

    line: Any = api
    return OpenViews(line, door, anybodys_words, Metrics())


def change(at: str = "7.5", **answers: Any) -> Arrival:
    found = arrival(payload())
    assert found is not None
    assert found.open_view is not None
    return replace(found, open_view=replace(found.open_view, at=at, answers=answers or DENIED))


async def test_the_form_is_drawn_anew_in_its_window_as_it_was_seen() -> None:
    api = Api()
    await views(api).draw_anew(change())
    (call,) = api.calls
    assert (call["view_id"], call["hash"]) == ("V1", "1.a")
    assert fields_of(call["view"]) == ["decision", "reason", "ref"]
    assert call["view"]["private_metadata"] == "token"


def refusal(code: str) -> SlackApiError:
    response: Any = SimpleNamespace(data={"ok": False, "error": code}, status_code=200, headers={})
    return SlackApiError(code, response)  # type: ignore[no-untyped-call]


async def test_the_later_of_two_changes_is_drawn_though_the_earlier_was_drawn_first() -> None:
    api = Api(refusal("hash_conflict"))
    await views(api).draw_anew(change())
    assert ["hash" in call for call in api.calls] == [True, False]


async def test_the_earlier_of_two_changes_never_undoes_the_later() -> None:
    api = Api()
    drawing = views(api)
    await drawing.draw_anew(change("9.0"))
    await drawing.draw_anew(change("8.0", decision="start"))
    assert len(api.calls) == 1


async def test_a_line_that_broke_is_tried_once_more_and_a_closed_window_is_left_alone() -> None:
    api = Api(aiohttp.InvalidURL("x"))
    await views(api).draw_anew(change())
    assert len(api.calls) == 2
    closed = Api(refusal("not_found"))
    await views(closed).draw_anew(change())
    assert len(closed.calls) == 1


async def test_a_form_that_may_not_be_made_anew_stays_as_it_is() -> None:
    api = Api()
    await views(api, Silence()).draw_anew(change())
    assert api.calls == []


def submitted(fields: tuple[str, ...], **answers: Any) -> Arrival:
    incoming = Submit(Sender("slack:T0/U0ANNA"), "k", "case.open", "token", answers)
    return Arrival(incoming, in_modal=True, fields=fields)


def test_what_was_sent_before_the_form_was_drawn_anew_is_drawn_with_what_is_amiss() -> None:
    """Slack shows errors only at inputs of the window: one at a question that came too late would be lost."""
    body = ack_body(submitted(("decision", "ref"), **DENIED), Mend({"reason": "Ange skäl."}, FORM), words)
    assert body is not None
    assert body["response_action"] == "update"
    assert fields_of(body["view"]) == ["decision", "reason", "ref"]
    places = [block.get("block_id") or str(block) for block in body["view"]["blocks"]]
    assert "Ange skäl." in places[places.index("reason") - 1]


@pytest.mark.parametrize("form", [FORM, None])
def test_what_is_amiss_at_a_question_that_is_shown_stands_there(form: Form | None) -> None:
    body = ack_body(submitted(("decision", "reason", "ref"), **DENIED), Mend({"reason": "Ange skäl."}, form), words)
    assert body == {"response_action": "errors", "errors": {"reason": "Ange skäl."}}
