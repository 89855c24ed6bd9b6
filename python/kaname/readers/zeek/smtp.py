"""``smtp.log`` -> table ``mail``: what was seen of a message on the wire, without bodies."""

from __future__ import annotations

from email.utils import parseaddr

from kaname.readers.zeek.frame import Columns, LogFrame, each_distinct

__all__ = ["TABLE", "columns"]

TABLE = "mail"


def columns(frame: LogFrame) -> Columns:
    """Rows of ``mail``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    sender = pc.fill_null(frame.text("from"), "")
    address = each_distinct(sender, lambda text: parseaddr(text)[1].lower(), pa.string())
    return {
        **frame.ends(),
        "from_addr": address,
        "from_dom": each_distinct(address, lambda text: text.rpartition("@")[2], pa.string()),
        "from_name": each_distinct(sender, lambda text: parseaddr(text)[0] or None, pa.string()),
        "env_from": frame.text("mailfrom"),
        "rcpt": frame.texts("rcptto"),
        "helo": frame.text("helo"),
        "subject": pc.fill_null(frame.text("subject"), ""),
        "msgid": frame.text("msg_id"),
    }
