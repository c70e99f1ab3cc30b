"""The neutral language in which handlers are spoken to and answer: events, responses, cards, forms."""

from __future__ import annotations
