"""The terminal UI. Panes know `inspector.core` and messages; screens and the app know the session."""

import os

# What has changed is painted at Textual's next tick: at most 8 ms after a key, not 16. Nothing is painted more often.
os.environ.setdefault("TEXTUAL_FPS", "120")
