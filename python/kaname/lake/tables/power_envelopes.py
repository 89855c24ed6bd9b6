"""``power_envelopes``: lowest, mean and highest power of a device in each second."""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="power_envelopes",
    version=1,
    en="Power of devices per second",
    ja="機器の 1 秒ごとの電力",
    order=("ts", "device"),
    mentions=(_M("host", ("device",)),),
    columns=(
        _C("device", _K.LABEL, "device", "機器"),
        _C("fleet", _K.LABEL, "group of devices of the same kind", "同種の機器の群"),
        _C("low_mw", _K.FLOAT64, "lowest power, mW", "最小電力(mW)", Encoding.SPLIT),
        _C("mean_mw", _K.FLOAT64, "mean power, mW", "平均電力(mW)", Encoding.SPLIT),
        _C("high_mw", _K.FLOAT64, "highest power, mW", "最大電力(mW)", Encoding.SPLIT),
        _C("samples", _K.INT32, "samples in the second", "その秒の標本数", Encoding.SPLIT),
    ),
)  # fmt: skip
