"""Whatever text comes in from outside: what is read of it can be written down, or it is refused at the door."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.admin.directory_file import BadDirectory, read_directory
from bot.mail.reply import ReplyRules, read_reply
from bot.matrix.talk.arrivals import read
from bot.profile_file import BadProfile, read_profile
from bot.settings import Settings
from bot.slack.payload import BadPayload, from_socket, read_payload
from bot.slack.translate import arrival
from domain.text.outside import writable
from domain.text.typed import cleaned
from tests.bot.mail.samples import DOMAIN, TOKEN
from tests.bot.slack.payloads import command, press
from tests.conftest import ROOT

HOSTILE = ("\ud800", "\udfff", "\x00", "\u202e", "\u2066", "\u200b", "\r\n", "\x1b[2J", "\ufeff", "a\u030a")
texts = st.lists(
    st.sampled_from(HOSTILE) | st.characters(categories=("Cs", "Cc", "Cf", "L", "N", "P", "Z")), max_size=20
).map("".join)
times = st.sampled_from((1,) * 9 + (50_000,))  # up to a megabyte
once = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def can_be_written(found: Any) -> bool:
    """Say whether all text in something can go into UTF-8 and into any database."""
    if is_dataclass(found) and not isinstance(found, type):
        return all(can_be_written(getattr(found, field.name)) for field in fields(found))
    if isinstance(found, Mapping):
        return all(can_be_written(part) for pair in found.items() for part in pair)
    if isinstance(found, list | tuple | frozenset | set):
        return all(map(can_be_written, found))
    return not isinstance(found, str) or ("\x00" not in found and found == found.encode(errors="ignore").decode())


def with_text(found: Any, number: int, text: str) -> Any:
    """Put a text before the text at one of all places of a payload, names included."""
    left = [number]

    def put(part: Any) -> Any:
        if isinstance(part, str):
            left[0] -= 1
            return f"{part}{text}" if left[0] == -1 else part
        if isinstance(part, dict):
            return {put(name): put(value) for name, value in part.items()}
        return [put(item) for item in part] if isinstance(part, list) else part

    return put(found)


def submit() -> dict[str, Any]:
    kinds = {
        "purpose": {"type": "plain_text_input", "value": "Samordning"},
        "day": {"type": "datepicker", "selected_date": "2026-12-01"},
        "who": {"type": "users_select", "selected_user": "U0BO"},
        "all": {"type": "multi_users_select", "selected_users": ["U0BO"]},
        "one": {"type": "radio_buttons", "selected_option": {"value": "yes"}},
        "some": {"type": "checkboxes", "selected_options": [{"value": "a"}]},
    }
    view = {
        "type": "modal",
        "id": "V1",
        "hash": "1.2",
        "callback_id": "case.open",
        "private_metadata": "sealed",
        "title": {"type": "plain_text", "text": "Nytt"},
        "blocks": [{"type": "input", "block_id": name} for name in kinds],
        "state": {"values": {name: {name: value} for name, value in kinds.items()}},
    }
    return {"type": "view_submission", "user": {"id": "U0ANNA", "team_id": "T0"}, "trigger_id": "1.2", "view": view}


def change() -> dict[str, Any]:
    return {**press(), "view": submit()["view"], "actions": [{"action_id": "day", "block_id": "day", "action_ts": "1"}]}


def home() -> dict[str, Any]:
    event = {"type": "app_home_opened", "user": "U0ANNA", "tab": "home"}
    return {"type": "event_callback", "team_id": "T0", "event_id": "E1", "event": event}


@pytest.mark.parametrize("made", [command, press, submit, change, home])
@once
@given(number=st.integers(0, 70), text=texts, times=times)
def test_slack(made: Callable[[], dict[str, Any]], number: int, text: str, times: int) -> None:
    text *= times
    hostile = with_text(made(), number, text)
    body = json.dumps(hostile).encode()
    with suppress(BadPayload):
        assert can_be_written(arrival(from_socket(hostile)))
    with suppress(BadPayload):
        assert can_be_written(arrival(read_payload(body, "application/json")))


@once
@given(number=st.integers(0, 20), text=texts, times=times)
def test_a_command_of_slack_as_a_form(number: int, text: str, times: int) -> None:
    text *= times
    fields_of_it = [*command()]
    given = {**command(), (name := fields_of_it[number % len(fields_of_it)]): f"{command()[name]}{text}"}
    typed = {name: quote_plus(value, errors="surrogatepass") for name, value in given.items()}
    form = "&".join(f"{name}={value}" for name, value in typed.items()).encode()
    with suppress(BadPayload):
        assert can_be_written(arrival(read_payload(form, "application/x-www-form-urlencoded")))


MATRIX = {
    "event_id": "$one",
    "sender": "@anna:hs.example",
    "type": "m.room.message",
    "content": {
        "msgtype": "m.text",
        "body": "!sip lista",
        "m.mentions": {"user_ids": ["@sip:hs.example"]},
        "m.relates_to": {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$last"}},
    },
}
SIGN = MATRIX | {
    "type": "m.reaction",
    "content": {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$root", "key": "1"}},
}


@pytest.mark.parametrize("event", [MATRIX, SIGN], ids=["word", "sign"])
@once
@given(number=st.integers(0, 40), text=texts, times=times)
def test_matrix(event: dict[str, Any], number: int, text: str, times: int) -> None:
    text *= times
    found = read(with_text(event, number, text), "!room:hs.example", encrypted=True, sure=True)
    assert found is None or can_be_written(found)


MAIL = """From: par@bup.example.se
To: svar.{token}@{domain}
Message-ID: <1@bup.example.se>{0}
Subject: Accepterat{1}
MIME-Version: 1.0
Content-Type: text/calendar; method=REPLY; charset=utf-8

