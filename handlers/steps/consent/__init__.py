"""The steps about consent: it is recorded, an agency notes one of its own, it is withdrawn."""

from __future__ import annotations
