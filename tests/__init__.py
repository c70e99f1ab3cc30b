"""The tests. Folders mirror those of the bot; tests of the whole program stand beside them."""
