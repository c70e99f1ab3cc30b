"""Figures (statistik): what is counted of cases, by quarter, unit and track, and which sums may be shown (R207)."""
