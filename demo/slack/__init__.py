"""A strict stand-in for Slack: the Web API, people at their screens, and the requests a bot gets from them.

It knows nothing of what the bot is for. The bot meets it as it meets Slack: by HTTP under `SLACK_API_URL`, by
signed requests to its own address, or by a Socket Mode connection. Tests use it as their double; the demo
workspace runs on it.
"""

from __future__ import annotations
