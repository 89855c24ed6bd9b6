"""Names as they are asked for: which of them say something, and what they imitate."""
