"""Files: LangGraph's checkpoint file (read-only), remembered inputs, recordings."""
