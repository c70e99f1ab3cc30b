"""The way in and out through Slack: verify, de-duplicate, translate and draw."""
