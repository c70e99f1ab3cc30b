"""What `sipbot init` asks: one question a setting, each answer checked before the next is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.findings import in_english
from bot.mail.sender import SmtpPlace
from bot.profile_file import SHIPPED, BadProfile, read_profile
from bot.slack.manifest import address_fault
from domain.errors import Invalid, SipError
from domain.text.mail_address import normal_address
from storage.engine.database import kind_of

#: Returns why an answer cannot be used, "" when it can.
Check = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    `name` is the setting, "" for a question that only decides what is asked next. `default` is what Enter means where
    nothing is known yet. A `hidden` answer is neither shown while it is typed nor repeated.
    """

    name: str
    words: str
    check: Check
    default: str = ""
    hidden: bool = False


def one_of(*words: str) -> Check:
    """Return a check that lets these words pass."""
    return lambda answer: "" if answer in words else f"answer one of: {', '.join(words)}"


def _or_nothing(check: Check) -> Check:
    return lambda answer: check(answer) if answer else ""


def _profile(answer: str) -> str:
    try:
        read_profile(answer)
    except (BadProfile, OSError, ValueError) as wrong:
        return str(wrong)
    return ""


def _database(answer: str) -> str:
    try:
        kind_of(answer)
    except SipError as wrong:
        return in_english(wrong)
    return ""


def _smtp(answer: str) -> str:
    try:
        SmtpPlace.from_url(answer)
    except ValueError as wrong:
        return str(wrong)
    return ""


def _address(answer: str) -> str:
    try:
        normal_address(answer)
    except Invalid:
        return "it takes a mail address, for example sip@kalender.example.se"
    return ""


def begins(*beginnings: str) -> Check:
    """Return a check for a token that begins so and has no spaces."""
    told = " or ".join(beginnings)
    return lambda answer: "" if answer.startswith(beginnings) and " " not in answer else f"it begins with {told}"


def _secret(answer: str) -> str:
    if answer.startswith(("xo", "xapp-")) or " " in answer:
        return "this is no signing secret; it stands under Basic Information, App Credentials"
    return ""


SOCKET, ADDRESS, NO_SLACK = "socket", "address", "none"

LANGUAGE = Question("SIPBOT_LANGUAGE", "Language of the bot (sv, en)", one_of("sv", "en"), "sv")
PROFILE = Question(
    "SIPBOT_PROFILE", f"Whose rules ({', '.join(SHIPPED)}, or the path of a profile)", _profile, "gotland"
)
WAY = Question(
    "",
    "How Slack and the bot meet (socket: the bot connects, no public address is needed; address: Slack calls the bot "
    "over https; none: no Slack)",
    one_of(SOCKET, ADDRESS, NO_SLACK),
    SOCKET,
)
PUBLIC_URL = Question("SIPBOT_PUBLIC_URL", "The bot's public address (https://…)", address_fault)
BOT_TOKEN = Question(
    "SLACK_BOT_TOKEN",
    "Slack's Bot User OAuth Token (xoxb-…; Enter: there is no app yet)",
    _or_nothing(begins("xoxb-")),
    hidden=True,
)
APP_TOKEN = Question(
    "SLACK_APP_TOKEN", "Slack's App-Level Token (xapp-…; Enter: later)", _or_nothing(begins("xapp-")), hidden=True
)
SIGNING_SECRET = Question(
    "SLACK_SIGNING_SECRET", "Slack's Signing Secret (Enter: later)", _or_nothing(_secret), hidden=True
)
MATRIX = Question("", "Matrix as well (y, n)", one_of("y", "n"), "n")
HOMESERVER = Question(
    "MATRIX_HOMESERVER", "The Matrix server (https://matrix.example.se)", begins("https://", "http://127.0.0.1")
)
MATRIX_USER = Question("MATRIX_USER", "The bot's account there (@sip:example.se)", begins("@"))
DATABASE = Question(
    "SIPBOT_DATABASE_URL",
    "Database (Enter: an SQLite file here; or postgresql://user:password@host/name)",
    _database,
    "sqlite:///data/sipbot.db",
    hidden=True,
)
SMTP = Question(
    "SIPBOT_SMTP_URL",
    "Mail server for invites (smtp://user:password@host:25, smtps://…; Enter: no mail)",
    _or_nothing(_smtp),
    hidden=True,
)
MAIL_FROM = Question("SIPBOT_MAIL_FROM", "Sender of the invites (sip@kalender.example.se)", _address)

Ask = Callable[[Question], str]


def answers(ask: Ask, before: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Ask what must be known; yield each setting and its answer.

    `ask` gives an answer that has passed its check. `before` are the settings that there are.
    """
    for question in (LANGUAGE, PROFILE):
        yield question.name, ask(question)
    way = ask(_as_before(WAY, _way(before)))
    if way == ADDRESS:
        yield PUBLIC_URL.name, ask(PUBLIC_URL)
        if before.get(APP_TOKEN.name):
            yield APP_TOKEN.name, ""  # with it the bot would connect by Socket Mode all the same
    if way != NO_SLACK:
        for question in (BOT_TOKEN, APP_TOKEN if way == SOCKET else SIGNING_SECRET):
            yield question.name, ask(question)
    if ask(_as_before(MATRIX, "y" if before.get(MATRIX_USER.name) or way == NO_SLACK else "n")) == "y":
        for question in (HOMESERVER, MATRIX_USER):
            yield question.name, ask(question)
    yield DATABASE.name, ask(DATABASE)
    smtp = ask(SMTP)
    yield SMTP.name, smtp
    if smtp:
        yield MAIL_FROM.name, ask(MAIL_FROM)


def _as_before(question: Question, default: str) -> Question:
    return Question(question.name, question.words, question.check, default, question.hidden)


def _way(before: Mapping[str, str]) -> str:
    if before.get(PUBLIC_URL.name) and not before.get(APP_TOKEN.name):
        return ADDRESS
    no_slack = before.get(MATRIX_USER.name) and not before.get(BOT_TOKEN.name) and not before.get(APP_TOKEN.name)
    return NO_SLACK if no_slack else SOCKET
