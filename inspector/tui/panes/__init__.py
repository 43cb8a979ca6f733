"""Panes: each shows one aspect of a `core.view.View`."""
