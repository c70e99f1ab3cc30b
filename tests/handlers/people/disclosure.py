"""What may stand where (law 4D), checked over everything that left the bot in a story.

Read are all calls to Slack with their forms and files, all answers to Slack's requests, and all mails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache, cached_property, lru_cache
from typing import Any

from domain.case import Case
from domain.text.free_text import find_forbidden
from tests.handlers import town
from tests.handlers.story import Story, calendar_of, elements, parsed, parts_of, texts

# Fields whose words are for the case alone: they may appear nowhere, whatever became of the form.
NOWHERE = ("denial_reason", "record_ref", "link", "follow_up_place")
# A place may be told, but only one that was accepted: a protected case has none.
PLACES = ("place",)
# Who gave the consent is nobody's business but the coordinator's own form's.
GIVERS = ("guardian_1", "guardian_2", "child", "attorney", "representative")
ASKING = ("summons.", "nag.", "plan.received")


@dataclass(frozen=True)
class Told:
    """One thing that was shown to somebody: when, in which channel (or ""), what. `form`: it asks something."""

    at: datetime
    channel: str
    blocks: list[dict[str, Any]]
    text: str
    form: bool

    @cached_property
    def words(self) -> list[str]:
        return [self.text, *texts(self.blocks)]


def check(story: Story, cases: Sequence[Case]) -> None:
    """Assert that nothing was told that may not stand where it was told."""
    assert [str(violation) for violation in story.slack.violations] == []
    told, mails = list(everything_shown(story)), [parsed(mail) for mail in story.postbox.mails]
    _no_numbers_or_addresses(told)
    _nothing_secret(story, mails, cases)
    _no_givers(story, told)
    _mails_are_neutral(mails)
    _files_are_neutral(story)
    for case in cases:
        _asked_within_consent(story, told, case)
        _units_go_by_their_alias(told, case)
        if case.protected:
            since = story.protected_since.get(case.code)
            _the_named_alone([shown for shown in told if since is None or shown.at > since], case)


def everything_shown(story: Story) -> Iterator[Told]:
    """Yield everything that was sent to Slack for people to see."""
    for call in story.slack.calls:
        at = datetime.fromtimestamp(call.at, UTC)
        view = call.args.get("view")
        if isinstance(view, dict):
            yield _view(at, view)
        elif "blocks" in call.args or "text" in call.args:
            channel = str(call.args.get("channel", ""))
            yield Told(at, channel, call.args.get("blocks") or [], str(call.args.get("text", "")), form=False)
    for sent in story.slack.dispatch.sent:
        answer, at = sent.answer.json() or {}, datetime.fromtimestamp(sent.at, UTC)
        if isinstance(answer.get("view"), dict):
            yield _view(at, answer["view"])
        elif "blocks" in answer:
            yield Told(at, "", answer["blocks"], str(answer.get("text", "")), form=False)
        elif "errors" in answer:
            yield Told(at, "", [], "\n".join(answer["errors"].values()), form=True)


def _view(at: datetime, view: dict[str, Any]) -> Told:
    blocks = view.get("blocks") or []
    form = any(block.get("type") == "input" for block in blocks)
    return Told(at, "", blocks, str((view.get("title") or {}).get("text", "")), form)


def _no_numbers_or_addresses(told: Sequence[Told]) -> None:
    """No personal number, telephone number or mail address is ever shown in chat, the staff's own included."""
    for words in {words for shown in told for words in shown.words}:
        assert not _forbidden(words), words


@cache
def _forbidden(words: str) -> bool:
    """Say whether words hold a number or an address; the stories share most of their words."""
    # The bot's own words show how an address is written.
    return bool(find_forbidden(words.replace("namn@example.se", "")))


def _nothing_secret(story: Story, mails: Sequence[EmailMessage], cases: Sequence[Case]) -> None:
    """What was typed for the case alone, or refused, stands nowhere."""
    places = {meeting.place for case in cases for meeting in case.meetings}
    # Where the follow-up is to be is suggested when it is called (R142).
    places |= {m.report.follow_up_place for case in cases for m in case.meetings if m.report is not None}
    secrets = (story.secrets | set(_typed_secrets(story))) - places
    left = "\n".join(_everything_that_left(story, mails)) if secrets else ""
    for secret in secrets:
        assert secret not in left, secret


def _everything_that_left(story: Story, mails: Sequence[EmailMessage]) -> Iterator[str]:
    for call in story.slack.calls:
        yield json.dumps(call.args, ensure_ascii=False, default=repr)
    for sent in story.slack.dispatch.sent:
        yield json.dumps(sent.answer.json() or {}, ensure_ascii=False)
    yield from _calendars(story)
    for mail in mails:
        yield from (f"{name}: {value}" for name, value in mail.items())
        yield from (words for _, words in parts_of(mail))


