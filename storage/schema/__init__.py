"""The tables, and which version of them a database has. Whoever loads one of them has the metadata of all."""

from __future__ import annotations

from storage.schema import directory_tables, tables
from storage.schema.columns import metadata

__all__ = ["directory_tables", "metadata", "tables"]
