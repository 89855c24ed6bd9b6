"""STIX patterns (2.1, section 9): read, asked for their artifacts, matched."""

from kaname.intelligence.stix.patterns.artifacts import PatternArtifact, artifacts
from kaname.intelligence.stix.patterns.matching import Observed, matches
from kaname.intelligence.stix.patterns.parsing import parse
from kaname.intelligence.stix.patterns.tokens import PatternError

__all__ = ["Observed", "PatternArtifact", "PatternError", "artifacts", "matches", "parse"]
