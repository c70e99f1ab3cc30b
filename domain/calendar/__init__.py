"""Meetings in calendars: invites with their versions, what calendars answer, and the personal feed."""
