"""``ssl.log`` -> table ``tls``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.readers.zeek.frame import Columns, LogFrame

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TABLE", "columns"]

TABLE = "tls"
_SHA256 = r"^[0-9a-f]{64}$"


def columns(frame: LogFrame) -> Columns:
    """Rows of ``tls``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return {
        **frame.ends(),
        "sport": frame.count("id.orig_p", pa.int32()),
        "dport": frame.count("id.resp_p", pa.int32()),
        "sni": pc.utf8_lower(frame.text("server_name")),
        "version": frame.text("version"),
        "cipher": frame.text("cipher"),
        "ja3": frame.text("ja3"),
        "ja3s": frame.text("ja3s"),
        "ja4": frame.text("ja4"),
        "subject": frame.text("subject"),
        "issuer": frame.text("issuer"),
        "cert_sha256": _certificate(frame),
        "established": frame.flag("established"),
        "validation": frame.text("validation_status"),
    }


def _certificate(frame: LogFrame) -> pa.Array:
    """The fingerprint of the server's own certificate, which is the first of the chain."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chain = frame.texts("cert_chain_fps")
    there = pc.fill_null(pc.greater(pc.list_value_length(chain), 0), False)
    whole = pc.if_else(there, chain, pa.scalar([None], pa.list_(pa.string())))
    first = pc.utf8_lower(pc.list_element(whole, 0))
    fits = pc.match_substring_regex(first, _SHA256)
    return pc.if_else(fits, first, pa.scalar(None, pa.string()))
