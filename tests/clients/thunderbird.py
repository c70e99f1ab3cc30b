"""Debian's Thunderbird on a screen of its own, driven as a person would: open a mail, press a button, look.

It has one account that never asks its server and one calendar, and sends by the port that it is given. All web
addresses lead to a closed proxy port.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

PACKAGES = {
    "thunderbird": "thunderbird",
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "dbus-run-session": "dbus",
}
WIDTH, HEIGHT = 1280, 1000
BAR = bytes.fromhex("DDEEFE")  # the colour of the bar with the buttons
BAR_COLUMN = 15  # here the bar shows its colour alone
PATIENCE = 60.0


class ThunderbirdMissingError(Exception):
    """A program that is needed to drive Thunderbird is not installed."""


class ThunderbirdError(Exception):
    """Thunderbird did not come to where it should."""


def programs() -> dict[str, str]:
    """Where each program is. Raises ThunderbirdMissingError naming the package of the first that is not there."""
    found = {}
    for name, package in PACKAGES.items():
        # /usr/bin first: other programs by the name of an imagemagick tool may stand before it in PATH.
        path = f"/usr/bin/{name}" if Path(f"/usr/bin/{name}").is_file() else shutil.which(name)
        if path is None:
            raise ThunderbirdMissingError(f"{name} is not installed (Debian: apt-get install {package})")
        found[name] = path
    return found


class Thunderbird:
    """A screen and a profile while it is entered. One mail is shown at a time."""

    def __init__(self, home: Path, *, address: str, name: str, smtp_port: int) -> None:
        self._programs = programs()
        self._home = home
        self._profile = home / "profile"
        self.shots = home / "shots"
        self._user_js = _user_js(address, name, smtp_port)
        self._display = ""
        self._screen: list[subprocess.Popen[bytes]] = []
        self._mail: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        for folder in (self._profile, self.shots):
            folder.mkdir(parents=True)
        (self._profile / "user.js").write_text(self._user_js, encoding="utf-8")
        read, write = os.pipe()
        xvfb = [self._programs["Xvfb"], "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"]
        self._screen.append(subprocess.Popen([*xvfb, "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL))
        os.close(write)
        with os.fdopen(read) as answer:
            self._display = f":{answer.readline().strip()}"
        self._screen.append(subprocess.Popen([self._programs["openbox"]], env=self._env(), stderr=subprocess.DEVNULL))
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
        for process in reversed(self._screen):
            process.terminate()
            process.wait(10)

    def show(self, mail: bytes, name: str) -> None:
        """Opens a mail in its own window and waits until its bar with buttons stands there."""
        path = self._home / f"{name}.eml"
        path.write_bytes(mail)
        command = [
            "--",
            self._programs["thunderbird"],
            "-profile",
            str(self._profile),
            "-no-remote",
            "-file",
            str(path),
        ]
        with (self._home / "thunderbird.log").open("ab") as log:
            self._mail = subprocess.Popen(
                [self._programs["dbus-run-session"], *command],
                env=self._env(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self.wait_for(lambda: self._bar() is not None, "the bar with the buttons")
            self.pause()  # the buttons come a moment after the bar
        finally:
            self.look(name)

    def press(self, x: int) -> None:
        """Clicks in the bar, `x` pixels from the left."""
        y = self._bar()
        if y is None:
            raise ThunderbirdError("there is no bar to press in")
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def confirm(self) -> None:
        """Says OK to the question that stands before the window."""
        self.pause()
        self._xdotool("key", "--clearmodifiers", "Return")

    def look(self, name: str) -> Path:
        """Takes a picture of the screen."""
        shot = self.shots / f"{name}.png"
        subprocess.run(
            [self._programs["import"], "-window", "root", str(shot)], env=self._env(), check=True, timeout=30
        )
        return shot

    def close(self) -> None:
        """Quits as a person would, so that the calendar is kept; by signal if it does not listen."""
        if self._mail is None:
            return
        self._xdotool("key", "--clearmodifiers", "ctrl+q")
        try:
            self._mail.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._mail.pid, signal.SIGTERM)
            self._mail.wait(15)
        self._mail = None

    def calendar(self) -> dict[str, str]:
        """UIDs in Thunderbird's calendar with their start in UTC, read from its file after `close`."""
        file = self._profile / "calendar-data" / "local.sqlite"
        start = "strftime('%Y-%m-%d %H:%M', event_start / 1000000, 'unixepoch')"
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return dict(database.execute(f"select id, {start} from cal_events").fetchall())  # noqa: S608 - constant

    def pause(self) -> None:
        """As long as a person would wait for a window to settle."""
        time.sleep(1.5)

    def wait_for(self, reached: Callable[[], bool], what: str) -> None:
        """Waits patiently; raises ThunderbirdError when it does not come."""
        until = time.monotonic() + PATIENCE
        while not reached():
            if time.monotonic() > until:
                raise ThunderbirdError(f"waited in vain for {what}")
            time.sleep(0.25)

    def _bar(self) -> int | None:
        """The middle row of the bar on the screen, or None."""
        pixels = subprocess.run(
            [self._programs["import"], "-window", "root", "-depth", "8", "rgb:-"],
            env=self._env(),
            capture_output=True,
            check=True,
            timeout=30,
        ).stdout
        rows = [y for y in range(HEIGHT) if pixels[(y * WIDTH + BAR_COLUMN) * 3 :][:3] == BAR]
        return (rows[0] + rows[-1]) // 2 if len(rows) > 10 else None

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run([self._programs["xdotool"], *arguments], env=self._env(), check=True, timeout=30)

    def _env(self) -> dict[str, str]:
        return os.environ | {
            "HOME": str(self._home),
            "DISPLAY": self._display,
            "TZ": "Europe/Stockholm",
            "LC_ALL": "C.UTF-8",
        }


