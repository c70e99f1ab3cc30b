"""The door for Slack: signed requests come in, everything else has a plain 4xx, and nothing makes it fall."""

from __future__ import annotations

import itertools
import json
import logging
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.background import Background
from bot.metrics import Metrics
from bot.slack.ingress import LARGEST_BODY, Ingress, Reply
from bot.slack.listeners import Listeners
from bot.slack.opener import FormOpener
from bot.slack.payload import BadPayload, Payload, read_payload, sound
from tests.bot.slack.payloads import (
    NOW,
    SECRET,
    Door,
    Whispers,
    body_of,
    command,
    deliver,
    headers,
    home_opened,
    outsider_press,
    outsider_submit,
    post,
    press,
    signature,
    submit,
    unchanged,
)
from tests.bot.slack.samples import anybodys_words

FORM = "application/x-www-form-urlencoded"


async def take(payload: Payload) -> Reply:
    return Reply(200, b"taken")


def ingress(secret: str = SECRET) -> Ingress:
    return Ingress(take, secret, now=lambda: NOW)


def whole() -> Ingress:
    """The door with Bolt and the listeners behind it."""
    metrics, background, whispers = Metrics(), Background(), Whispers()
    opener = FormOpener(None, whispers, background, metrics)  # type: ignore[arg-type]
    views: Any = None
    listeners = Listeners(Door(), opener, views, whispers, anybodys_words, unchanged, background, metrics)
    return Ingress(listeners.dispatch, SECRET, now=lambda: NOW)


async def test_a_signed_request_comes_in() -> None:
    assert await deliver(ingress(), command("ny")) == (200, "taken")


@pytest.mark.parametrize("age", [-299, 0, 299])
async def test_five_minutes_either_way_are_let_in(age: int) -> None:
    body, content_type = body_of(press())
    assert (await post(ingress(), body, headers(body, content_type, NOW + age)))[0] == 200


_GOOD, _TYPE = body_of(press())


@pytest.mark.parametrize(
    "changed",
    [
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": "abc"},
        {"x-slack-request-timestamp": "1e9"},
        {"x-slack-request-timestamp": "-1780000000"},
        {"x-slack-request-timestamp": "१७८००००००".encode().decode("latin-1")},
        {"x-slack-request-timestamp": "9" * 400},
        {"x-slack-signature": ""},
        {"x-slack-signature": "v0="},
        {"x-slack-signature": "é"},
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": signature(_GOOD, str(int(NOW)), "another secret")},
        headers(_GOOD, _TYPE, NOW - 301),
        headers(_GOOD, _TYPE, NOW + 301),
    ],
    ids=itertools.count(),
)
async def test_what_slack_did_not_sign_now_is_refused(changed: dict[str, str]) -> None:
    status, answer = await post(ingress(), _GOOD, {**headers(_GOOD, _TYPE), **changed})
    assert status == 401
    assert len(answer) < 30


async def test_an_empty_secret_lets_nothing_in() -> None:
    stamp = str(int(NOW))
    given = {"x-slack-request-timestamp": stamp, "x-slack-signature": signature(b"{}", stamp, "")}
    assert (await post(ingress(""), b"{}", given))[0] == 401


async def test_a_signature_header_given_twice_is_none() -> None:
    scope_headers = [(name.encode(), value.encode()) for name, value in headers(_GOOD, _TYPE).items()]
    scope_headers.append((b"X-Slack-Signature", b"v0=00"))
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": _GOOD}

    async def send(event: Any) -> None:
        sent.append(event)

    await ingress()({"type": "http", "method": "POST", "headers": scope_headers}, receive, send)
    assert sent[0]["status"] == 401


@pytest.mark.parametrize(
    "body, content_type",
    [
        (b"", FORM),
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"{", "application/json"),
        (b'"text"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"a":' + b"9" * 10_000 + b"}", "application/json"),
        (b'{"type":"event_callback"}', "application/json"),
        (b'{"type":"event_callback","event":[]}', "application/json"),
        (b'{"type":"event_callback","event":{"type":7}}', "application/json"),
        (b"\xff\xfe", FORM),
        (b"payload=", FORM),
        (b"payload=%7B", FORM),
        (b"payload=[]", FORM),
        (b"payload=%ff", FORM),
        (b"payload=" + b"%5B" * 50_000, FORM),
        (b"&".join(b"a%d=1" % n for n in range(5000)), FORM),
        (urlencode({"payload": '{"type":"block_actions","actions":[]}'}).encode(), FORM),
        (urlencode({"payload": '{"type":"block_actions","actions":{}}'}).encode(), FORM),
        (urlencode({"payload": '{"type":"block_actions","actions":[1]}'}).encode(), FORM),
        (urlencode({"payload": '{"type":"view_submission","view":"V0"}'}).encode(), FORM),
        (urlencode({"payload": '{"type":"view_submission","user":{"id":5}}'}).encode(), FORM),
        (urlencode({"payload": '{"type":["x"]}'}).encode(), FORM),
        (urlencode({"payload": '{"type":"block_actions","actions":[{"type":"button"}]}'}).encode(), FORM),
        (urlencode({"payload": '{"type":"view_submission","view":null}'}).encode(), FORM),
    ],
    ids=itertools.count(),
)
async def test_what_is_no_payload_is_a_bad_request(body: bytes, content_type: str) -> None:
    status, answer = await post(ingress(), body, headers(body, content_type))
    assert (status, answer) == (400, b"bad payload")


