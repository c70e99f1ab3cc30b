"""The Web API's methods by name."""

from __future__ import annotations

from sipbot.bot.demo.slack.call import Method
from sipbot.bot.demo.slack.methods import chat, conversations, files, service, users, views

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **service.METHODS,
    **users.METHODS,
    **views.METHODS,
}
