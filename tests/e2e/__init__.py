"""The real command in a real pseudo-terminal, from the first paint to what it leaves behind."""
