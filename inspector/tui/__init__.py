"""The terminal UI. Panes know `inspector.core` and messages; screens and the app know the session."""

import os

# Screens that are not painted by `tui.painting` are painted at a clock of Textual's: this often, rather than 60 times
# a second.
os.environ.setdefault("TEXTUAL_FPS", "120")
