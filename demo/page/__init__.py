"""The demo as a web page: it drives the stand-in's people, and knows the bot only from outside."""
