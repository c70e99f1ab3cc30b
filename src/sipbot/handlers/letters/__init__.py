"""Letters: what goes out.

`writing` puts them in the outbox, `composing` makes them from the case when they are sent, `settling` writes down what
became of them.
"""
