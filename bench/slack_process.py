"""The stand-in of the bench: prints its address, then answers questions on standard input, one line each.

`posts` how many messages were posted, `direct` those that stand before one person alone, `told` the reminders in them,
`answers` when each person got a private answer, `429` how many calls were refused for their rate, `kinds` the calls by
method.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

from bench.surroundings import AGENCIES
from demo.slack.seed import Seed
from demo.slack.serving import Server
from demo.slack.stand_in import StandIn
from demo.slack.state.records import Json


def seed() -> Seed:
    """Return a workspace with a channel for each agency."""
    made = Seed(("/sip",)).team("T0", "Bench")
    for n in range(AGENCIES):
        made.person(f"U0S{n}", f"s{n}", f"Person {n}", "T0")
    made.person("U0COORD", "coord", "Ledning", "T0").person("U0BOSS", "boss", "Ledning", "T0")
    for n in range(AGENCIES):
        # As the bot wants them, or nothing is said there: private, and with the agency's people alone.
        made.channel(f"C0A{n}", f"enhet-{n}", "T0", [f"U0S{n}"], private=True)
    return made


async def main(limits: str, delay: str) -> None:
    """Serve until standard input ends."""
    slack = StandIn(seed(), rate_limited=limits.endswith("=1"))
    milliseconds = int(delay.partition("=")[2])
    if milliseconds:
        slack.faults.delay(milliseconds / 1000, times=None)
    server = Server(slack)
    await server.start()
    print(server.url, flush=True)
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        print(answer(slack, line), flush=True)


def answer(slack: StandIn, question: str) -> str:
    """Return the answer to one question."""
    if question == "posts":
        return str(sum(call.method == "chat.postMessage" and call.ok for call in slack.calls))
    standing = [held for held in slack.state.messages.everywhere() if not held.deleted and held.channel.startswith("D")]
    if question == "direct":
        return str(len(standing))
    if question == "told":
        return str(sum(_reminders(held.blocks) for held in standing))
    if question == "answers":
        return json.dumps(
            {call.args["user"]: call.at for call in slack.calls if call.method == "chat.postEphemeral" and call.ok}
        )
    if question == "429":
        return str(sum(call.status == 429 for call in slack.calls))
    if question == "kinds":
        return str(dict(Counter(call.method for call in slack.calls)))
    return "?"


def _reminders(blocks: list[Json]) -> int:
    """Count the reminders of a message: each has a button of its own that settles it."""
    elements = [element for block in blocks for element in block.get("elements", [])]
    return sum(str(element.get("action_id", "")).startswith("nag.done") for element in elements)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
