"""How good the analyses of flows are, by labelled data and injected scenes."""
