"""``crypto_inventories``: one row per inventory of cryptography that was brought in.

``ts`` is when it was taken, as the document says. A verdict stands in no row: lists change,
and the same inventory is judged for another year. What was found is in ``crypto_assets``.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="crypto_inventories",
    version=1,
    en="Inventories of cryptography in use (CBOMs)",
    ja="使用中の暗号のインベントリー(CBOM)",
    order=("ts", "inventory"),
    mentions=(_M("sha256", ("inventory",)),),
    columns=(
        _C("inventory", _K.STRING, "SHA-256 of the document's bytes", "文書の SHA-256"),
        _C("name", _K.STRING, "what it is an inventory of", "インベントリーの対象"),
        _C("format", _K.STRING, "format and its version", "形式と版"),
        _C("tool", _K.STRING, "what made it", "作成したツール"),
        _C("items", _K.INT64, "things that were found", "検出した項目の数", Encoding.SPLIT),
        _C("places", _K.INT64, "distinct locations", "異なる場所の数", Encoding.SPLIT),
        _C("unread", _K.INT64, "of the items, those that are damaged or locked",
           "うち破損またはロックのため読めなかった項目の数"),
        _C("skipped", _K.INT64, "components of the document that could not be read",
           "文書のうち読めなかったコンポーネントの数"),
    ),
)  # fmt: skip
