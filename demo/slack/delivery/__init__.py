"""The ways from the stand-in to the bot: signed requests over HTTP, or envelopes over Socket Mode."""

from __future__ import annotations
