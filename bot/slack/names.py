"""The names this bot has on Slack: one place for the listeners, the manifest and the checks."""

from __future__ import annotations

#: How identities and addresses on Slack begin.
NAME = "slack"

COMMAND = "/sip"
PATH = "/slack/events"
EVENT_HOME_OPENED = "app_home_opened"
EVENTS = (EVENT_HOME_OPENED,)

#: `event_type` of the metadata on every message; its payload holds one opaque key and nothing else.
METADATA_TYPE = "sipbot"

#: A button that only opens a link is acknowledged and goes no further.
LINK_PREFIX = "link:"

#: `callback_id` of the closing view that shows an answer.
CLOSING_VIEW = "sip.closed"

#: Each bot scope with the reason an administrator reads.
SCOPES: dict[str, str] = {
    "commands": f"Lets people type {COMMAND}.",
    "chat:write": "Posts and updates the cards in the channels the bot is invited to and in direct messages.",
    "im:write": "Opens the direct message in which a person gets their own board and reminders.",
    "files:write": "Puts the calendar file into the thread of a summons, and shows figures as a picture to who asked.",
    "users:read": "Reads the language a person has chosen in Slack, so that the bot answers in it.",
    "channels:read": "Sees that a channel is public, and then says nothing there.",
    "groups:read": "Sees whether a channel is shared, and who is in it, before anything is said there.",
    "groups:history": "After a broken connection: looks whether the bot's own message had arrived, so that "
    "nobody gets it twice. Nothing else is read.",
    "im:history": "The same look in the direct messages with the bot.",
}
