"""Typed text under suspicion: what may not stand in it, and the people and addresses that may."""

from __future__ import annotations
