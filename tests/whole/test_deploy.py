"""What an operator copies from `deploy`: systemd and nginx read it, and it keeps what it is to keep."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from tests.authority import Authority
from tests.conftest import ROOT
from tests.ports import free_port
from tests.program import listens

DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
PATIENCE = 20.0  # seconds
LAX = 20  # tenths: systemd calls what is below "OK"
# What nginx would write into folders of its own, where not everybody who runs the tests may.
TEMPORARY = ("client_body", "fastcgi", "proxy", "scgi", "uwsgi")

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this needs systemd-analyze")


def analyzed(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Ask systemd about a file, without a service running."""
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *words], capture_output=True, check=False, text=True, timeout=PATIENCE
    )


@needs_systemd
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    """A line that it does not understand is passed over with a word in the log, and protects nothing."""
    unit = tmp_path / "sipbot.service"
    unit.write_text((DEPLOY / unit.name).read_text().replace("/opt/sipbot/bin/sipbot", "/bin/true"))
    done = analyzed("verify", "--man=no", unit)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
def test_the_unit_may_do_little() -> None:
    done = analyzed("security", "--offline=true", f"--threshold={LAX}", DEPLOY / "sipbot.service")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[int]:
    """Run nginx with what is shipped, before a bot that is away; its logs are files in the folder `logs`."""
    if NGINX is None:
        pytest.skip("this needs nginx")
    certificate, key, _ = Authority().issue(tmp_path)
    port = free_port()
    replaced = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/sip.example.se.pem": str(certificate),
        "/etc/ssl/private/sip.example.se.key": str(key),
        "127.0.0.1:3000": f"127.0.0.1:{free_port()}",
    }
    shipped = (DEPLOY / "sipbot.nginx").read_text()
    for old, new in replaced.items():
        assert old in shipped
        shipped = shipped.replace(old, new)
    logs = tmp_path / "logs"
    logs.mkdir()
    folders = "".join(f"{kind}_temp_path {tmp_path / kind};" for kind in TEMPORARY)
    settings = tmp_path / "nginx.conf"
    settings.write_text(
        f"daemon off; master_process off; pid {tmp_path / 'pid'}; error_log {logs / 'error'} info;"
        f"events {{}} http {{ access_log {logs / 'access'}; {folders} {shipped} }}"
    )
    started = subprocess.Popen([NGINX, "-e", "stderr", "-c", settings])
    try:
        _until_it_listens(port)
        yield port
    finally:
        started.terminate()
        started.wait(PATIENCE)


def _until_it_listens(port: int) -> None:
    give_up_at = time.monotonic() + PATIENCE
    while not listens(port):
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def answered(port: int, path: str, trusting: ssl.SSLContext) -> int:
    """Ask the proxy for a path as it stands, and return the status."""
    line = HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=trusting)
    try:
        line.request("GET", path)
        return line.getresponse().status
    finally:
        line.close()


def test_nginx_passes_on_two_paths_and_writes_no_calendars_address_down(proxy: int, tmp_path: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))
    for path in ("/", "/metrics", "/readyz", "/kalender/../metrics", "/kalender/%2e%2e/metrics", "/slack/events/"):
        assert answered(proxy, path, trusting) == HTTPStatus.NOT_FOUND, path
    for path in ("/slack/events", "/kalender/hemlig-adress.ics"):
        assert answered(proxy, path, trusting) == HTTPStatus.BAD_GATEWAY, path
    logs = "".join(file.read_text() for file in (tmp_path / "logs").iterdir())
    assert "/slack/events" in logs
    assert "hemlig-adress" not in logs
