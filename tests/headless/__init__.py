"""The real command without a UI: its lines, its exit status, what it says on standard error."""
