"""The outbox: letters, the lanes they wait in, and the claims of those who carry them."""

from __future__ import annotations
