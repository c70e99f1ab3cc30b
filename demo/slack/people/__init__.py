"""People at their screens: what they type, press and fill in, and what they then see."""

from __future__ import annotations
