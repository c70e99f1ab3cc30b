"""Who and where: the teams, the people, the conversations and the app's installations."""

from __future__ import annotations

from collections.abc import Iterable

from demo.slack.errors import ApiError
from demo.slack.state.identifiers import Identifiers
from demo.slack.state.records import App, Channel, Clock, Installation, Team, User


class Directory:
    """All teams of the stand-in and what belongs to them, looked up by id."""

    def __init__(self, app: App, clock: Clock, ids: Identifiers) -> None:
        self.app = app
        self._clock = clock
        self._ids = ids
        self.teams: dict[str, Team] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.installations: dict[str, Installation] = {}
        self._direct: dict[frozenset[str], Channel] = {}

    def installation_of(self, token: str) -> Installation | None:
        """Return the installation whose bot token this is."""
        return next((held for held in self.installations.values() if held.bot_token == token), None)

    def channel(self, name_or_id: str) -> Channel | None:
        """Return a conversation by its id or its name, with or without `#`, unless it is gone."""
        wanted = name_or_id.removeprefix("#")
        found = self.channels.get(wanted) or next(
            (held for held in self.channels.values() if held.name and held.name == wanted), None
        )
        return None if found is None or found.gone else found

    def direct(self, members: Iterable[str], team: str) -> Channel:
        """Return the direct conversation of just these members, making it if there is none."""
        wanted = sorted(set(members))
        held = self._direct.get(frozenset(wanted))
        if held is not None and not held.gone:
            return held
        pair = len(wanted) <= 2  # noqa: PLR2004 - two are a direct message, more are a group
        channel = Channel(
            id=self._ids.fresh("D" if pair else "G"),
            team=team,
            name="" if pair else "mpdm-" + "--".join(self.users[member].name for member in wanted) + "-1",
            kind="im" if pair else "mpim",
            members=wanted,
            created=int(self._clock()),
        )
        self.channels[channel.id] = self._direct[frozenset(wanted)] = channel
        return channel

    def put_back(self, channel: Channel) -> None:
        """Put a conversation where it was in another run."""
        self.channels[channel.id] = channel
        if channel.kind in ("im", "mpim"):
            self._direct[frozenset(channel.members)] = channel

    def reaches(self, team: str, channel: Channel) -> bool:
        """Tell whether a team has the channel at all, as its own or as a shared one."""
        return channel.team == team or team in channel.shared_with

    def seen_by_app(self, install: Installation, name_or_id: str) -> Channel:
        """Return a conversation as the app may see it.

        Raises:
            ApiError: `channel_not_found`, also for a private conversation without the bot.
        """
        channel = self.channel(name_or_id)
        if channel is None or not self.reaches(install.team, channel):
            raise ApiError("channel_not_found")
        if channel.private and install.bot_user not in channel.members:
            raise ApiError("channel_not_found")
        return channel

    def user_seen_by_app(self, install: Installation, user_id: str) -> User:
        """Return a person of the app's team, or a stranger who shares a channel with it.

        Raises:
            ApiError: `user_not_found`.
        """
        user = self.users.get(user_id)
        if user is None or (user.team != install.team and not self.shares_channel(user, install.team)):
            raise ApiError("user_not_found")
        return user

    def shares_channel(self, user: User, team: str) -> bool:
        """Tell whether someone of another organisation is in a channel shared with this team."""
        return any(
            user.id in channel.members and self.reaches(team, channel) and channel.shared_with
            for channel in self.channels.values()
        )

    def person(self, name_or_id: str) -> User | None:
        """Return a user by id or by short name."""
        return self.users.get(name_or_id) or next(
            (user for user in self.users.values() if user.name == name_or_id), None
        )
