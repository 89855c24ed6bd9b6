"""Statistics of a telescope: packets and hosts along time, and who, whence and what for.

`stats` answers `Asked` with `Answer`. Days and months are counted from the rows that
derivations keep (`source_days`, `port_days`), shorter times from flowtuples. Hosts are
distinct sources of the time they are told of, never sums over finer times.
"""

from kaname.telescope.stats.answer import Answer, Asked, Bin, Cell, Ranking
from kaname.telescope.stats.asking import BINS, BY, stats
from kaname.telescope.stats.monitored import registry_of

__all__ = ["BINS", "BY", "Answer", "Asked", "Bin", "Cell", "Ranking", "registry_of", "stats"]
