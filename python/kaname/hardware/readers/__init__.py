"""Readers of hardware's sources: netlists with their verdicts, power traces with their segments."""
