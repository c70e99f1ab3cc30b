"""Where cases are kept: tables, one unit of work, journal, outbox, field encryption and migrations."""
