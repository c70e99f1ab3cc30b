"""The stand-in's Web API: who calls, with what, how often, and what comes back."""

from __future__ import annotations
