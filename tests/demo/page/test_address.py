"""The page's addresses: for this machine alone, closed to other sites, and never broken by what is sent there."""

from __future__ import annotations

import http.client
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from demo.page.demo import Demo
from demo.page.routes import page_app
from demo.world.texts import LANGUAGES, texts
from tests.demo.page.conftest import Running, running

PAGE = Path(str(files("demo.page")))


def ask(demo: Running, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], str]:
    """Send one request as it is, with any Host."""
    address = urlsplit(demo.url)
    assert address.hostname
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    sent = body if isinstance(body, str | None) else json.dumps(body)
    given = {"host": address.netloc, "content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    connection.putrequest(method, path, skip_host=True)
    for name, value in given.items():
        connection.putheader(name, value)
    content = (sent or "").encode()
    connection.putheader("content-length", str(len(content)))
    connection.endheaders(content)
    answer = connection.getresponse()
    read = answer.status, dict(answer.getheaders()), answer.read().decode()
    connection.close()
    return read


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:80", ""])
def test_a_request_for_another_host_is_refused(demo: Running, host: str) -> None:
    assert ask(demo, "GET", "/", host=host)[0] == 403


def test_localhost_is_this_machine_too(demo: Running) -> None:
    assert ask(demo, "GET", "/", host=f"localhost:{urlsplit(demo.url).port}")[0] == 200


def test_what_another_site_sends_is_refused(demo: Running) -> None:
    act = {"person": "anna", "act": {"type": "type", "text": "/sip ny", "channel": "C0ALLA"}}
    assert ask(demo, "POST", "/api/act", act, origin="http://evil.example")[0] == 403
    assert ask(demo, "POST", "/api/act", act, origin="null")[0] == 403
    assert ask(demo, "POST", "/api/act", act, content_type="text/plain")[0] == 415
    assert demo.person("anna").view is None


def test_the_page_may_load_nothing_from_elsewhere(demo: Running) -> None:
    status, headers, page = ask(demo, "GET", "/")
    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)


@pytest.mark.parametrize(
    "method, path, body, status",
    [
        ("POST", "/api/act", "{", 400),
        ("POST", "/api/act", [], 400),
        ("POST", "/api/act", {"person": "anna", "act": {"type": "unknown"}}, 400),
        ("POST", "/api/act", {"person": "nobody", "act": {"type": "home"}}, 409),
        ("POST", "/api/act", {"person": "ove", "act": {"type": "type", "text": "hej", "channel": "C0SOC"}}, 409),
        ("POST", "/api/act", {"person": "anna", "act": {"type": "submit", "view": "V1", "values": {}}}, 409),
        (
            "POST",
            "/api/act",
            {"person": "anna", "act": {"type": "press", "action": "a", "block": "b", "channel": "C0ALLA", "ts": "1"}},
            409,
        ),
        ("POST", "/api/time", {"type": "until", "day": "2020-01-01"}, 400),
        ("POST", "/api/time", {"type": "until", "day": "2090-01-01"}, 400),
        ("POST", "/api/time", {"type": "feast", "feast": "carnival"}, 400),
        ("POST", "/api/trouble", {"kind": "fire", "on": True}, 400),
        ("POST", "/api/restart", {"language": "de"}, 400),
        ("GET", "/api/screen?person=nobody", None, 409),
        ("GET", "/api/mail?number=77", None, 404),
        ("GET", "/api/mail?number=x", None, 400),
        ("GET", "/api/month?person=anna&year=1&month=1", None, 400),
        ("GET", "/files/F1/x.ics", None, 404),
        ("GET", "/invites/7/invite.ics", None, 404),
        ("GET", "/static/../serving.py", None, 404),
        ("GET", "/elsewhere", None, 404),
        ("DELETE", "/api/act", None, 405),
    ],
)
def test_what_cannot_be_done_is_answered_with_a_reason_and_no_error_of_ours(
    demo: Running, method: str, path: str, body: Any, status: int
) -> None:
    assert ask(demo, method, path, body)[0] == status


def test_a_place_that_a_person_may_not_see_is_not_shown(demo: Running) -> None:
    _, _, screen = ask(demo, "GET", "/api/screen?person=ove&place=C0SOC")
    assert json.loads(screen)["place"] is None


def test_both_languages_have_the_same_texts_with_the_same_placeholders() -> None:
    swedish, english = (texts(language).held for language in LANGUAGES)
    own = {"slash"}
    shared = {key for key in swedish if key.split(".")[0] not in own}
    assert shared == {key for key in english if key.split(".")[0] not in own}
    for key in shared:
        assert set(re.findall(r"{\w+}", swedish[key])) == set(re.findall(r"{\w+}", english[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_that_the_page_asks_for_is_there_and_every_suggested_command_is_explained(language: Any) -> None:
    held = texts(language).held
    scripts = "\n".join(path.read_text() for path in (PAGE / "static").glob("*.js"))
    asked = set(re.findall(r"""\bt\(\s*["']([a-z0-9_.]+)["']""", scripts))
    asked |= set(re.findall(r"""\bt\("([a-z0-9_.]+)"\)""", (PAGE / "index.html.j2").read_text()))
    asked |= {f"{key}.{n}" for key in re.findall(r"""counted\("([a-z0-9_.]+)""", scripts) for n in ("one", "many")}
    assert len(asked) > 80
    assert asked - set(held) == set()
    assert {f"slash.{word}" for word in held["slash.words"].split()} - set(held) == set()
    assert set(held["slash.with_code"].split()) <= set(held["slash.words"].split())


def test_the_commands_that_the_line_suggests_are_the_bots_own() -> None:
    from handlers.commands import WORDS, fold  # noqa: PLC0415

    for language in LANGUAGES:
        assert {fold(word) for word in texts(language).held["slash.words"].split()} <= set(WORDS)


def test_the_scripts_hold_no_words_that_people_read() -> None:
    for path in (PAGE / "static").glob("*.js"):
        code = re.sub(r"//.*|/\*\*?[\s\S]*?\*/", "", path.read_text())
        assert not re.search(r"""["'`][^"'`\n]*[åäöÅÄÖ]""", code), path.name


def test_a_kept_folder_is_taken_up_where_it_was_left(tmp_path: Path) -> None:
    with running(tmp_path / "kept") as first:
        code = first.open_case()
        first.name_julia()
        board = first.person("anna").direct_messages()[-1].ts
        mails = len(first.world.postbox.mails)
        left = first.world.clock.now()
    with running(tmp_path / "kept") as again:
        assert again.world.clock.now() >= left
        assert again.codes() == [code]
        assert again.person("anna").direct_messages()[-1].ts == board
        assert len(again.world.postbox.mails) == mails
        again.do(again.person("omar").press("summons.received"))
        again.do(again.world.settle())
        assert again.person("anna").direct_messages()[-1].ts == board
        assert not [call for call in again.world.slack.calls if not call.ok]


def test_a_fresh_start_in_a_kept_folder_takes_away_what_the_demo_wrote_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with running(folder) as demo:
        demo.open_case()
        assert ask(demo, "POST", "/api/restart", {"language": "en"})[0] == 200
        assert demo.codes() == []
        assert demo.world.language == "en"
    assert (folder / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("path", ["/api/screen", "/api/events"])
def test_while_the_demo_is_closed_the_page_is_told_so(path: str, tmp_path: Path) -> None:
    """The page asks on while its demo is being closed or begun afresh; that is no failure of the program."""
    client = TestClient(page_app(Demo(tmp_path / "demo", "sv")))
    assert client.get(path).status_code == 503
