"""Every setting is checked at the start and by `doctor`: which it is, what is wrong, what is right.

One table. A setting that is added without a line here fails `test_every_setting_stands_in_the_table`.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import typer

from bot.admin import terminal
from bot.admin.doctor import examine
from bot.settings import Settings
from domain.errors import SipError

KEY, OLDER = (base64.urlsafe_b64encode(bytes(range(start, start + 32))).decode() for start in (0, 32))
MAIL = {"SIPBOT_SMTP_URL": "smtp://127.0.0.1:9", "SIPBOT_MAIL_FROM": "sip@kalender.example.se"}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_SIGNING_SECRET": "8f74", "SLACK_API_URL": "http://127.0.0.1:9/"}
MATRIX = {
    "MATRIX_HOMESERVER": "http://127.0.0.1:9", "MATRIX_USER": "@sip:m.example.se", "MATRIX_TOKEN": "syt_a",
    "MATRIX_RECOVERY_KEY": "EsTc aaaa",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What a setting may be, and what it may not; `beside` is what must be set with it for that to show."""

    right: tuple[str, ...]
    wrong: tuple[str, ...]
    beside: Mapping[str, str] = field(default_factory=dict)


# What is empty is as if it were not set, and is wrong only where something else needs it (`""`).
TABLE: Mapping[str, Row] = {
    "slack_signing_secret": Row(("8f742231b10e8888abcd99",), ("", "two words", "xoxb-1-a", "hemlig-å"), SLACK),
    "slack_bot_token": Row(("xoxb-12-34-aB", "xoxe.xoxb-1-a"), ("", "xoxp-1", "8f74", "xoxb-1 a", "xoxb-"), SLACK),
    "slack_app_token": Row(("xapp-1-A0-b",), ("xoxb-1", "8f74", "xapp-1 2"), SLACK),
    "slack_api_url": Row(
        ("https://slack.com/api/", "http://127.0.0.1:80/", "http://[::1]:80/api/", "http://localhost/"),
        ("slack.com", "https://u:p@s.com/", "ftp://s/", "http://slack.com/api/", "http://127.0.0.1.example.se/"),
    ),
    "matrix_homeserver": Row(
        ("https://m.example.se", "http://127.0.0.1:8008/b"),
        ("", "m.example.se", "https://u:p@m.se", "http://m.example.se", "http://localhost.example.se"),
        MATRIX,
    ),
    "matrix_user": Row(("@sip:m.example.se", "@sip:localhost:8448"), ("", "sip", "@sip", "sip@example.se"), MATRIX),
    "matrix_token": Row(("syt_c2lw_aB",), ("two words", "å"), MATRIX),
    "matrix_recovery_key": Row(("EsTc aaaa bbbb", "EsTcaaaa"), ("", "EsTc-aaaa", "å"), MATRIX),
    "matrix_store": Row(("matrix.db", "new/matrix.db"), (".", "taken/matrix.db", "x" * 300), MATRIX),
    "matrix_unsigned_devices": Row(("refuse", "accept"), ("yes",)),
    "matrix_trusted_servers": Row(("a.se", "a.se, b.se:8448", "[::1]:80"), ("a.se;b.se", "https://a.se", "@a:b.se")),
    "sipbot_database_url": Row(
        ("sqlite:///a.db",),
        (
            *("a.db", "mysql://h/d", "sqlite://", "sqlite:///:memory:", "sqlite:///taken/a.db"),
            *("postgresql://h:x/d", "postgresql://u:p@db.example.se/d", "postgresql://h/d?sslmode=prefer"),
        ),
    ),
    "sipbot_secret_keys": Row((KEY, f"{KEY},verify:{OLDER}"), ("", "short", f"{KEY} {KEY}", f"verify:{KEY}")),
    "sipbot_host": Row(("127.0.0.1", "::1", "localhost"), ("http://localhost", "127.0.0.1/8", "a b")),
    "sipbot_port": Row(("3000", "0"), ("-1", "65536", "http", "3000.5")),
    "sipbot_public_url": Row(
        ("https://sip.example.se", "https://sip.example.se/b/", "http://127.0.0.1:3000"),
        ("sip.example.se", "https://u:p@s.se", "https://s.se/?a=b", "javascript:alert(1)", "http://sip.example.se"),
    ),
    "sipbot_profile": Row(("gotland", "national"), ("atlantis", "taken", "latin.toml", ".")),
    "sipbot_other_profiles": Row(("gotland",), ("missing.toml", "latin.toml")),
    "sipbot_language": Row(("sv", "en"), ("fi", "SV ")),
    "sipbot_timezone": Row(("Europe/Stockholm", "UTC"), ("Stockholm", "../../etc/passwd", "/etc/localtime")),
    "sipbot_smtp_url": Row(
        ("smtp://127.0.0.1:9",),
        ("mail.example.se", "http://h", "smtp://", "smtp://h:99999", "smtp://u:p#w@h"),
        MAIL,
    ),
    "sipbot_mail_from": Row(
        ("sip@kalender.example.se",),
        ("", "a b@@c", "sip", "sip@", "@example.se", "a@b.se, c@d.se", "SIP <a@b.se>"),
        MAIL,
    ),
    "sipbot_chat_policy": Row(("codes",), ("text", "words")),
    "sipbot_mail_domains": Row(("example.se", "@a.se, b.se"), ("a.se;b.se", "a b", "example")),
    "sipbot_lmtp_port": Row(("8024",), ("0", "-1", "70000", "lmtp")),
    "sipbot_imap_url": Row(
        ("imaps://u:p@127.0.0.1:9",),
        ("imap://u:p@mail.example.se", "imaps://h", "mail", "imaps://u:p@h?after=burn"),
        MAIL,
    ),
    "sipbot_authserv_id": Row(("mx.example.se", "unnamed"), ("mx example", "mx;dmarc=pass")),
    "sipbot_feed": Row(("false", "0"), ("perhaps",)),
    "sipbot_messages_kept_days": Row(("0", "365"), ("-1", "1000000000", "a year")),
    "sipbot_replica": Row(("one", "sipbot-7d9f.b"), ("a b", "x" * 101, "a/b")),
    "sipbot_metrics_address": Row(
        ("127.0.0.1:9464", "[::1]:9464"),
        ("9464", "127.0.0.1", "127.0.0.1:0", ":9464", "h:x"),
    ),
    "sipbot_anchor_file": Row(("anchors", "new/anchors"), ()),
    "sipbot_anchor_mail": Row(("ankare@revision.example.se",), ("revision", "a b@c.se", "a@b.se,c@d.se"), MAIL),
    "sipbot_heartbeat_url": Row(
        ("https://hc.example.se/ping/a?b=c", "http://127.0.0.1:9/ping"),
        ("http://hc.example.se/ping", "hc.example.se", "file:///etc/passwd", "https://u:p@h/", "every minute"),
    ),
    "sipbot_log_level": Row(("INFO", "DEBUG"), ("loud",)),
}  # fmt: skip

