"""Analyses: pure functions from tables of the lake to findings, and what runs them.

An analysis (`frame`) is given the rows of one window and says what it found as drafts.
The runner (`runner`) finds the windows whose rows changed, turns drafts into findings
with evidence (`evidence`), and replaces what was said of the window in one step.
"""
