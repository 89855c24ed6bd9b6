"""Labelled gate-level designs of our own, clean and with Trojans, to learn and to test on.

Everything is generated: hosts from parametrised blocks, cells by technology mapping with
changing tastes, Trojans by the classes of the published taxonomies. No public benchmark is
copied, so that what is trained on this may be shipped.
"""

from __future__ import annotations

from kaname.hardware.netlist.corpus.labelled import Labelled, generate, labelled
from kaname.hardware.netlist.corpus.making import Mixture

__all__ = ["Labelled", "Mixture", "generate", "labelled"]
