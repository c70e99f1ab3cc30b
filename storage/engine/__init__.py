"""The two kinds of database: connections, transactions, statements, and the threads that use them."""

from __future__ import annotations
