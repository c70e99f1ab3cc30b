"""What is said: what arrives, conversations, and cards as messages. Knows no server."""
