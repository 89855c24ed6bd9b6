"""Sensors of the telescope: what each monitors since when, and what it sent."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of sensors, their prefixes, gaps, and deliveries."""