BEGIN:VCALENDAR
METHOD:REPLY
BEGIN:VEVENT
UID:1@example.se{2}
DTSTAMP:20261110T081500Z
SEQUENCE:1
COMMENT:Jag kommer{3}
ATTENDEE;CN=Pär{4};PARTSTAT=ACCEPTED:mailto:par{5}@bup.example.se
END:VEVENT
END:VCALENDAR
"""


@once
@given(number=st.integers(0, 5), text=texts, times=times)
def test_mail(number: int, text: str, times: int) -> None:
    text *= times
    places = [text if place == number else "" for place in range(6)]
    mail = MAIL.format(*places, token=TOKEN, domain=DOMAIN).replace("\n", "\r\n")
    for data in (mail.encode(errors="surrogatepass"), mail.encode("utf-16", errors="surrogatepass")):
        found = read_reply(data, ReplyRules(DOMAIN), recipient=f"svar.{TOKEN}@{DOMAIN}", envelope_from=f"a{text}@b.se")
        assert can_be_written(found)


@once
@given(number=st.integers(0, 60), text=texts, times=times)
def test_a_directory_file(number: int, text: str, times: int, tmp_path: Path) -> None:
    """Each text of the file in turn, also as TOML writes a character that cannot be typed."""
    text *= times
    whole = (ROOT / "examples" / "directory.toml").read_text(encoding="utf-8")
    parts = whole.split('"')
    place = 2 * (number % (len(parts) // 2)) + 1
    parts[place] += json.dumps(text, ensure_ascii=bool(number % 2))[1:-1]
    file = tmp_path / "directory.toml"
    file.write_bytes('"'.join(parts).encode(errors="surrogatepass"))
    try:
        found = read_directory(file)
    except BadDirectory:
        return
    assert can_be_written(found)
    said = [text for agency in found.agencies.values() for text in (agency.id, agency.name, agency.alias)]
    assert all(cleaned(one) == one for one in [*said, *(person.name for person in found.staff.values())])


@once
@given(number=st.integers(0, 60), text=texts, times=times)
def test_a_profile_file(number: int, text: str, times: int, tmp_path: Path) -> None:
    text *= times
    parts = (ROOT / "bot" / "profiles" / "gotland.toml").read_text(encoding="utf-8").split('"')
    place = 2 * (number % (len(parts) // 2)) + 1
    parts[place] += json.dumps(text)[1:-1]
    file = tmp_path / "own.toml"
    file.write_bytes('"'.join(parts).encode())
    try:
        found = read_profile(str(file))
    except (BadProfile, ValueError):
        return
    assert can_be_written(found)
    assert all(cleaned(one) == one for one in (found.title, found.name))


TEXTS = sorted(name for name, field in Settings.model_fields.items() if field.annotation is str)


@once
@given(name=st.sampled_from(TEXTS), text=texts, times=times)
def test_a_setting(name: str, text: str, times: int) -> None:
    text *= times
    try:
        found = Settings(_env_file=None, **{name: text})  # type: ignore[arg-type]
    except ValidationError:
        return
    assert can_be_written(getattr(found, name))


def test_what_is_read_stays_as_it_was_written_but_for_what_cannot_be() -> None:
    assert writable("\u202eÅ\n\t\U0001f44d") == "\u202eÅ\n\t\U0001f44d"
    assert writable({"a\x00": ["\ud83dx", 7, None]}) == {"a": ["x", 7, None]}
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    shallow = json.dumps(writable(deep))
    assert (shallow.count("["), "null" in shallow) == (64, True)
