"""One module per step: what happens when someone types, presses or submits, or when the clock ticks."""
