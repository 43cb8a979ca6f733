"""The private link between the inspector and the debuggee: frames, and the inspector's end of it."""
