"""The measures (`make bench`): each beside its goal, all in one run, on this machine."""
