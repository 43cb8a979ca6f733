"""The browser of saved threads: the list, the inbox of pending questions, and what is done with threads from there."""
