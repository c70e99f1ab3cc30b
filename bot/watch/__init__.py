"""What looks after the bot and what it knows: whether all went out, who is still there, signs of life, anchors."""
