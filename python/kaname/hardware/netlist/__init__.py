"""Gate-level netlists: read, described, judged, and attacked to see how well the judge holds."""
