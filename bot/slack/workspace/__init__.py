"""What the bot asks of the workspace: its channels and people, and whether they are as they should be."""
