"""Sensors elsewhere: rows on their way to a nexus, each once, whatever is observed.

What may be delivered is said by a `form`. A sensor keeps what it has in a spool (`outbox`)
and delivers it with its token (`courier`); the nexus checks what it is given as if it came
from an enemy (`package`) and commits it (`receiving`).
"""
