"""Sharing: who gets what, who agreed to it, and the ways out.

Nothing is published that nobody decided on: an analyst approves it, or a rule that the
operator set does. What leaves is derived anew from what the audience may see; a decision
opens the door for an artifact, never for the evidence behind it.
"""

from __future__ import annotations
