"""A chat that lives in memory: people, rooms and mail without any network, spoken to in the neutral language alone.

It stands beside the stand-in for Slack. What works here needs nothing that only one platform has.
"""
