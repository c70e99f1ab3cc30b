"""Block Kit as tables: what a message and a view may hold, checked before Slack checks it."""

from __future__ import annotations
