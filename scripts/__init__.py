"""Programs of the repository itself: they build, check and document kaname."""
