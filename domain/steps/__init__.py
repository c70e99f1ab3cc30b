"""The steps of the process as decisions: what is wrong with a request, and the case that follows from it."""

from __future__ import annotations
