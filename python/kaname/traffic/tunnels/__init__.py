"""Data carried inside DNS questions and answers."""
