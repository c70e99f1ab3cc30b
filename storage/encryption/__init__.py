"""What makes kept things unreadable to others: the ring of keys, the keys of cases, sealed tokens."""

from __future__ import annotations
