"""The directory as it is kept, what proves it, and what a replacement of it changes."""

from __future__ import annotations
