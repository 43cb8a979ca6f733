"""Graphs made for a benchmark, where no sample graph is what it needs."""
