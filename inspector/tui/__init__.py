"""The terminal UI. Panes know `inspector.core` and messages; screens and the app know the session."""

import gc
import os

# Screens that are not painted by `tui.painting` are painted at a clock of Textual's: this often, rather than 60 times
# a second.
os.environ.setdefault("TEXTUAL_FPS", "120")

# What is made while the app is imported and built stays: looking for garbage in it takes 150 ms in all, and finds next
# to nothing. `Shell.settle` sets it aside for good.
gc.set_threshold(50_000, 10, 1000)
