"""What the one who runs the bot does by hand: examine it, load the directory, look after the database."""

from __future__ import annotations
