"""What one person sees: their channels and direct messages, what is for them alone, and the modal on top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from demo.slack.errors import NotVisible
from demo.slack.people.inputs import interactive
from demo.slack.state.records import Channel, Json, Message, User, View
from demo.slack.state.state import State


@dataclass(frozen=True, slots=True)
class Control:
    """A button or other element on a message or view, with the block it stands in."""

    source: Message | View
    block: Json
    element: Json

    @property
    def action_id(self) -> str:
        """Return the app's name for the element."""
        return str(self.element["action_id"])

    @property
    def label(self) -> str:
        """Return what stands on a button, or an empty string."""
        text = self.element.get("text")
        return str(text.get("text", "")) if isinstance(text, dict) else ""


class Screen:
    """One person's view of the workspace."""

    def __init__(self, state: State, user: User) -> None:
        self.user = user
        self._state = state
        #: The newest message that was read, by channel.
        self.marks: dict[str, str] = {}

    @property
    def view(self) -> View | None:
        """Return the modal on top, if one is open."""
        return self._state.views.top(self.user.id)

    @property
    def home(self) -> View | None:
        """Return the app's home tab as this person has it."""
        return self._state.views.home(self.user.id, self.user.team)

    def channels(self) -> list[Channel]:
        """Return the conversations this person is in."""
        held = self._state.directory.channels.values()
        return [channel for channel in held if self.user.id in channel.members and not channel.gone]

    def channel(self, name_or_id: str | None = None) -> Channel:
        """Return a conversation this person can open; without a name the direct messages with the bot.

        Raises:
            NotVisible: there is none that this person may see.
        """
        directory = self._state.directory
        if name_or_id is None:
            install = directory.installations.get(self.user.team)
            if install is None:
                raise NotVisible(f"{self.user.name} has no direct messages with the bot: it is not installed")
            return directory.direct([self.user.id, install.bot_user], self.user.team)
        found = directory.channel(name_or_id)
        if found is None or not self._may_open(found):
            raise NotVisible(f"{self.user.name} sees no channel {name_or_id}")
        return found

    def _may_open(self, channel: Channel) -> bool:
        in_it = self.user.id in channel.members
        return in_it or (channel.kind == "public" and channel.team == self.user.team)

    def sees(self, message: Message) -> bool:
        """Tell whether a message is before this person's eyes."""
        channel = self._state.directory.channels[message.channel]
        if message.deleted or channel.gone or not self._may_open(channel):
            return False
        return message.only_for in (None, self.user.id)

    def messages(self, channel: str | None = None) -> list[Message]:
        """Return what this person sees in a channel, or in all their conversations, oldest first."""
        places = [self.channel(channel)] if channel is not None else self.channels()
        found = [held for place in places for held in self._state.messages.in_channel(place.id)]
        return sorted((held for held in found if self.sees(held)), key=lambda held: float(held.ts))

    def direct_messages(self) -> list[Message]:
        """Return what stands in the direct messages with the bot, oldest first."""
        return self.messages(self.channel().id)

    def only_visible_to_me(self) -> list[Message]:
        """Return the ephemeral messages, oldest first."""
        return [held for held in self.messages() if held.only_for == self.user.id]

    def newest(self, channel: str | None = None) -> Message:
        """Return the newest message seen in a channel, or anywhere.

        Raises:
            NotVisible: there is none.
        """
        seen = self.messages(channel)
        if not seen:
            raise NotVisible(f"{self.user.name} sees no message in {channel or 'any channel'}")
        return seen[-1]

    def unread(self, channel: str | None = None) -> list[Message]:
        """Return what came since this person last marked a channel (or all of them) as read."""
        return [held for held in self.messages(channel) if float(held.ts) > float(self.marks.get(held.channel, "0"))]

    def read(self, channel: str | None = None) -> None:
        """Mark a channel, or everything, as read."""
        for held in self.messages(channel):
            self.marks[held.channel] = held.ts

    def controls(self, source: Message | View | None = None) -> list[Control]:
        """Return what can be pressed or chosen on a message or view, or on the whole screen, newest first."""
        if source is not None:
            return [Control(source, block, element) for block, element in interactive(source.blocks)]
        sources: list[Message | View] = list(reversed(self.messages()))
        sources[:0] = [view for view in (self.view, self.home) if view is not None]
        return [control for held in sources for control in self.controls(held)]

    def button(self, name: str, source: Message | View | None = None, block: str | None = None) -> Control:
        """Return the newest element of this action id or label, in the block of this id if one is given.

        Raises:
            NotVisible: there is none on the screen.
        """
        tests: list[Callable[[Control], bool]] = [
            lambda control: control.action_id == name,
            lambda control: control.label == name,
        ]
        seen = [held for held in self.controls(source) if block in (None, held.block["block_id"])]
        for test in tests:
            for control in seen:
                if test(control):
                    return control
        known = ", ".join(sorted({control.action_id for control in seen}))
        raise NotVisible(f"{self.user.name} sees nothing called {name}; there are: {known}")
