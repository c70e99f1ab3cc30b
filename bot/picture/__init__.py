"""Pictures: what is drawn for people, as PNG."""
