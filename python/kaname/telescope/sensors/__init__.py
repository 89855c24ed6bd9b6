"""Sensors elsewhere: minutes that they capture, on their way to a nexus, each once.

A sensor captures and aggregates where it stands (`kaname.readers.live`), keeps what it has
in a spool (`outbox`), and delivers it with its token (`courier`); the nexus checks what it
is given as if it came from an enemy (`package`) and commits it (`receiving`). `gaps` says
of what times a sensor says nothing.
"""
