"""Names that no dictionary knows, by how texts introduce them.

Each rule is (type, expression with the name as its first group). Japanese reports quote a
new name or put what it is before it; English ones put what it is behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["introduced"]

_NAME = r"[A-Za-z][A-Za-z0-9.+_-]*[A-Za-z0-9](?: [A-Z0-9][A-Za-z0-9]*){0,2}"
_CAPITAL = r"[A-Z][A-Za-z0-9]*[A-Za-z0-9-]*(?: [A-Z][A-Za-z0-9]+)?"
_MALWARE_JA = (
    r"(?:マルウェア|ランサムウェア|バックドア|ローダー|トロイの木馬|ボット(?:ネット)?|ワーム"
    r"|スパイウェア"
    r"|情報窃取型マルウェア|インフォスティーラー|ダウンローダー?|ワイパー)"
)
_GROUP_JA = (
    r"(?:ランサムウェア(?:攻撃)?グループ|攻撃グループ|APTグループ|ハッカー(?:集団|グループ)"
    r"|脅威アクター|攻撃者グループ"
    r"|サイバー犯罪(?:集団|グループ|組織)|攻撃組織|標的型攻撃グループ)"
)
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "actor",
        re.compile(
            r"(?<![A-Za-z0-9])((?:APT|UNC|TA|FIN|G0|UAC-|UAT-|DEV-|Storm-|TAG-|CL-STA-"
            r"|BRONZE )\d{2,4})(?!\d)"
        ),
    ),
    ("actor", re.compile(rf"{_GROUP_JA}(?:である|の)?[「『\"(（]?({_NAME})")),
    ("actor", re.compile(rf"({_NAME})[」』\"]?(?:と呼ばれる|という|として知られる)?{_GROUP_JA}")),
    (
        "malware",
        re.compile(
            rf"[「『\"]({_NAME})[」』\"](?:と呼ばれる|という"
            rf"|と名付けられた)[^。]{{0,8}}?{_MALWARE_JA}"
        ),
    ),
    ("malware", re.compile(rf"{_MALWARE_JA}(?:である|の)?[「『\"]({_NAME})[」』\"]")),
    ("malware", re.compile(rf"(?:マルウェア|ランサムウェア|バックドア)({_NAME})(?![A-Za-z])")),
    ("malware", re.compile(rf"({_NAME}) ?{_MALWARE_JA}")),
    (
        "malware",
        re.compile(
            rf"(?<![A-Za-z0-9-])({_CAPITAL}(?: (?:RAT|Stealer|Loader|Locker|Wiper|Bot|Clipper"
            rf"|Miner|Keylogger)))(?![A-Za-z])"
        ),
    ),
    (
        "malware",
        re.compile(
            rf"(?<![A-Za-z0-9-])({_CAPITAL}) (?:ransomware|malware|backdoor|trojan|botnet"
            rf"|infostealer|stealer|wiper|loader"
            r"|downloader|dropper|rootkit|worm|spyware|implant)(?![A-Za-z])"
        ),
    ),
    (
        "malware",
        re.compile(
            rf"(?:malware|backdoor|ransomware|trojan|implant|loader|family|stealer"
            rf"|botnet)(?: family)?,? "
            rf"(?:called|named|dubbed|known as|tracked as) [\"'\u201c]?({_CAPITAL})"
        ),
    ),
    (
        "actor",
        re.compile(
            rf"(?:actor|group|adversary|gang|cluster)s?,? (?:called|named|dubbed|known as"
            rf"|tracked as) [\"'\u201c]?({_CAPITAL})"
        ),
    ),
    (
        "actor",
        re.compile(rf"(?<![A-Za-z0-9-])({_CAPITAL}) (?:APT|group|gang|threat actors?)(?![A-Za-z])"),
    ),
)
# Words that begin a sentence or say of what sort something is; names of platforms.
_NONE = frozenset(
    [
        "the",
        "this",
        "that",
        "these",
        "those",
        "a",
        "an",
        "new",
        "our",
        "their",
        "its",
        "his",
        "her",
        "such",
        "other",
        "another",
        "each",
        "every",
        "some",
        "any",
        "all",
        "more",
        "most",
        "android",
        "windows",
        "linux",
        "macos",
        "mac",
        "ios",
        "microsoft",
        "google",
        "apple",
        "java",
        "python",
        "powershell",
        "remote",
        "banking",
        "mobile",
        "custom",
        "open",
        "source",
        "advanced",
        "known",
        "unknown",
        "first",
        "second",
        "third",
        "final",
        "main",
        "same",
        "legitimate",
        "malicious",
        "criminal",
        "hacker",
        "hacking",
        "threat",
        "cyber",
        "russian",
        "chinese",
        "iranian",
        "north",
        "korean",
        "israeli",
        "indian",
        "vietnamese",
        "pakistani",
        "turkish",
        "state",
        "nation",
        "iot",
        "apt",
        "rat",
        "malware",
        "ransomware",
        "backdoor",
        "trojan",
        "unix",
        "web",
        "email",
        "php",
        "net",
        "visual",
        "based",
        "basic",
        "multi",
        "cross",
        "anti",
        "security",
        "user",
        "admin",
        "local",
        "domain",
        "active",
        "working",
        "expert",
        "research",
        "analysis",
        "target",
        "control",
        "command",
        "access",
        "data",
        "as",
        "in",
        "on",
        "of",
        "for",
        "and",
        "or",
        "with",
        "by",
        "from",
        "to",
        "when",
        "while",
        "if",
        "after",
        "before",
        "also",
        "however",
        "both",
        "one",
        "two",
        "three",
        "several",
        "many",
        "raas",
        "maas",
        "double",
        "poc",
        "pc",
        "dll",
        "exe",
        "http",
        "https",
        "ddos",
        "dos",
        "ai",
        "it",
        "os",
        "c2",
        "cve",
        "ioc",
        "edr",
        "vpn",
    ]
)


def introduced(text: str) -> Iterator[tuple[str, str, int, int]]:
    """(type, name, start, end) of what is introduced as malware or an actor."""
    for kind, rule in _RULES:
        for match in rule.finditer(text):
            start, end = match.span(1)
            while (blank := text.find(" ", start, end)) >= 0 and text[start:blank].lower() in _NONE:
                start = blank + 1
            name = text[start:end]
            if name.lower() not in _NONE and len(name) > 2 and not name.isdigit():
                yield kind, name, start, end
