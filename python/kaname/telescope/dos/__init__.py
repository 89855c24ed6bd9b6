"""Denial of service, seen by the answers of its victims.

A flood with forged sources makes its victim answer to addresses all over the Internet, and
so to some of the telescope's. ``answers`` reduces flowtuples to the minutes in which each
victim answered, ``events`` cuts these into attacks with their estimated rates, ``corsaro``
reads the attacks that the capture reader has found by the rules of CAIDA's corsaro3, and
``evaluation`` holds both against truth.
"""

from __future__ import annotations
