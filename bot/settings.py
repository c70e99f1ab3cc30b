"""All settings in one place: environment variables, or a `.env` file beside the program (README)."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.errors import Invalid
from domain.text.mail_address import normal_address

ENV_FILE = ".env"

_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+")

_SERVER = re.compile(r"[\w.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?", re.ASCII)
# Categories of Unicode: controls, marks of format, surrogates, ends of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# Far beyond any value; what is longer was not meant.
_LONGEST = 10_000
_A_CENTURY = 36_500  # days


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a value must look, and what is right where it does not. The value itself is never repeated: it may be secret.

    A value that is empty is one that is not set.
    """

    pattern: re.Pattern[str]
    right: str

    def __call__(self, value: str) -> str:
        if value and not self.pattern.fullmatch(value):
            raise ValueError(self.right)
        return value


def _text(pattern: str, right: str) -> AfterValidator:
    return AfterValidator(_Shape(re.compile(pattern, re.ASCII), right))


def _secret(pattern: str, right: str) -> AfterValidator:
    shape = _Shape(re.compile(pattern, re.ASCII), right)

    def check(value: SecretStr) -> SecretStr:
        shape(value.get_secret_value())
        return value

    return AfterValidator(check)


def _mailbox(value: str) -> str:
    try:
        return normal_address(value) if value else ""
    except Invalid:
        raise ValueError("Write one mail address, for example sip@kalender.example.se") from None


# Without TLS only on this machine: whoever stands between would read tokens, and what is said.
_WEB = r"(https://[^\s/?#@]+|http://(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?)"
_PATH = rf"{_WEB}(/[^\s?#]*)?"
_MailAddress = Annotated[str, AfterValidator(_mailbox)]

_OURS = re.compile(r"^\s*(?:export\s+)?(SIPBOT_\w+)\s*=", re.ASCII | re.MULTILINE)


