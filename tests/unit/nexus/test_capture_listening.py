"""A folder among the places of ``listen_to`` is read as one stream."""

from __future__ import annotations

import time
from pathlib import Path

from tests.unit.readers.live.test_rotation import PACKETS, rows, whole, write

from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.nexus.listeners import Listeners, places


def test_a_folder_goes_on_where_it_was_left(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    with Lake.open(tmp_path / "data") as lake:
        for number in range(3):
            write(folder, f"{number}.pcap", PACKETS[number * 300 : number * 300 + 300])
            group = Listeners(
                lake, places([f"capture={folder}?sensor=rotated&tlp=green"]), sensor="here",
                tlp=Tlp.RED, every_s=0.1,
            )  # fmt: skip
            group.start()
            until = time.monotonic() + 10
            while time.monotonic() < until and group.standings()[0].bytes == 0:
                time.sleep(0.05)
            time.sleep(0.5)
            group.stop()
        (standing,) = group.standings()
        assert (standing.listener, standing.sensor) == ("capture", "rotated")
        assert (tmp_path / "data" / "streams").is_dir()
        # all but the minutes that are open are there, once, and none of them is cut
        seen, all_rows = rows(lake), whole(lake, folder)
        assert 0 < len(seen) < len(all_rows)
        assert all(row in all_rows for row in seen)
        assert {source.tlp for source in lake.sources() if source.sensor == "rotated"} == {
            Tlp.GREEN
        }
