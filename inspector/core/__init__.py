"""The pure core: events, values, the run model. Imports neither Textual nor LangGraph nor LangChain."""
