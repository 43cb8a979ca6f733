"""The two themes of the app, dark and light: quiet surfaces, and one colour for each thing that matters.

`accent` is now, `warning` is waiting for somebody, `error` is failed, `success` is changed or added, `primary` is
where the keyboard is. Everything else is foreground or muted. No colour says anything alone: a symbol and a word
go with it.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="inspector-dark",
    primary="#5c9ded",
    secondary="#8b97a8",
    accent="#3fc9c0",
    warning="#e8b34b",
    error="#f0717a",
    success="#86c96b",
    foreground="#d7dde5",
    background="#0e1116",
    surface="#0e1116",
    panel="#1b212a",
    boost="#ffffff0a",
    variables={
        "border": "#5c9ded",
        "border-blurred": "#2b333f",
        "scrollbar": "#39424f",
        "scrollbar-hover": "#4d5868",
        "scrollbar-active": "#5c9ded",
        "scrollbar-background": "#0e1116",
        "scrollbar-background-hover": "#0e1116",
        "scrollbar-background-active": "#0e1116",
        "scrollbar-corner-color": "#0e1116",
        "text-muted": "#8b97a8",
        "text-disabled": "#5b6675",
        "input-selection-background": "#5c9ded 35%",
        "block-cursor-text-style": "bold",
    },
)

LIGHT = Theme(
    name="inspector-light",
    primary="#1f5fb8",
    secondary="#5d6875",
    accent="#00807a",
    warning="#9a6200",
    error="#c0303c",
    success="#2f7d1f",
    foreground="#1c2229",
    background="#fbfbf9",
    surface="#fbfbf9",
    panel="#eceae4",
    boost="#0000000a",
    dark=False,
    variables={
        "border": "#1f5fb8",
        "border-blurred": "#cfcbc1",
        "scrollbar": "#c3beb2",
        "scrollbar-hover": "#a9a395",
        "scrollbar-active": "#1f5fb8",
        "scrollbar-background": "#fbfbf9",
        "scrollbar-background-hover": "#fbfbf9",
        "scrollbar-background-active": "#fbfbf9",
        "scrollbar-corner-color": "#fbfbf9",
        "text-muted": "#5d6875",
        "text-disabled": "#9aa0a8",
        "input-selection-background": "#1f5fb8 25%",
        "block-cursor-text-style": "bold",
    },
)

THEMES = (DARK, LIGHT)
