"""Calendars as bytes: the invite that goes out, and a person's own feed."""

from __future__ import annotations
