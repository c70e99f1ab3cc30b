"""The steps of a summons: it is sent, answered in the chat or by telephone, and names are given."""

from __future__ import annotations
