"""SQL from below: statements written once for both databases, a link to run them on, instants as numbers."""

from __future__ import annotations
