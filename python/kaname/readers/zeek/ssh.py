"""``ssh.log`` -> table ``user_events``: one connection a row, with Zeek's guess of success."""

from __future__ import annotations

from kaname.readers.zeek.frame import Columns, LogFrame

__all__ = ["TABLE", "columns"]

TABLE = "user_events"


def columns(frame: LogFrame) -> Columns:
    """Rows of ``user_events``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return {
        **frame.ends(),
        "app": pa.repeat("ssh", frame.rows),
        "dport": frame.count("id.resp_p", pa.int32()),
        "result": pc.if_else(frame.flag("auth_success"), "success", "failure"),
        "ua": frame.text("client"),
    }
