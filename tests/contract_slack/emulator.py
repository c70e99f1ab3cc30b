"""The independent Slack Web API that the stand-in is compared with: the npm package `emulate`."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests import npm
from tests.ports import free_port

VERSION = "0.11.0"  # the newest that runs on Node 20
PATIENCE = 60.0

TOKEN = "xoxb-contract"
SECRET = "contract-signing-secret"
SEED = {
    "slack": {
        "team": {"name": "Exempel", "domain": "exempel"},
        "users": [
            {"name": "anna", "real_name": "Anna Exempel"},
            {"name": "julia", "real_name": "Julia Exempel"},
        ],
        "channels": [{"name": "ett"}, {"name": "arkiv"}],
        "oauth_apps": [
            {
                "client_id": "1.2",
                "client_secret": "contract",
                "app_id": "A0APP",
                "name": "bot",
                "redirect_uris": ["http://127.0.0.1/none"],
                "scopes": ["chat:write"],
                "bot_id": "B0BOT",
                "bot_user_id": "U0BOT",
                "bot_name": "bot",
            }
        ],
        "tokens": [
            {
                "token": TOKEN,
                "type": "bot",
                "user": "U0BOT",
                "app_id": "A0APP",
                "bot_id": "B0BOT",
                "bot_user_id": "U0BOT",
            }
        ],
        "signing_secret": SECRET,
    }
}


@contextlib.contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run the emulator for the time of a `with` block and give its Web API's address."""
    program = npm.installed(f"emulate-{VERSION}", f"emulate@{VERSION}") / "emulate" / "dist" / "index.js"
    seed = folder / "slack.json"
    seed.write_text(json.dumps(SEED))
    port = free_port()
    command = ["node", str(program), "start", "--service", "slack", "--seed", str(seed), "--port", str(port)]
    with (folder / "emulate.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _await(port, process)
        yield f"http://127.0.0.1:{port}/api/"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(int(PATIENCE * 20)):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE):
            return
        time.sleep(0.05)
    raise TimeoutError("the emulator did not answer")
