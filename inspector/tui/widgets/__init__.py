"""Widgets that know nothing of runs: rows, trees, plots, safe text."""
