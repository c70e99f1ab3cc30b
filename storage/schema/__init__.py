"""The tables, and which version of them this program was written for."""

from __future__ import annotations
