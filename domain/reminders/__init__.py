"""The ladders of reminders, one module a part of the process (process 7D). `deadlines` puts them together.

What was due before the matter last got on is left out: nobody is reminded of what they have just seen to. A step keeps
its key for good, so one that has fired does not fire again when the matter opens anew.
"""
