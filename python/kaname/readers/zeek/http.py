"""``http.log`` -> table ``user_events``: one request a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.readers.zeek.frame import Columns, LogFrame

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TABLE", "columns"]

TABLE = "user_events"


def columns(frame: LogFrame) -> Columns:
    """Rows of ``user_events``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from kaname.readers.domains import registered_all

    domain = pc.replace_substring_regex(pc.utf8_lower(frame.text("host")), r":[0-9]+$", "")
    return {
        **frame.ends(),
        "app": pa.repeat("web", frame.rows),
        "dport": frame.count("id.resp_p", pa.int32()),
        "method": frame.text("method"),
        "url": _url(frame),
        "domain": domain,
        "regdom": registered_all(domain),
        "status": frame.integer("status_code", pa.int32()),
        "octets_in": frame.integer("response_body_len"),
        "octets_out": frame.integer("request_body_len"),
        "ua": frame.text("user_agent"),
        "referrer": frame.text("referrer"),
        "user": frame.text("username"),
        "mime": _first(frame.texts("resp_mime_types")),
    }


def _url(frame: LogFrame) -> pa.Array:
    """Host and path put together; a proxy request has its URL whole."""
    import pyarrow.compute as pc

    host, uri = frame.text("host"), frame.text("uri")
    port = frame.count("id.resp_p")
    plain = pc.or_(pc.equal(port, 80), pc.match_substring_regex(host, r":[0-9]+$"))
    suffix = pc.if_else(plain, "", pc.binary_join_element_wise(":", port.cast("string"), ""))
    whole = pc.binary_join_element_wise("http://", host, suffix, uri, "")
    absolute = pc.match_substring_regex(uri, r"^[a-zA-Z][a-zA-Z0-9+.-]*://")
    return pc.if_else(pc.or_(absolute, pc.is_null(host)), uri, whole)


def _first(lists: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    there = pc.fill_null(pc.greater(pc.list_value_length(lists), 0), False)
    return pc.list_element(pc.if_else(there, lists, pa.scalar([None], pa.list_(pa.string()))), 0)
