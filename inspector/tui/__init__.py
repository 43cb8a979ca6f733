"""The terminal UI. Panes know `inspector.core` and messages; screens and the app know the session."""
