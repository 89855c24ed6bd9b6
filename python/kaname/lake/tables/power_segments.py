"""``power_segments``: what a device did, as its power shows it: a row per sleep and burst.

``ts`` is the beginning. ``fleet`` names devices that are alike, so that they can be compared.
Scores are there where a profile of normal behaviour was at hand when the row was made.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention


def _score(name: str, en: str, ja: str) -> Column:
    return _C(
        name,
        _K.FLOAT64,
        f"how unusual {en} is, as percentile of normal behaviour (0 to 100)",
        f"{ja}の異常度(正常時の百分位、0〜100)",
        Encoding.SPLIT,
        nullable=True,
    )


TABLE = Table(
    name="power_segments",
    version=1,
    en="Sleep and active segments of devices, by their power",
    ja="電力から見た機器のスリープ・動作区間",
    order=("ts", "device", "mode"),
    mentions=(_M("host", ("device",)),),
    columns=(
        _C("device", _K.LABEL, "device", "機器"),
        _C("fleet", _K.LABEL, "group of devices of the same kind", "同種の機器の群"),
        _C("mode", _K.LABEL, "sleep or active", "sleep または active"),
        _C("duration_us", _K.INT64, "duration, microseconds", "継続時間(マイクロ秒)",
           Encoding.SPLIT),
        _C("energy_uj", _K.INT64, "energy (of a burst: above the base), microjoules",
           "エネルギー(動作区間は基準電力を除く、マイクロジュール)", Encoding.SPLIT),
        _C("mean_mw", _K.FLOAT64, "mean power, mW", "平均電力(mW)", Encoding.SPLIT),
        _C("peak_mw", _K.FLOAT64, "highest power, mW", "最大電力(mW)", Encoding.SPLIT),
        _C("base_mw", _K.FLOAT64, "power of the sleep around it, mW",
           "前後のスリープ時の電力(mW)", Encoding.SPLIT),
        _C("level_mw", _K.FLOAT64, "typical (median) power above the base, mW",
           "基準電力を超える分の代表値(中央値、mW)", Encoding.SPLIT),
        _C("shape", _K.INT16_LIST,
           "means of 64 equal parts of a burst above the base, in thousandths of their mean",
           "動作区間を 64 等分した平均電力(基準との差、全体の平均を 1000 とする)"),
        _C("whole", _K.BOOL, "whether no gap and no end of the trace cut it",
           "欠測や記録の端で切れていないか"),
        _C("rate_hz", _K.FLOAT64, "samples per second of the trace", "標本化周波数(Hz)"),
        _score("score_energy", "the energy", "エネルギー"),
        _score("score_duration", "the duration", "継続時間"),
        _score("score_shape", "the shape or the waveform", "波形"),
        _score("score_rate", "the time of its coming, or what came before it",
               "発生時刻・直前の動作との順序"),
        _score("score", "the whole", "総合"),
        _C("anomaly", _K.BOOL, "whether the profile calls it an anomaly",
           "プロファイルが異常とみなしたか"),
        _C("fired", _K.LABEL, "what makes it an anomaly (see the manual), empty where nothing does",
           "異常の根拠(マニュアル参照、異常でなければ空)"),
        _C("application", _K.LABEL, "cluster of bursts that it is nearest to",
           "最も近い動作のクラスター"),
        _C("profile", _K.LABEL, "profile that gave the scores", "異常度を求めたプロファイル"),
    ),
)  # fmt: skip
