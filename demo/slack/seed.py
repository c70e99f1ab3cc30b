"""How a stand-in begins: which teams, people and channels there are. Plain to write in a test or a demo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from demo.slack.state.directory import Directory
from demo.slack.state.records import App, Channel, Installation, Team, User


class Seed:
    """The first state of a stand-in, written team by team. All ids and secrets are invented."""

    def __init__(
        self,
        commands: Iterable[str] = ("/case",),
        events: Iterable[str] = ("app_home_opened",),
        app_id: str = "A0APP",
    ) -> None:
        self.app = App(
            id=app_id,
            name="bot",
            signing_secret="stand-in-signing-secret",  # noqa: S106 - invented, for the stand-in alone
            app_token="xapp-stand-in",  # noqa: S106 - as above
            verification_token="stand-in-verification",  # noqa: S106 - as above
            commands=frozenset(commands),
            events=frozenset(events),
        )
        self._teams: list[Team] = []
        self._installations: list[Installation] = []
        self._users: list[User] = []
        self._channels: list[Channel] = []

    def team(self, team_id: str, name: str, *, installed: bool = True, scopes: Iterable[str] | None = None) -> Seed:
        """Add a team; installed, it has a bot user `U…BOT` and the token `xoxb-<team>`."""
        self._teams.append(Team(team_id, name, name.lower().replace(" ", "-")))
        if installed:
            suffix = team_id.removeprefix("T")
            held = None if scopes is None else frozenset(scopes)
            bot = f"U{suffix}BOT"
            self._installations.append(Installation(team_id, f"xoxb-{team_id}", bot, f"B{suffix}BOT", held))
            self._users.append(User(bot, team_id, "bot", "Bot", is_bot=True))
        return self

    def person(
        self, user_id: str, name: str, real_name: str, team: str, *, locale: str = "sv-SE", email: str = ""
    ) -> Seed:
        """Add a person; `name` is the short name the tests and the demo call them by."""
        self._users.append(User(user_id, team, name, real_name, email or f"{name}@example.se", locale))
        return self

    def channel(
        self,
        channel_id: str,
        name: str,
        team: str,
        members: Iterable[str] = (),
        *,
        private: bool = False,
        with_bot: bool = True,
        shared_with: Iterable[str] = (),
    ) -> Seed:
        """Add a channel with members by id, and the team's bot unless said otherwise."""
        bots = [held.bot_user for held in self._installations if held.team == team and with_bot]
        kind = "private" if private else "public"
        made = Channel(channel_id, team, name, kind, [*members, *bots], created=1_700_000_000)  # type: ignore[arg-type]
        made.shared_with = frozenset(shared_with)
        self._channels.append(made)
        return self

    def fill(self, directory: Directory) -> None:
        """Put everything into a stand-in's directory, as copies: a seed serves many times."""
        directory.teams.update({team.id: team for team in self._teams})
        directory.users.update({user.id: user for user in self._users})
        directory.installations.update({held.team: replace(held) for held in self._installations})
        directory.channels.update({held.id: replace(held, members=list(held.members)) for held in self._channels})


def sample_seed(commands: Iterable[str] = ("/case",)) -> Seed:
    """Return a small world: two offices of one organisation, and a stranger in a shared channel."""
    return (
        Seed(commands, events=("app_home_opened", "app_mention", "message"))
        .team("T0", "Exempelkommun")
        .team("T2", "Annan organisation", installed=False)
        .person("U0ANNA", "anna", "Anna Exempel", "T0")
        .person("U0JULIA", "julia", "Julia Exempel", "T0", locale="en-GB")
        .person("U0OLLE", "olle", "Olle Exempel", "T0")
        .person("U2EVA", "eva", "Eva Utifrån", "T2")
        .channel("C0ONE", "ett", "T0", ["U0ANNA", "U0OLLE"])
        .channel("C0TWO", "tva", "T0", ["U0JULIA"], private=True)
        .channel("C0OUT", "utan-bot", "T0", ["U0ANNA"], with_bot=False)
        .channel("C0SHARED", "delad", "T0", ["U0ANNA", "U2EVA"], shared_with=["T2"])
    )
