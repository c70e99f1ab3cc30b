"""The demo workspace: the whole bot on embedded parts, in one web page."""
