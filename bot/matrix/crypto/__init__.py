"""The encryption: what the library asks of libolm, done by vodozemac."""
