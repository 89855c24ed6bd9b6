"""Sensors elsewhere: minutes that they capture, on their way to a nexus, each once.

A sensor captures and aggregates where it stands (`kaname.readers.live`) and delivers what
`minutes` says in the way of `kaname.readers.deliveries`. `gaps` says of what times a sensor
says nothing.
"""