class Settings(BaseSettings):
    """What the operator decides. Every field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True
    )

    slack_signing_secret: Annotated[
        SecretStr,
        _secret(
            r"(?!xox|xapp-)[!-~]+", "This is no signing secret; it stands under Basic Information, App Credentials"
        ),
    ] = Field(SecretStr(""), description="signs Slack's requests; from the app's page")
    slack_bot_token: Annotated[
        SecretStr, _secret(r"(xoxe\.)?xoxb-[\w.-]+", "Write the Bot User OAuth Token; it begins with xoxb-")
    ] = Field(SecretStr(""), description="the bot's token, xoxb-…")
    slack_app_token: Annotated[
        SecretStr, _secret(r"xapp-[\w.-]+", "Write the App-Level Token; it begins with xapp-")
    ] = Field(SecretStr(""), description="xapp-…; when set, Socket Mode instead of HTTP")
    slack_api_url: Annotated[
        str,
        _text(
            rf"{_WEB}/([^\s?#]*/)?",
            "Write the Web API's base with https and a slash at its end, https://slack.com/api/",
        ),
    ] = Field("https://slack.com/api/", description="the Web API's base")

    matrix_homeserver: Annotated[str, _text(_PATH, "Write it with https, for example https://matrix.example.se")] = (
        Field("", description="where the Matrix server is reached, https://matrix.example.se")
    )
    matrix_user: Annotated[
        str, _text(r"@[^\s:@]+:[^\s:@/]+(:\d+)?", "Write the full id, for example @sip:example.se")
    ] = Field("", description="the bot's full id there, @sip:example.se")
    matrix_token: Annotated[
        SecretStr, _secret(r"[!-~]+", "Write the token as `sipbot matrix login` printed it, without spaces")
    ] = Field(SecretStr(""), description="its token, from `sipbot matrix login`")
    matrix_recovery_key: Annotated[
        SecretStr,
        _secret(r"[A-Za-z0-9 ]+", "Write the key as `sipbot matrix login` printed it: letters, digits and spaces"),
    ] = Field(SecretStr(""), description="its recovery key, from `sipbot matrix login`")
    matrix_store: str = Field("data/matrix.db", description="the bot's own file for its keys on Matrix")
    matrix_unsigned_devices: Literal["refuse", "accept"] = Field(
        "refuse", description="devices that their owner has not verified: refuse gives them no keys"
    )
    matrix_trusted_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="comma-separated servers whose people's reactions are answers, and who may read words (text)",
    )

    sipbot_database_url: str = Field(
        "sqlite:///data/sipbot.db",
        description="sqlite:///… or postgresql://…, to another machine with ?sslmode=verify-full",
    )
    sipbot_secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), description="comma-separated keys; the first encrypts, all decrypt"
    )
    sipbot_host: Annotated[
        str, _text(r"[\w.:-]+", "Write an address of this machine, for example 127.0.0.1, ::1 or 0.0.0.0")
    ] = Field("127.0.0.1", description="address the web server listens on")
    sipbot_port: int = Field(3000, ge=0, le=65535, description="its port")
    sipbot_public_url: Annotated[
        str, _text(_PATH, "Write it with https, for example https://sip.example.se; Socket Mode needs none (--socket)")
    ] = Field("", description="how people reach the web server")
    sipbot_profile: str = Field("gotland", description="gotland, blekinge, stockholm, national, or a TOML file")
    sipbot_other_profiles: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="comma-separated TOML files, by which cases still run that were opened under them"
    )
    sipbot_language: Literal["sv", "en"] = Field("sv", description="sv or en; a person's chat locale wins")
    sipbot_timezone: str = Field("Europe/Stockholm", description="the region's time zone")
    sipbot_smtp_url: SecretStr = Field(SecretStr(""), description="smtp://user:pw@host:25 or smtps://…; none: no mail")
    sipbot_mail_from: _MailAddress = Field("", description="sender and organizer, for example sip@kalender.example.se")
    sipbot_chat_policy: Literal["codes", "text"] = Field(
        "codes",
        description="codes: purpose and questions by category; text: also in words, in encrypted rooms on Matrix",
    )
    sipbot_mail_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="comma-separated domains that may be mailed to, with all below them; empty: any"
    )
    sipbot_lmtp_port: int | None = Field(None, ge=1, le=65535, description="where calendar answers come in by LMTP")
    sipbot_imap_url: SecretStr = Field(SecretStr(""), description="mailbox that calendar answers come to")
    sipbot_authserv_id: Annotated[
        str, _text(r"[\w.:-]+", "Write the name as it stands first in Authentication-Results, mx.example.se")
    ] = Field("", description="name of your own mail server in Authentication-Results")
    sipbot_feed: bool = Field(default=False, description="personal calendar feeds; off unless you decide otherwise")
    sipbot_messages_kept_days: int = Field(
        0,
        ge=0,
        le=_A_CENTURY,
        description="days after a case's end at which its messages in chat are taken back; 0: they stay",
    )
    sipbot_replica: Annotated[
        str, _text(r"[\w.:-]{1,100}", "Write a name of letters, digits, points and hyphens, at most 100")
    ] = Field("", description="a name of its own for each replica; a restarted one goes on at once")
    sipbot_metrics_address: str = Field("", description="host:port for /metrics alone; empty: beside the rest")
    sipbot_anchor_file: str = Field("", description="file kept elsewhere: an anchor of the journal is added daily")
    sipbot_anchor_mail: _MailAddress = Field(
        "", description="mailbox kept elsewhere: an anchor of the journal is mailed daily"
    )
    sipbot_heartbeat_url: Annotated[
        SecretStr, _secret(rf"{_WEB}(/\S*|\?\S*)?", "Write an address that begins with https://, without a user in it")
    ] = Field(SecretStr(""), description="pinged every minute while all is well")
    sipbot_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")

    @field_validator("matrix_trusted_servers")
    @classmethod
    def _servers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_SERVER.fullmatch(one) for one in value):
            raise ValueError("Write servers with commas between them, for example example.se,region.example.se")
        return value

    @field_validator("matrix_trusted_servers", "sipbot_secret_keys", "sipbot_other_profiles", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("sipbot_mail_domains", mode="before")
    @classmethod
    def _domains(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = tuple(part.strip().casefold().removeprefix("@") for part in value.split(",") if part.strip())
        if not all(_DOMAIN.fullmatch(domain) for domain in found):
            raise ValueError("Write domains with commas between them, for example example.se,region.example.se")
        return found

    @field_validator("sipbot_timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError) as wrong:
            raise ValueError("There is no such time zone; write it as Europe/Stockholm") from wrong
        return value

    @field_validator("sipbot_metrics_address")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and not (host and port.isascii() and port.isdigit() and 0 < int(port) <= 65535):  # noqa: PLR2004 - TCP
            raise ValueError("Write it as host:port, for example 127.0.0.1:9464")
        return value

    # The last, for pydantic asks what looks before in turn from the end: all others get what has passed this.
    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: object, info: ValidationInfo) -> object:
        """Let nothing into a setting that nobody sees: a line break, a zero byte, a mark that turns the writing.

        What is empty is as if it were not set: a host that is none would be every address of the machine.
        """
        if not isinstance(value, str):
            return value
        value = value.strip()
        if not value and info.field_name is not None:
            return cls.model_fields[info.field_name].default
        if len(value) > _LONGEST:
            raise ValueError(f"It is longer than {_LONGEST} characters; something else was pasted")
        if any(unicodedata.category(one) in _UNSEEN for one in value):
            raise ValueError("It holds a line break or another character that cannot be seen; write it anew by hand")
        return value

    @model_validator(mode="after")
    def _only_codes_in_chat(self) -> Self:
        if self.sipbot_chat_policy == "text" and not (self.matrix_homeserver and self.matrix_user):
            raise ValueError(
                "SIPBOT_CHAT_POLICY=text is for a Matrix server of your own (MATRIX_HOMESERVER, MATRIX_USER);"
                " with Slack it is codes"
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The region's time zone."""
        return ZoneInfo(self.sipbot_timezone)

    @property
    def keys(self) -> list[str]:
        """The secret keys in clear; never log them."""
        return [key.get_secret_value() for key in self.sipbot_secret_keys]

    @property
    def smtp_url(self) -> str:
        """The mail server with its password in clear; never log it."""
        return self.sipbot_smtp_url.get_secret_value()

    @property
    def socket_mode(self) -> bool:
        """Say whether Slack is reached by Socket Mode."""
        return bool(self.slack_app_token.get_secret_value())

    @property
    def slack(self) -> bool:
        """Say whether Slack is set up at all."""
        return bool(self.slack_bot_token.get_secret_value())

    @property
    def matrix(self) -> bool:
        """Say whether Matrix is set up at all."""
        return bool(self.matrix_token.get_secret_value())

    @property
    def mail_from(self) -> str:
        """The sender, when mail can be sent."""
        return self.sipbot_mail_from if self.smtp_url else ""


def misspelt() -> dict[str, str]:
    """Return the names that look like our settings and are none, each with the one that was probably meant, or ""."""
    ours = "SIPBOT_"
    known = {name.upper().removeprefix(ours) for name in Settings.model_fields}
    file = Path(ENV_FILE)
    given = {*os.environ, *_OURS.findall(file.read_text(encoding="utf-8") if file.is_file() else "")}
    unknown = {name.removeprefix(ours) for name in given if name.startswith(ours)} - known
    meant = {name: get_close_matches(name, known, 1) for name in sorted(unknown)}
    return {ours + name: ours + found[0] if found else "" for name, found in meant.items()}
