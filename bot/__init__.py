"""The running bot: settings, command line, wiring, courier, clock, and one folder per way in or out."""
