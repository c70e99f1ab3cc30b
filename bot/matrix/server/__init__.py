"""The line to the server: the session, its file, the stream of events, direct rooms."""
