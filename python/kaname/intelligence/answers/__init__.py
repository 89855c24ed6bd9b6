"""Answers about artifacts, put together from the store, the lists and what is known."""
