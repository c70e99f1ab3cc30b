"""`make demo-matrix`: the bot on a real Matrix server of its own, with invented people who answer a summons.

What each of them types and reads is printed. Afterwards everything stays up until Ctrl-C, so that one can log in with a
Matrix program and go on; with `--once` it ends.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import tempfile
from pathlib import Path

from storage.encryption.cipher import fresh_key
from tests import synapse
from tests.matrix.client import Person, current
from tests.matrix.desk import Desk
from tests.matrix.operator import Operator
from tests.synapse import PASSWORD, Synapse

AGENCY = """
[[agency]]
id = "{name}"
name = "{title}"
alias = "Enhet {name}"
kind = "{kind}"
principal = "{principal}"
email = "{name}@exempel.invalid"
matrix_room = "{room}"

[[agency.staff]]
matrix = "{user}"
name = "{person}"
title = "{work}"
email = "{name}.person@exempel.invalid"
coordinator = true
"""

PEOPLE = {
    "soc": ("anna", "Anna Exempelberg", "Socialsekreterare", "Socialtjänsten", "social_services", "municipality"),
    "bup": ("julia", "Julia Påhittlind", "Kurator", "Barn- och ungdomspsykiatrin", "health_care", "region"),
    "skola": ("omar", "Omar Testholm", "Specialpedagog", "Påhittskolan", "school", "municipality"),
}
PATIENCE = 60.0


def show(words: str) -> None:
    """Print a line at once, as it happens."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Player:
    """Somebody who types in a room, and prints what they then read there."""

    def __init__(self, name: str, person: Person, bot: str) -> None:
        self.name, self.person, self._bot = name, person, bot
        self._read = 0

    async def types(self, room: str, words: str, thread: str = "") -> None:
        show(f"\n{self.name} skriver: {words}")
        await self.person.say(room, words, thread=thread)
        await self.reads()

    async def reacts(self, room: str, event: str, sign: str) -> None:
        show(f"\n{self.name} reagerar: {sign}")
        await self.person.react(room, event, sign)
        await self.reads()

    async def reads(self) -> None:
        """Wait for what the bot says, and print it."""
        until = asyncio.get_running_loop().time() + PATIENCE
        quiet = 0
        while quiet < 2 and asyncio.get_running_loop().time() < until:
            await self.person.sync(1.5)
            for room in self.person.invited:
                await self.person.session.join(room)
            self.person.invited.clear()
            fresh, self._read = self.person.seen[self._read :], len(self.person.seen)
            said = [event for event in fresh if event["sender"] == self._bot and current(event)]
            for event in said:
                show(f"  {self.name} läser:\n    " + current(event).replace("\n", "\n    "))
            quiet = 0 if said else quiet + 1


async def play(server: Synapse, folder: Path, *, once: bool) -> None:
    """Set everything up, let the agencies answer, and stay."""
    bot = server.register("sip")
    operator = Operator(
        folder,
        MATRIX_HOMESERVER=server.url,
        MATRIX_USER=bot,
        SIPBOT_SECRET_KEYS=fresh_key(),
        SIPBOT_DATABASE_URL=f"sqlite:///{folder / 'sipbot.db'}",
        # Whoever logs in here with a program of their own has nothing to verify it with.
        MATRIX_UNSIGNED_DEVICES="accept",
    )
    show("$ sipbot matrix login\n" + operator.logs_in(PASSWORD))
    players, rooms = await _town(server, folder, bot, operator)
    desk = Desk(operator.as_settings(), f"matrix:{players['soc'].person.user}")
    code = await desk.opens("bup", "skola")
    await desk.summons(code, f"matrix:{players['soc'].person.user}", "bup", "skola")
    desk.close()
    show(f"$ sipbot serve\nAnna har öppnat {code}, dokumenterat samtycket och kallat.")
    operator.starts()
    try:
        await _answers(players, rooms, code)
        show(f"\nServern: {server.url}   konton: anna, julia, omar   lösenord: {PASSWORD}   (Ctrl-C avslutar)")
        show(
            "Logga in med ett Matrixprogram och skriv !sip. Det som sades innan du loggade in kan programmet inte läsa."
        )
        if not once:
            await asyncio.Event().wait()
    finally:
        operator.ends()
        for player in players.values():
            await player.person.close()


async def _town(
    server: Synapse, folder: Path, bot: str, operator: Operator
) -> tuple[dict[str, Player], dict[str, str]]:
    players, rooms, directory = {}, {}, ""
    for agency, (account, name, work, title, kind, principal) in PEOPLE.items():
        server.register(account)
        person = Person(server.url, server.login(account), folder)
        await person.open()
        players[agency], rooms[agency] = Player(name.partition(" ")[0], person, bot), await person.room_with(bot)
        directory += AGENCY.format(
            name=agency,
            title=title,
            kind=kind,
            principal=principal,
            room=rooms[agency],
            user=person.user,
            person=name,
            work=work,
        )
    (folder / "directory.toml").write_text(directory)
    _, said = operator.types("directory", "import", "directory.toml")
    show(f"$ sipbot directory import directory.toml\n{said}")
    return players, rooms


async def _answers(players: dict[str, Player], rooms: dict[str, str], code: str) -> None:
    roots = {}
    for agency in ("bup", "skola"):
        event = await players[agency].person.wait(lambda e: code in current(e), PATIENCE)
        roots[agency] = str(event["event_id"])
        await players[agency].reads()
    julia, omar, anna = players["bup"], players["skola"], players["soc"]
    await julia.reacts(rooms["bup"], roots["bup"], "✅")
    await julia.types(rooms["bup"], "ja", roots["bup"])
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=20)
    for line in ("3", f"{day.day}/{day.month} 14.00", "ja"):
        await omar.types(rooms["skola"], line, roots["skola"])
    await anna.types(rooms["soc"], f"!sip visa {code}")


def main() -> None:
    """Run it on a server that goes when it ends."""
    show("Hämtar Synapse den första gången, och startar den …")
    with tempfile.TemporaryDirectory() as folder, synapse.running() as server:
        try:
            asyncio.run(play(server, Path(folder), once="--once" in sys.argv))
        except KeyboardInterrupt:
            show("")


if __name__ == "__main__":
    main()
