"""ATT&CK techniques in sentences of reports: a learned mapper that says why.

Two steps. A linear model over hashed grams gives each sentence a value for each class.
What the best sentences of a report say together decides for the report (`decision`). Both
are trained by a command from public data (`training`) and shipped as one small file.
"""

from __future__ import annotations

from kaname.intelligence.attack.mapper import Mapper, TechniqueClaim, techniques

__all__ = ["Mapper", "TechniqueClaim", "techniques"]
