"""What comes of drawing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as PNG, and its size in pixels."""

    content: bytes
    width: int
    height: int


class NotDrawn(Exception):
    """A picture could not be drawn. What it says stands in words somewhere else."""
