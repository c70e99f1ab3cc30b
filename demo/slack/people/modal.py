"""A modal being filled in and submitted: its state, the client's checks, and what the bot's answer does."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from demo.slack.errors import ApiError, UnknownField
from demo.slack.people.inputs import entry, first_entry, interactive, refusal
from demo.slack.people.outcome import Outcome
from demo.slack.state.records import Json, View
from demo.slack.state.views import Views, sound_view


def fill_in(view: View, values: Mapping[str, Any], tampered: Mapping[str, Json]) -> None:
    """Put values into a view's state by block id; what nobody touched gets its initial value.

    Raises:
        UnknownField: the view has no such field or option.
    """
    fields = {block["block_id"]: element for block, element in interactive(view.blocks)}
    unknown = (set(values) | set(tampered)) - set(fields)
    if unknown:
        raise UnknownField(f"no field {', '.join(sorted(unknown))}; there are: {', '.join(fields)}")
    for block, element in interactive(view.blocks):
        name, action = block["block_id"], element["action_id"]
        held = view.values.setdefault(name, {})
        first = first_entry(element)
        if name in tampered:
            held[action] = tampered[name]
        elif name in values:
            held[action] = entry(element, values[name])
        elif first is not None:
            held.setdefault(action, first)
    view.values = {name: held for name, held in view.values.items() if held}


def names_of(view: View) -> frozenset[str]:
    """Return the block ids of what can be filled in."""
    return frozenset(block["block_id"] for block, _ in interactive(view.blocks))


def dispatching(view: View) -> list[Json]:
    """Return the inputs of whose changes the bot is told before the form is sent."""
    return [block for block in view.blocks if block.get("type") == "input" and block.get("dispatch_action") is True]


def offers_to_ask(view: View, missing: AbstractSet[str]) -> dict[str, list[str]]:
    """Return the boxes to tick so that a form comes to ask what is missing: those that bear a missing field's name."""
    found: dict[str, list[str]] = {}
    for block in dispatching(view):
        offered = [str(held.get("value")) for held in block["element"].get("options", [])]
        if block["element"]["type"] == "checkboxes" and not missing.isdisjoint(offered):
            held = view.values.get(block["block_id"], {}).get(block["element"]["action_id"]) or {}
            ticked = [str(each["value"]) for each in held.get("selected_options", [])]
            found[block["block_id"]] = [name for name in offered if name in ticked or name in missing]
    return found


def client_refusals(view: View) -> dict[str, str]:
    """Return what Slack's client says at each input before it sends anything."""
    refused: dict[str, str] = {}
    for block in view.blocks:
        if block.get("type") != "input":
            continue
        words = refusal(block, view.values[block["block_id"]][block["element"]["action_id"]])
        if words is not None:
            refused[block["block_id"]] = words
    return refused


def respond_to_submission(views: Views, outcome: Outcome, view: View, payload: Json) -> None:
    """Do what the bot's answer to a submission asks for, and note it in the outcome.

    Raises:
        ApiError: the answer asks for something Slack cannot do.
    """
    action = payload.get("response_action")
    if action is None:
        views.close(view)
        outcome.action = "closed"
    elif action == "clear":
        views.close(view, everything=True)
        outcome.action = "cleared"
    elif action == "errors":
        outcome.errors = _sound_errors(view, payload.get("errors"))
        outcome.action, outcome.view = "errors", view
    elif action == "update":
        views.change(view, sound_view(payload.get("view")))
        outcome.action, outcome.view = "updated", view
    elif action == "push":
        outcome.view = views.push(view, sound_view(payload.get("view")))
        outcome.action = "pushed"
    else:
        raise ApiError("invalid_arguments")


def _sound_errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.blocks if block.get("type") == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise ApiError("invalid_arguments")
    return {str(name): str(words) for name, words in errors.items()}
