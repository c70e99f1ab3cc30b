"""What people look at: the board, a summons, the lists of cases and of reminders."""

from __future__ import annotations