# Nobody sees them, and they end a header, a line or a file's name.
HOSTILE = ("a\r\nBcc: b@c.se", "a\x01b", "a\u202eb", "a\u2028b", "x" * 20_000)


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("a file, and no folder")
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe5"')


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, given: Mapping[str, str]) -> str:
    """Return what `sipbot serve` says before it begins; "" when it would."""
    for name, value in {"SIPBOT_SECRET_KEYS": KEY, **given}.items():
        monkeypatch.setenv(name, value)
    try:
        found = terminal.settings()
        terminal.require_keys(found)
        terminal.require_usable(found)
    except typer.Exit:
        return capsys.readouterr().err
    except SipError as wrong:
        return terminal.in_words(wrong)  # as `main` does; any other error would be a traceback
    return ""


def test_every_setting_stands_in_the_table() -> None:
    assert set(TABLE) == set(Settings.model_fields)
    assert [name for name, row in TABLE.items() if not row.right] == []
    assert [name for name, row in TABLE.items() if not row.wrong] == ["sipbot_anchor_file"], (
        "which is no reason to stop"
    )


@pytest.mark.parametrize("name, value", [(name, value) for name, row in TABLE.items() for value in row.right])
def test_what_is_right_is_taken(
    name: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(capsys, monkeypatch, {**TABLE[name].beside, name.upper(): value}) == ""


@pytest.mark.parametrize("name, value", [(name, value) for name, row in TABLE.items() for value in row.wrong])
def test_what_is_wrong_is_named_with_what_is_right(
    name: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = said(capsys, monkeypatch, {**TABLE[name].beside, name.upper(): value})
    line = next((line for line in told.splitlines() if name.upper() in line), "")
    assert len(line.split()) > 4, told
    if "secret" in name or "token" in name or ("url" in name and "@" in value):
        assert len(value) < len("two words") or value not in told, "it may hold a password"


@pytest.mark.parametrize("value", HOSTILE, ids=["lines", "control", "turned", "separator", "long"])
@pytest.mark.parametrize("name", TABLE)
def test_what_nobody_sees_gets_into_no_setting(
    name: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = said(capsys, monkeypatch, {**TABLE[name].beside, name.upper(): value})
    assert name.upper() in told
    assert value not in told


@pytest.mark.parametrize("name", TABLE)
def test_what_is_empty_is_not_set(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that is empty would have been every address of the machine."""
    told = said(capsys, monkeypatch, {name.upper(): " "})
    assert told == "" or name.upper() in told
    if name != "sipbot_secret_keys":
        assert getattr(Settings(), name) == Settings.model_fields[name].default


@pytest.mark.parametrize(
    "given, named",
    [
        ({"SIPBOT_SMTP_URL": "smtp://127.0.0.1:9"}, "SIPBOT_MAIL_FROM"),
        ({"SIPBOT_IMAP_URL": "imaps://h"}, "SIPBOT_IMAP_URL"),
        ({"SIPBOT_ANCHOR_MAIL": "a@b.se"}, "SIPBOT_ANCHOR_MAIL"),
        ({"SIPBOT_ANCHOR_FILE": "taken/anchors"}, "SIPBOT_ANCHOR_FILE"),
        ({"SIPBOT_ANCHOR_FILE": "."}, "SIPBOT_ANCHOR_FILE"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"SIPBOT_PROFILE": "latin.toml"}, "SIPBOT_PROFILE"),
        ({"SIPBOT_DATABASE_URL": "mysql://h/d"}, "SIPBOT_DATABASE_URL"),
        ({**MATRIX, "MATRIX_STORE": "taken/m.db"}, "MATRIX_STORE"),
    ],
)
def test_doctor_names_what_reads_well_and_cannot_work(
    given: Mapping[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SIPBOT_SECRET_KEYS": KEY, **given}.items():
        monkeypatch.setenv(name, value)
    failed = [line.words for line in asyncio.run(examine(Settings())) if line.failed]
    assert [words for words in failed if named in words], failed


def test_an_anchors_file_that_is_away_keeps_no_bot_from_starting(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storage of another machine may come back; doctor and the line at the start say so meanwhile."""
    assert said(capsys, monkeypatch, {"SIPBOT_ANCHOR_FILE": "taken/anchors"}) == ""
