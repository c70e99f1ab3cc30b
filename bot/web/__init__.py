"""The web server: the addresses that Slack, calendars, probes and people call."""
