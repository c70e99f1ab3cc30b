"""Letters on their way: `composing` makes them from the case when they are sent, `settling` writes down their fate.

Handlers put them in the outbox by `handlers/enqueue.py`.
"""
