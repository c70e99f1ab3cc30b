"""Debian's Dovecot as a mailbox with LMTP and IMAP on loopback, in a folder of the test's own."""

from __future__ import annotations

import contextlib
import getpass
import grp
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.ports import free_port

PASSWORD = "invented-for-tests"
USER = "sip"


class DovecotMissingError(Exception):
    """Dovecot with IMAP and LMTP is not installed."""


class Dovecot:
    """Runs while it is entered. Mail for any address lands in the one mailbox, as with a catch-all."""

    def __init__(self, home: Path) -> None:
        program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        if not Path(program).exists() or not Path("/usr/lib/dovecot/lmtp").exists():
            raise DovecotMissingError("Dovecot is not installed (Debian: apt-get install dovecot-imapd dovecot-lmtpd)")
        self._program = program
        self._home = home
        self.imap_port = free_port()
        self.lmtp_port = free_port()

    @property
    def url(self) -> str:
        return f"imap://{USER}:{PASSWORD}@127.0.0.1:{self.imap_port}/INBOX"

    def deliver(self, data: bytes, recipient: str, sender: str = "par@bup.example.se") -> None:
        """Hands one mail to Dovecot by LMTP, as an operator's mail server would."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as client:
            client.sendmail(sender, [recipient], data)

    def files(self, folder: str = "") -> list[str]:
        """Names of the mails in a Maildir folder; letters behind `:2,` are their flags."""
        root = self._home / "mail" / (f".{folder}" if folder else "")
        return sorted(path.name for part in ("cur", "new") for path in (root / part).glob("*"))

    def __enter__(self) -> Self:
        owner = pwd.getpwnam("vmail" if _exists("vmail") else _other_user())
        (self._home / "mail").mkdir(parents=True)
        for path in (self._home, self._home / "mail"):
            if os.getuid() == 0:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        for path in [self._home, *self._home.parents][:4]:
            if path != Path("/tmp") and os.access(path, os.W_OK):  # noqa: S108 - only to let Dovecot in
                path.chmod(path.stat().st_mode | 0o111)
        config = self._home / "dovecot.conf"
        config.write_text(self._config(owner.pw_name, grp.getgrgid(owner.pw_gid).gr_name))
        self._log = (self._home / "log").open("wb")
        self._process = subprocess.Popen([self._program, "-F", "-c", str(config)], stdout=self._log, stderr=self._log)
        for port in (self.imap_port, self.lmtp_port):
            self._wait_for(port)
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._log.close()

    def _wait_for(self, port: int) -> None:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError((self._home / "log").read_text())

    def _config(self, user: str, group: str) -> str:
        home = self._home
        return f"""
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = /dev/stderr
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{home}/mail
passdb {{
  driver = static
  args = user={USER} password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home} allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  user = {user}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.lmtp_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
lda_mailbox_autocreate = yes
namespace inbox {{
  inbox = yes
  mailbox Handled {{
    auto = create
  }}
}}
"""


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _other_user() -> str:
    """Dovecot refuses to keep mail as root."""
    return "nobody" if os.getuid() == 0 else getpass.getuser()


@contextlib.contextmanager
def or_skip() -> Iterator[Dovecot]:
    """A server for a test, which is skipped where there can be none."""
    # A short path: Dovecot's sockets lie in it, and a socket's path is at most 107 bytes long.
    with tempfile.TemporaryDirectory(prefix="sip") as home:
        try:
            server = Dovecot(Path(home))
        except DovecotMissingError as error:
            pytest.skip(str(error))
        with server:
            yield server