def _user_js(address: str, name: str, smtp_port: int) -> str:
    prefs: dict[str, str | int | bool] = {
        "mail.accountmanager.accounts": "account1",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.account.account1.server": "server1",
        "mail.account.account1.identities": "id1",
        "mail.server.server1.type": "pop3",
        "mail.server.server1.hostname": "127.0.0.1",
        "mail.server.server1.userName": "nobody",
        "mail.server.server1.name": "test",
        "mail.server.server1.login_at_startup": False,
        "mail.server.server1.check_new_mail": False,
        "mail.identity.id1.useremail": address,
        "mail.identity.id1.fullName": name,
        "mail.identity.id1.smtpServer": "smtp1",
        "mail.identity.id1.valid": True,
        "mail.identity.id1.fcc": False,
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        "mail.smtpserver.smtp1.hostname": "127.0.0.1",
        "mail.smtpserver.smtp1.port": smtp_port,
        "mail.smtpserver.smtp1.authMethod": 1,
        "mail.smtpserver.smtp1.try_ssl": 0,
        "calendar.registry.cal1.name": "Kalender",
        "calendar.registry.cal1.type": "storage",
        "calendar.registry.cal1.uri": "moz-storage-calendar://",
        "calendar.registry.cal1.imip.identity.key": "id1",
        "calendar.registry.cal1.calendar-main-in-composite": True,
        "calendar.registry.cal1.calendar-main-default": True,
        "calendar.list.sortOrder": "cal1",
        "calendar.itip.compatSendMode": 0,
        "calendar.timezone.local": "Europe/Stockholm",
        "mail.provider.suppress_dialog_on_startup": True,
        "mailnews.start_page.enabled": False,
        "mail.shell.checkDefaultClient": False,
        "mail.rights.version": 1,
        "app.donation.eoy.version.viewed": 999,
        "app.update.enabled": False,
        "app.update.auto": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "toolkit.telemetry.enabled": False,
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": 9,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": 9,
        "network.proxy.no_proxies_on": "127.0.0.1, localhost",
        "mailnews.database.global.indexer.enabled": False,
        "intl.locale.requested": "en-US",
    }
    return "".join(f'user_pref("{key}", {_js(value)});\n' for key, value in prefs.items())


def _js(value: str | int | bool) -> str:  # noqa: FBT001 - a preference's value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else f'"{value}"'
