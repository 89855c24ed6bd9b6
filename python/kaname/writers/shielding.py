"""The shield of a data folder: its key, and what its registries call dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.model.pseudonym import Pseudonyms, key_of
from kaname.writers.shield import Shield

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["dark_prefixes", "shield_of"]


def shield_of(data: Path, knowledge: Knowledge) -> Shield:
    """What hides the unused addresses that ``knowledge`` has registered, with the folder's key.

    Prefixes stay hidden after they are no longer monitored: what they once saw still names
    them.

    Raises:
        UsageError: the file of the key is damaged.
    """
    return Shield(Pseudonyms(key_of(data)), dark_prefixes(knowledge))


def dark_prefixes(knowledge: Knowledge) -> Iterator[str]:
    """Prefixes that sensors monitor or monitored, and those that organisations leave unused."""
    from kaname.knowledge.organisations import Organisations
    from kaname.knowledge.sensors import Sensors

    for monitored in knowledge.part(Sensors).registry().sensors.values():
        yield from (one.prefix for one in monitored)
    for organisation in knowledge.part(Organisations).organisations():
        yield from organisation.dark
