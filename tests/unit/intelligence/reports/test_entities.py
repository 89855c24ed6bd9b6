"""Sentences as reports write them, and the names that people see in them: by hand."""

from __future__ import annotations

import pytest

from kaname.intelligence.reports import of_text
from kaname.intelligence.reports.entities import entities
from kaname.intelligence.reports.names import Names

NAMES = Names(
    (
        ("e1", "malware", "Emotet", "Emotet"),
        ("e2", "actor", "APT29", "APT29"),
        ("e2", "actor", "APT29", "Cozy Bear"),
        ("e2", "actor", "APT29", "コージーベア"),
        ("e3", "malware", "PlugX", "PlugX"),
        ("e4", "actor", "Play", "Play"),
        ("e5", "malware", "Chaos", "Chaos"),
        ("e6", "tool", "Mimikatz", "Mimikatz"),
        ("e7", "malware", "Poison Ivy", "PoisonIvy"),
        ("e8", "tool", "Net", "Net"),
        ("e9", "actor", "Lazarus Group", "Lazarus Group"),
    )
)
SENTENCES = (
    ("Emotet was seen again.", {"Emotet"}),
    ("APT-29 and apt 29 are one.", {"APT29"}),
    ("Cozy Bear used Mimikatz.", {"APT29", "Mimikatz"}),
    ("The Play ransomware group leaked data.", {"Play"}),
    ("Children play games; Play Store is a shop.", set()),
    ("Chaos in the market.", set()),
    ("The Chaos malware encrypts files.", {"Chaos"}),
    ("It runs net view and .NET code.", set()),
    ("Poison Ivy, also PoisonIvy, is old.", {"Poison Ivy"}),
    ("The Lazarus Group returned.", {"Lazarus Group"}),
    ("APT123 targets banks.", {"APT123"}),
    ("UNC4841 exploited the device.", {"UNC4841"}),
    ("Attackers deployed Foo Stealer.", {"Foo Stealer"}),
    ("A backdoor dubbed PigBoat was found.", {"PigBoat"}),
    ("A new ransomware family called DarkFoo spreads.", {"DarkFoo"}),
    ("It installs the BarLoader downloader.", {"BarLoader"}),
    ("This malware is new. The group is known.", set()),
    ("Android malware and Windows backdoors are common.", set()),
    ("Emotetの感染が再び拡大している。", {"Emotet"}),
    ("ＥＭＯＴＥＴに感染した。", {"Emotet"}),
    ("コージーベアが関与したとみられる。", {"APT29"}),
    ("攻撃者はPlugXを設置した。", {"PlugX"}),
    ("「FooBar」と呼ばれるマルウェアを確認した。", {"FooBar"}),
    ("マルウェア「BazQux」が使われた。", {"BazQux"}),
    ("ランサムウェアグループDarkFooが犯行声明を出した。", {"DarkFoo"}),
    ("攻撃グループ「Blue Raven」による攻撃。", {"Blue Raven"}),
    ("Quxランサムウェアに感染した。", {"Qux"}),
    ("APTグループAPT123の活動。", {"APT123"}),
    ("Playという犯行グループの声明。", {"Play"}),
    ("動画をPlayボタンで再生する。", set()),
    ("WindowsのPowerShellを使用する。", set()),
    ("新たなマルウェアを確認した。", set()),
)


@pytest.mark.parametrize(("text", "expected"), SENTENCES, ids=[text for text, _ in SENTENCES])
def test_names_are_found_as_people_see_them(text: str, expected: set[str]) -> None:
    document = of_text(text, "a.txt")
    found = entities(document.sentences, NAMES)
    assert {one.name for one in found} == expected


def test_places_are_those_of_the_text() -> None:
    text = "最初の文。ＡＰＴ２９がEmotetを使う。"
    document = of_text(text, "a.txt")
    found = entities(document.sentences, NAMES)
    assert [text[one.start : one.end] for one in found] == ["ＡＰＴ２９", "Emotet"]
