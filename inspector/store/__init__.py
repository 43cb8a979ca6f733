"""Files: LangGraph's checkpoint file read-only, and what the inspector remembers itself."""
