"""One module a step of the process: its form, what is read of it, what is kept, which letters follow."""

from __future__ import annotations