async def test_more_than_a_megabyte_is_too_large_said_or_unsaid() -> None:
    body = b"a=" + b"x" * LARGEST_BODY
    assert (await post(ingress(), body, headers(body, FORM)))[0] == 413
    assert (await post(ingress(), b"{}", {"content-length": str(LARGEST_BODY + 1)}))[0] == 413


async def test_other_methods_are_not_for_this_door() -> None:
    assert (await post(ingress(), b"", method="GET"))[0] == 405


async def test_a_body_cut_off_in_the_middle_is_a_bad_request() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(event: Any) -> None:
        sent.append(event)

    await ingress()({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert sent[0]["status"] == 400


async def test_what_breaks_behind_the_door_is_told_without_the_body(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(payload: Payload) -> Reply:
        raise RuntimeError(f"with {payload}")

    door = Ingress(breaks, SECRET, now=lambda: NOW)
    with caplog.at_level(logging.DEBUG):
        status, answer = await deliver(door, command("hemligt ord"))
    assert (status, answer) == (500, "internal error")
    assert caplog.records
    assert "hemligt" not in caplog.text
    assert all("hemligt" not in str(record.__dict__) for record in caplog.records)


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "view_closed", "view": {"id": "V0", "callback_id": "x"}, "user": {"id": "U0"}, "team": {"id": "T0"}},
        {"type": "shortcut", "callback_id": "x", "user": {"id": "U0"}, "team": None},
        {"type": "message_action", "callback_id": "x"},
        {"type": "block_suggestion", "action_id": "x"},
        {"type": "something_new"},
        {"type": "event_callback", "event": {"type": "message", "text": "hej"}, "event_id": "Ev1"},
        {"type": "event_callback", "event": {"type": "message.im"}, "event_id": "Ev1"},
        {"type": "dialog_submission", "callback_id": "x"},
        {"type": "workflow_step_edit", "callback_id": "x"},
        {"type": "interactive_message", "callback_id": "x", "actions": [{}]},
        press(user=None),
        press(user={"id": "<script>", "team_id": "T0"}),
        press(container=None, message=None),
        press("link:web.form"),
        submit(view={"state": None}),
        submit(view={"callback_id": None}),
        submit(view={"title": "text"}),
        command(team_id=""),
        command(trigger_id="x" * 5000),
        command(command="/annat"),
        home_opened("messages"),
    ],
    ids=itertools.count(),
)
async def test_what_the_bot_does_not_know_is_acknowledged_in_silence(payload: Any) -> None:
    assert await deliver(whole(), payload) == (200, "")


async def test_slacks_challenge_is_answered() -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    status, answer = await post(whole(), body, headers(body, "application/json"))
    assert status == 200
    assert b"3eZbrw1aB" in answer


async def test_a_command_in_a_channel_named_payload_is_a_command() -> None:
    """Bolt's own reading takes any form with the word in it for an interactive payload and loses it."""
    door = Door()
    metrics, background = Metrics(), Background()
    opener = FormOpener(None, Whispers(), background, metrics)  # type: ignore[arg-type]
    views: Any = None
    listeners = Listeners(door, opener, views, Whispers(), anybodys_words, unchanged, background, metrics)
    assert (await deliver(Ingress(listeners.dispatch, SECRET, now=lambda: NOW), command(channel_name="payload")))[
        0
    ] == 200
    assert len(door.seen) == 1


_scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.just("x" * 300)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
_samples = [
    command("ny"),
    press(),
    submit(),
    home_opened(),
    outsider_press(),
    outsider_submit(),
    outsider_submit(host=None),
]


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """A real payload in which one or two places hold something else, or nothing."""
    payload = json.loads(json.dumps(draw(st.sampled_from(_samples))))
    for _ in range(draw(st.integers(1, 2))):
        place = payload
        while True:
            name = draw(st.sampled_from(sorted(place)))
            if isinstance(place[name], dict) and place[name] and draw(st.booleans()):
                place = place[name]
                continue
            if draw(st.booleans()):
                del place[name]
            else:
                place[name] = draw(_values)
            break
        if not payload:
            break
    return payload


@settings(max_examples=300)
@given(spoilt())
async def test_no_payload_that_is_let_in_makes_bolt_or_the_listeners_fall(payload: Any) -> None:
    try:
        sound(payload)
    except BadPayload:
        return
    body = json.dumps(payload).encode()
    status, _ = await post(whole_once, body, headers(body, "application/json"))
    assert status == 200


whole_once = whole()


@settings(max_examples=100)
@given(st.binary(max_size=300), st.sampled_from([FORM, "application/json", "", "text/plain; charset=é"]))
async def test_no_signed_bytes_make_the_door_fall(body: bytes, content_type: str) -> None:
    status, _ = await post(whole_once, body, headers(body, content_type))
    assert status in {200, 400}


#: What forms are made of, and what may stand where it does not belong.
_PIECES = st.sampled_from(
    ["a", "text", "=", "&", "+", "%20", "%C3%A5", "å", "%C3", "%ff", "%EF%BF%BD", "%2", "%zz", ";", "#", "?"]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_a_form_is_read_as_the_standard_library_reads_it_and_refused_where_that_cannot(form: str) -> None:
    def read() -> Payload:
        return read_payload(f"command=/sip&{form}".encode(), FORM)

    try:
        expected = dict(parse_qsl(f"command=/sip&{form}", keep_blank_values=True, errors="strict"))
    except ValueError:
        with pytest.raises(BadPayload):
            read()
    else:
        assert read() == expected