def _typed_secrets(story: Story) -> Iterator[str]:
    """Yield what people typed into the fields that are told nowhere."""
    for sent in story.slack.dispatch.sent:
        values = ((sent.delivery.payload.get("view") or {}).get("state") or {}).get("values") or {}
        refused = "errors" in (sent.answer.json() or {})
        for name in (*NOWHERE, *(PLACES if refused else ())):
            for entry in (values.get(name) or {}).values():
                text = entry.get("value")
                if isinstance(text, str) and len(text) >= 4:
                    yield text


def _no_givers(story: Story, told: Sequence[Told]) -> None:
    labels = [story.says(f"giver.{giver}").strip() for giver in GIVERS]
    shown = "\n".join({words for message in told if not message.form for words in message.words})
    for label in labels:
        assert label not in shown, label


def _mails_are_neutral(mails: Sequence[EmailMessage]) -> None:
    """A mail holds code, time and place: no numbers, no addresses but its own, no agency's real name, one attendee."""
    for mail in mails:
        _is_neutral(mail)


@lru_cache(maxsize=256)
def _is_neutral(mail: EmailMessage) -> None:
    calendar = calendar_of(mail)
    bodies = [words for kind, words in parts_of(mail) if kind in {"text/plain", "text/html"}]
    lines = [line for line in calendar.splitlines() if not line.startswith(("ATTENDEE", "ORGANIZER", "UID", "DT"))]
    for words in (*bodies, str(mail["Subject"]), *lines):
        assert not find_forbidden(words), words
        for agency in town.AGENCIES:
            assert agency.name not in words, words
    if calendar:
        assert calendar.count("\nATTENDEE") == 1, calendar
        assert calendar.count("\nORGANIZER") == 1, calendar


def _calendars(story: Story) -> Iterator[str]:
    """Yield the calendar files; what a picture says stands in its message."""
    files = story.slack.state.files.all()
    return (file.content.decode() for file in files if file.name.endswith(".ics"))


def _files_are_neutral(story: Story) -> None:
    """A calendar file in a channel invites nobody and names nobody."""
    for calendar in _calendars(story):
        assert "ATTENDEE" not in calendar, calendar
        assert all(agency.name not in calendar for agency in town.AGENCIES), calendar
        assert all(someone.real_name not in calendar for someone in town.STAFF), calendar


def _units_go_by_their_alias(told: Sequence[Told], case: Case) -> None:
    """In an agency's channel no other unit stands by its name, but where the case is answered for (law 4D.3)."""
    led = {someone.id: someone.agency for someone in town.directory().staff.values()}
    answered_for = {case.agency, case.responsible_agency}
    answered_for |= {led.get(meeting.report.lead, "") for meeting in case.meetings if meeting.report is not None}
    for shown in told:
        reader = town.CHANNELS.get(shown.channel, "")
        if not reader or reader in answered_for:
            continue
        words = [text for text in shown.words if case.code in "\n".join(shown.words)]
        for other in town.AGENCIES:
            assert other.id == reader or all(other.name not in text for text in words), (reader, shown.text)


def _the_named_alone(told: Sequence[Told], case: Case) -> None:
    """Of a protected case nothing stands in a channel (law 4D.4)."""
    for shown in told:
        assert shown.channel not in town.CHANNELS or case.code not in "\n".join(shown.words), shown.text


def _asked_within_consent(story: Story, told: Sequence[Told], case: Case) -> None:
    """An agency was asked for something only while the consent covered it (R60-R64, R75)."""
    for shown in told:
        agency = town.CHANNELS.get(shown.channel)
        if agency in {None, case.agency} or not _asks_about(story, shown, case.code):
            continue
        given = [consent for consent in case.consents if consent.recorded_at <= shown.at]
        day = shown.at.astimezone(story.bot.settings.zone).date()
        assert given, (agency, shown.at, shown.text)
        assert given[-1].allows_exchange(str(agency), day), (agency, shown.at, shown.text)


def _asks_about(story: Story, shown: Told, code: str) -> bool:
    """Say whether a message asks an agency about an open case; that one has ended may always be confirmed."""
    for element in elements(shown.blocks):
        if element["action_id"].startswith(ASKING) and element.get("value"):
            subject = story.bot.services.seal.open(element["value"])
            if subject["c"] == code and not str(subject.get("k", "")).startswith("confirm_ending"):
                return True
    return False
