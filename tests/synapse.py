"""A real Matrix server for tests: Synapse out of the package registry, in a virtual environment of its own.

Synapse is only ever run as a program beside the tests, never imported.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.authority import Authority

CACHE = Path(__file__).resolve().parent.parent / ".cache"
VERSION = "1.163.2"
PATIENCE = 600.0  # seconds that the installation may take
START = 60.0  # seconds that a start may take on a busy machine
#: Where a server's database is kept that need not outlive a power cut: each of its steps would wait for the disk.
MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
SECRET = "invented-for-tests"
PASSWORD = "invented-password"

_OFTEN = {"per_second": 1000, "burst_count": 1000}
_GENEROUS = {
    "rc_message": _OFTEN,
    "rc_login": {"address": _OFTEN, "account": _OFTEN, "failed_attempts": _OFTEN},
    "rc_registration": _OFTEN,
    "rc_invites": {"per_user": _OFTEN, "per_room": _OFTEN, "per_issuer": _OFTEN},
    "rc_joins": {"local": _OFTEN, "remote": _OFTEN},
    "rc_key_requests": _OFTEN,
    "rc_room_creation": _OFTEN,
}
# What no test asks for, and a server would do for each of them.
_NO_EXTRAS = {
    "presence": {"enabled": False},
    "stats": {"enabled": False},
    "user_directory": {"enabled": False},
    "url_preview_enabled": False,
}


class SynapseMissingError(Exception):
    """Synapse could not be installed here."""


def installed() -> Path:
    """Return the Python that Synapse is installed for; made once, by whoever needs it first."""
    place = CACHE / f"synapse-{VERSION}"
    python = place / "bin" / "python"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "synapse.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "whole").exists():
            shutil.rmtree(place, ignore_errors=True)
            venv.create(place, with_pip=True)
            command = [str(python), "-m", "pip", "install", "-qq", f"matrix-synapse=={VERSION}"]
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
            except subprocess.SubprocessError as error:
                raise SynapseMissingError("Synapse could not be installed from the package registry") from error
            (place / "whole").touch()
    return python


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody's session on the server."""

    user: str
    token: str
    device: str


class Synapse:
    """One server on loopback. `generous`: without the usual limits of so many messages a second.

    With an `authority` it speaks with other servers that have a certificate of the same authority.
    """

    def __init__(self, folder: Path, *, generous: bool = True, authority: Authority | None = None) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        federating: dict[str, Any] = {}
        self.name = "hs.example"
        if authority is not None:
            port = _free_port()
            self.name = f"127.0.0.1:{port}"
            federating = _federating(folder, port, authority)
        self._configure(federating, generous=generous)
        self._process: subprocess.Popen[bytes] | None = None

    def _configure(self, federating: dict[str, Any], *, generous: bool) -> None:
        folder = self.folder
        seed = base64.b64encode(os.urandom(32)).decode().rstrip("=")
        (folder / "signing.key").write_text(f"ed25519 a_test {seed}\n")
        log = {
            "version": 1,
            "handlers": {"file": {"class": "logging.FileHandler", "filename": str(folder / "synapse.log")}},
            "root": {"level": "WARNING", "handlers": ["file"]},
            "disable_existing_loggers": False,
        }
        (folder / "log.yaml").write_text(json.dumps(log))
        listener = {
            "bind_addresses": ["127.0.0.1"],
            "port": self.port,
            "tls": False,
            "type": "http",
            "resources": [{"names": ["client"], "compress": False}],
        }
        config: dict[str, Any] = {
            "server_name": self.name,
            "pid_file": str(folder / "synapse.pid"),
            "public_baseurl": f"{self.url}/",
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(folder / "synapse.db")}},
            "log_config": str(folder / "log.yaml"),
            "media_store_path": str(folder / "media"),
            "registration_shared_secret": SECRET,
            "macaroon_secret_key": "invented",
            "form_secret": "invented",
            "bcrypt_rounds": 4,
            "report_stats": False,
            "signing_key_path": str(folder / "signing.key"),
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            **_NO_EXTRAS,
            **(_GENEROUS if generous else {}),
        }
        config["listeners"] += federating.pop("listeners", [])
        config |= federating
        (folder / "homeserver.yaml").write_text(json.dumps(config))

    def start(self) -> None:
        """Start the server and wait until it answers."""
        python = installed()
        command = [str(python), "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.yaml")]
        with (self.folder / "output").open("wb") as output:
            # In its own folder: a module of the tests must not be taken for one of Synapse's.
            self._process = subprocess.Popen(command, stdout=output, stderr=output, cwd=self.folder)
        until = time.monotonic() + START
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                self.call("GET", "/_matrix/client/versions")
                return
            except OSError:
                time.sleep(0.1)
        raise SynapseMissingError(f"Synapse did not start: {(self.folder / 'output').read_text()[-2000:]}")

    def stop(self) -> None:
        """End the server."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
            self._process = None

    def call(self, method: str, path: str, token: str = "", body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the server and return its JSON answer, errors too."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
                found: dict[str, Any] = json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            found = json.loads(error.read() or b"{}")
        return found

    def register(self, name: str, *, admin: bool = False) -> str:
        """Make an account by the shared secret, and return its full id."""
        path = "/_synapse/admin/v1/register"
        nonce = self.call("GET", path)["nonce"]
        parts = [nonce, name, PASSWORD, "admin" if admin else "notadmin"]
        mac = hmac.new(SECRET.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": admin, "mac": mac}
        return str(self.call("POST", path, body=body)["user_id"])

    def login(self, name: str) -> Login:
        """Log an account in on a new device."""
        identifier = {"type": "m.id.user", "user": name}
        body = {"type": "m.login.password", "identifier": identifier, "password": PASSWORD}
        answer = self.call("POST", "/_matrix/client/v3/login", body=body)
        return Login(answer["user_id"], answer["access_token"], answer["device_id"])


def _federating(folder: Path, port: int, authority: Authority) -> dict[str, Any]:
    """Return what lets a server speak with others: its certificate, the authority, and short pauses after failures."""
    certificate, key, trusted = authority.issue(folder)
    return {
        "listeners": [
            {
                "bind_addresses": ["127.0.0.1"],
                "port": port,
                "tls": True,
                "type": "http",
                "resources": [{"names": ["federation"], "compress": False}],
            }
        ],
        "tls_certificate_path": str(certificate),
        "tls_private_key_path": str(key),
        "federation_custom_ca_list": [str(trusted)],
        "ip_range_blacklist": [],
        "federation_ip_range_blacklist": [],
        "federation": {
            "destination_min_retry_interval": "1s",
            "destination_max_retry_interval": "2s",
            "destination_retry_multiplier": 1,
            "client_timeout": "5s",
        },
        "rc_federation": {"window_size": 1000, "sleep_limit": 10_000, "reject_limit": 10_000, "concurrent": 50},
    }


@contextlib.contextmanager
def running(*, generous: bool = True, authority: Authority | None = None) -> Iterator[Synapse]:
    """A server for the length of a block, in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="synapse-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        server = Synapse(Path(folder), generous=generous, authority=authority)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def or_skip(*, generous: bool = True, authority: Authority | None = None) -> Iterator[Synapse]:
    """A server for tests, which are skipped where there can be none; in CI that is a failure."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running(generous=generous, authority=authority))
        except SynapseMissingError as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        yield server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
