"""Events are what somebody's program chose to send: whatever they hold, they are read or left alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matrix.talk.arrivals import TEXT_MOST, Arrived, Kind, read

ROOM = "!room:hs.example"


def event(kind: str, content: object, **more: Any) -> dict[str, Any]:
    return {"event_id": "$one", "sender": "@anna:hs.example", "type": kind, "content": content, **more}


def told(raw: dict[str, Any]) -> Arrived | None:
    return read(raw, ROOM, encrypted=True, sure=True)


def message(text: object = "1", **relation: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"msgtype": "m.text", "body": text}
    return event("m.room.message", content | ({"m.relates_to": relation} if relation else {}))


def test_a_word_in_a_thread_is_about_its_root() -> None:
    found = told(message("2", rel_type="m.thread", event_id="$root", **{"m.in_reply_to": {"event_id": "$last"}}))
    assert found == Arrived("$one", ROOM, "@anna:hs.example", Kind.WORD, "2", "$root", (), sure=True, encrypted=True)


def test_a_reply_is_about_what_it_replies_to_without_what_it_quotes() -> None:
    found = told(message("> <@bot:hs> Kallelse\n> rad\n\n2", **{"m.in_reply_to": {"event_id": "$root"}}))
    assert found is not None
    assert (found.text, found.about) == ("2", "$root")


@pytest.mark.parametrize(
    "body",
    [
        "> <@bot:hs.example> !sip avsluta SIP-7K3Q-M\n\n2",
        "> <@bot:hs.example> rad\n> !sip avsluta SIP-7K3Q-M\n\n2",
        "> * <@julia:hs.example> !sip\n\n2",
    ],
)
def test_a_command_that_a_reply_quotes_is_not_given_again(body: str) -> None:
    found = told(message(body, **{"m.in_reply_to": {"event_id": "$root"}}))
    assert found is not None
    assert found.text == "2"


def test_a_quotation_that_is_no_reply_is_the_writers_own_words() -> None:
    """And begins with no command."""
    found = told(message("> !sip lista\n\n2"))
    assert found is not None
    assert found.text.startswith("> ")


def test_a_reaction_is_the_same_with_and_without_the_mark_for_colour() -> None:
    for sign in ("➡", "➡️"):
        relation = {"rel_type": "m.annotation", "event_id": "$root", "key": sign}
        found = told(event("m.reaction", {"m.relates_to": relation}))
        assert found is not None
        assert (found.kind, found.text) == (Kind.REACTION, "➡")


def test_an_edit_and_a_notice_are_no_answers() -> None:
    """What is told of an edit is that there was one: what it says now is not even read."""
    edited = Arrived("$one", ROOM, "@anna:hs.example", Kind.EDITED, about="$said")
    assert told(message("* 1", rel_type="m.replace", event_id="$said")) == edited
    assert told(message("* 1", rel_type="m.replace", event_id=["$said"])) is None
    assert told(event("m.room.message", {"msgtype": "m.notice", "body": "1"})) is None


@pytest.mark.parametrize(
    "raw",
    [
        {},
        event("m.room.message", None),
        event("m.room.message", []),
        event("m.room.message", {"msgtype": "m.text", "body": 7}),
        event("m.room.message", {"msgtype": "m.text", "body": "1"}, event_id=7),
        event("m.room.message", {"msgtype": "m.text", "body": "1"}, sender="anna"),
        event("m.room.message", {"msgtype": "m.text", "body": "1"}, sender="@a\n:hs"),
        event("m.room.message", {"msgtype": "m.text", "body": "1"}, sender="@anna:hs.example\u202e"),
        event("m.reaction", {"m.relates_to": "x"}),
        event("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$a", "key": "x" * 300}}),
        event("m.room.redaction", {}),
        event("m.poll.response", {"body": "1"}),
    ],
)
def test_what_is_malformed_means_nothing(raw: dict[str, Any]) -> None:
    assert told(raw) is None


def test_a_relation_that_is_none_leaves_the_word_alone() -> None:
    relations: tuple[object, ...] = ("x", [], {"event_id": ["$a"]}, {"rel_type": "m.thread", "event_id": "$" * 300})
    for relation in relations:
        found = told(event("m.room.message", {"msgtype": "m.text", "body": "1", "m.relates_to": relation}))
        assert found is not None
        assert found.about == ""


def test_a_huge_message_is_cut() -> None:
    found = told(message("x" * 60_000))
    assert found is not None
    assert len(found.text) == TEXT_MOST


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "body",
                    "msgtype",
                    "m.relates_to",
                    "rel_type",
                    "event_id",
                    "key",
                    "m.mentions",
                    "user_ids",
                    "m.in_reply_to",
                ]
            )
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(["m.room.message", "m.reaction", "m.room.redaction", "m.room.encrypted"]) | st.text(), JSON)
def test_nothing_that_is_sent_breaks_the_reading(kind: str, content: object) -> None:
    found = told(event(kind, content))
    assert found is None or len(found.text) <= TEXT_MOST


def test_an_edit_of_an_edit_and_an_event_from_the_future_are_read_as_any_other() -> None:
    """The server's clock decides nothing: what counts is the order in which things arrive."""
    twice = message("* * 1", rel_type="m.replace", event_id="$edit")
    twice["content"]["m.new_content"] = {"msgtype": "m.text", "body": "1", "m.relates_to": {"rel_type": "m.thread"}}
    assert told(twice) == Arrived("$one", ROOM, "@anna:hs.example", Kind.EDITED, about="$edit")
    late = message("1") | {"origin_server_ts": 2**52, "unsigned": {"age": -(2**52)}}
    assert told(late) == told(message("1"))
