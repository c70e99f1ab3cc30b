"""The process as plain Python: states, consent, summons, deadlines, working days and who may do what."""
