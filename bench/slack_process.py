"""The stand-in of the bench: prints its address, then answers questions on standard input, one line each.

`posts` how many messages were posted, `direct` those to one person, `told` the reminders in them, `answers` when each
person got a private answer, `429` how many calls were refused for their rate, `kinds` the calls by method.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

from bench.surroundings import AGENCIES
from sipbot.bot.demo.slack.call import ApiCall
from sipbot.bot.demo.slack.seed import Seed
from sipbot.bot.demo.slack.serving import Server
from sipbot.bot.demo.slack.stand_in import StandIn


def seed() -> Seed:
    """Return a workspace with a channel for each agency."""
    made = Seed(("/sip",)).team("T0", "Bench")
    for n in range(AGENCIES):
        made.person(f"U0S{n}", f"s{n}", f"Person {n}", "T0")
    made.person("U0COORD", "coord", "Ledning", "T0").person("U0BOSS", "boss", "Ledning", "T0")
    for n in range(AGENCIES):
        made.channel(f"C0A{n}", f"enhet-{n}", "T0", [f"U0S{n}", "U0COORD"])
    return made


async def main(limits: str, delay: str) -> None:
    """Serve until standard input ends."""
    slack = StandIn(seed(), rate_limited=limits.endswith("=1"))
    milliseconds = int(delay.partition("=")[2])
    if milliseconds:
        slack.faults.delay(milliseconds / 1000, times=None)
    server = Server(slack)
    await server.start()
    print(server.url, flush=True)  # noqa: T201 - the answer to the one who started us
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        print(answer(slack, line), flush=True)  # noqa: T201


def answer(slack: StandIn, question: str) -> str:
    """Return the answer to one question."""
    if question == "posts":
        return str(sum(call.method == "chat.postMessage" and call.ok for call in slack.calls))
    if question == "direct":
        return str(len([call for call in slack.calls if _is_direct_post(call)]))
    if question == "told":
        # Each reminder is a section of its own with its own pair of buttons.
        return str(sum(_reminders(call) for call in slack.calls if _is_direct_post(call) or call.method == "chat.update"))
    if question == "answers":
        return json.dumps({call.args["user"]: call.at for call in slack.calls if call.method == "chat.postEphemeral" and call.ok})
    if question == "429":
        return str(sum(call.status == 429 for call in slack.calls))  # noqa: PLR2004 - HTTP
    if question == "kinds":
        return str(dict(Counter(call.method for call in slack.calls)))
    return "?"


def _is_direct_post(call: ApiCall) -> bool:
    return call.method == "chat.postMessage" and call.ok and str(call.args["channel"]).startswith("D")


def _reminders(call: ApiCall) -> int:
    blocks = call.args["blocks"]
    found = json.loads(blocks) if isinstance(blocks, str) else blocks
    elements = [element for block in found for element in block.get("elements", []) if isinstance(element, dict)]
    return sum(str(element.get("action_id", "")).startswith("nag.done") for element in elements)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
