"""Matrix: the same bot in encrypted rooms. Nothing outside this folder imports the library it stands on."""

from __future__ import annotations
