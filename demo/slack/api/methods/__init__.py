"""The Web API's methods by name."""

from __future__ import annotations

from demo.slack.api.call import Method
from demo.slack.api.methods import chat, conversations, files, service, users, views

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **service.METHODS,
    **users.METHODS,
    **views.METHODS,
}
