"""What the stand-in remembers: people, conversations, messages, views, files, and the ids it makes for them."""

from __future__ import annotations
