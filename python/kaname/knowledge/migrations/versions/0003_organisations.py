"""Organisations of the telescope: what they own, whom to tell, and what they were told."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of organisations, their alerts and the notices of these."""
