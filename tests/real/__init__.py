"""Agents that others wrote, and the clients of model providers: what the inspector says of them."""
