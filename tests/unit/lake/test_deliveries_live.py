"""What the health of sources says of live input: that it is live, and what was lost."""

from __future__ import annotations

from pathlib import Path

from kaname.lake import Lake
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.rows import Rows


def put(lake: Lake, number: int, path: str, bad: int, lost: int) -> None:
    job = ReadJob(path=None, sensor="edge", tlp=Tlp.GREEN, batch=1)
    rows = Rows("user_events", "syslog", job)
    for _ in range(10 - bad):
        rows.add(ts=now_us(), row_in_src=0, app="other")
        job.report.count("message")
    for _ in range(bad):
        job.report.bad(0, "no_envelope", "none")
    job.report.notes["lost_kernel"] = lost
    with lake.writer(
        identity=f"{number << 200:064x}", path=path, size=1, sensor="edge", tlp=Tlp.GREEN,
        reader="syslog", reader_version=1,
    ) as writer:  # fmt: skip
        writer.write(*rows.take())
        writer.commit(job.report)


def test_live_batches_are_told_from_files_and_their_losses_summed(tmp_path: Path) -> None:
    with Lake.open(tmp_path) as lake:
        put(lake, 1, "/logs/auth.log", bad=0, lost=0)
        (before,) = lake.deliveries(now_us())
        put(lake, 2, "live:syslog:udp://127.0.0.1:5514", bad=5, lost=7)
        (after,) = lake.deliveries(now_us())
    assert (before.live, before.bad_share, before.lost) == (False, 0.0, {})
    assert (after.live, after.bad_share, after.lost) == (True, 0.25, {"lost_kernel": 7})
