"""The independent Slack Web API that the stand-in is compared with: the npm package `emulate`."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

VERSION = "0.11.0"  # the newest that runs on Node 20
CACHE = Path(__file__).resolve().parents[2] / ".cache" / f"emulate-{VERSION}"
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


def missing() -> str:
    """Say which program this machine lacks, or nothing."""
    lacking = [name for name in ("node", "npm") if shutil.which(name) is None]
    return f"the comparison needs {' and '.join(lacking)}" if lacking else ""


@contextlib.contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run the emulator for the time of a `with` block and give its Web API's address."""
    program = CACHE / "node_modules" / "emulate" / "dist" / "index.js"
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--prefix", str(CACHE), "--no-audit", "--no-fund", f"emulate@{VERSION}"]
        subprocess.run(install, check=True, capture_output=True, timeout=PATIENCE)
    seed = folder / "slack.json"
    seed.write_text(json.dumps(SEED))
    port = _free_port()
    command = ["node", str(program), "start", "--service", "slack", "--seed", str(seed), "--port", str(port)]
    with (folder / "emulate.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _await(port, process)
        yield f"http://127.0.0.1:{port}/api/"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(int(PATIENCE * 20)):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE):
            return
        time.sleep(0.05)
    raise TimeoutError("the emulator did not answer")
