"""Rewriting a Trojan into other gates of the same function, to measure and to harden a detector.

What a detector learns of a Trojan can be the form of its gates rather than its function. A
verifier finds out by rewriting the Trojans of labelled designs (Nozawa et al., JIP 29, 2021):
at random, which gives copies to train on, or guided by the detector's own scores, which shows
the worst that such rewriting does. Each rewritten design is proved equal to the first.
"""

from kaname.hardware.netlist.adversarial.proving import Proof, equal
from kaname.hardware.netlist.adversarial.rewriting import Rewritten, copies, rewrite
from kaname.hardware.netlist.adversarial.robustness import Robustness, robustness

__all__ = ["Proof", "Rewritten", "Robustness", "copies", "equal", "rewrite", "robustness"]
