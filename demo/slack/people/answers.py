"""What a bot's answer turns into on a person's screen: a message to them alone, or one in the channel."""

from __future__ import annotations

from typing import Any

from bot.slack.block_kit.rules import Violation, check_message
from demo.slack.state.records import Channel, Installation, Json, Message
from demo.slack.state.response_urls import ResponseUrl
from demo.slack.state.state import State


def sound_answer(payload: Json) -> tuple[list[Violation], list[Violation]]:
    """Return the broken rules for which Slack refuses an answer, and those it lets pass."""
    found = check_message(payload)
    passing = [violation for violation in found if violation.code == "text_missing"]
    return [violation for violation in found if violation.code != "text_missing"], passing


def speak(
    state: State,
    install: Installation,
    channel: Channel,
    user: str,
    payload: Json,
    thread_ts: str | None = None,
) -> Message:
    """Post an answer as the bot: in the channel if it says so, otherwise for the one who acted alone."""
    openly = payload.get("response_type") == "in_channel"
    return state.messages.post(
        channel.id,
        team=install.team,
        user=install.bot_user,
        bot_id=install.bot_id,
        app_id=state.app.id,
        text=str(payload.get("text") or ""),
        blocks=payload.get("blocks") or [],
        metadata=payload.get("metadata"),
        thread_ts=payload.get("thread_ts") or thread_ts,
        only_for=None if openly else user,
    )


def respond(state: State, held: ResponseUrl, payload: Json) -> tuple[str, tuple[Violation, ...]]:
    """Carry out what was sent to a response URL; return Slack's word, `ok` or an error, and broken rules."""
    source = held.source
    if payload.get("delete_original") is True:
        if source is not None:
            state.messages.delete(source)
        return "ok", ()
    refused, passing = sound_answer(payload)
    if not payload.get("text") and not payload.get("blocks"):
        return "no_text", ()
    if refused:
        return "invalid_blocks", tuple(refused)
    if payload.get("replace_original") is True and source is not None:
        _replace(state, source, payload)
    else:
        install = state.directory.installations[held.team]
        thread = source.thread_ts if source is not None else None
        speak(state, install, state.directory.channels[held.channel], held.user, payload, thread)
    return "ok", tuple(passing)


def _replace(state: State, source: Message, payload: Json) -> None:
    changed: dict[str, Any] = {"text": str(payload.get("text") or ""), "blocks": payload.get("blocks") or []}
    if payload.get("metadata") is not None:
        changed["metadata"] = payload["metadata"]
    state.messages.change(source, **changed)
