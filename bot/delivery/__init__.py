"""Letters on their way out: taken from the outbox, handed to a platform's transport, tried again, settled."""

from __future__ import annotations
