"""The mail server of the bench: prints its address, then answers questions on standard input, one line each.

`mails` how many were taken; `span` when the first and the last came, in seconds since 1970.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from aiosmtpd.smtp import SMTP, Envelope, Session


class Taken:
    """Takes every mail and keeps none."""

    def __init__(self) -> None:
        self.at: list[float] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        """Note when a mail came."""
        self.at.append(time.time())
        return "250 Taken"


async def main() -> None:
    """Serve until standard input ends."""
    taken, loop = Taken(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(taken, hostname="bench", loop=loop), "127.0.0.1", 0)
    print(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        print(answer(taken, line), flush=True)


def answer(taken: Taken, question: str) -> str:
    """Return the answer to one question."""
    if question == "mails":
        return str(len(taken.at))
    return json.dumps([taken.at[0], taken.at[-1]] if taken.at else [0, 0])


if __name__ == "__main__":
    asyncio.run(main())
