"""A stand-in for Matrix servers, in memory: rooms, events, and people at a program that shows threads and reactions.

The bot's own side is the real one down to its session (`bot.matrix.server.port`); beneath that is a list of events.
Nothing is encrypted, since nothing leaves the process, and all that the bot would encrypt is marked as it would be.
"""
