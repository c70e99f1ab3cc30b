"""A chat bot that keeps a *samordnad individuell plan* (SIP) moving: it asks, books, reminds."""

from __future__ import annotations

__version__ = "0.1.0"
