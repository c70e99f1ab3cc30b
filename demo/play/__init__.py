"""The demo as a terminal transcript: the main job told from beginning to end."""
