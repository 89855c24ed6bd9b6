from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from kaname.intelligence.records import Observation
from kaname.intelligence.reports import analyse, of_text
from kaname.intelligence.reports.desk import Desk
from kaname.intelligence.reports.names import Names
from kaname.intelligence.reports.reading import observation, report_of
from kaname.intelligence.reports.techniques import techniques
from kaname.knowledge import Knowledge
from kaname.knowledge.report_records import Report, ReportDecision
from kaname.model.marking import Tlp

NAMES = Names((("m1", "malware", "Emotet", "Emotet"), ("a1", "actor", "APT29", "APT29")))
TEXT = """# Emotet again

APT29 uses Emotet. Emotet connects to hxxps://evil[.]example/a over HTTPS.
Persistence is by a scheduled task (T1053.005).

## References
- https://www.example.org/post
"""


def report() -> Report:
    document = of_text(TEXT, "a.md")
    reading = analyse(document, NAMES)
    return report_of(document, TEXT.encode(), reading, received=7, tlp=Tlp.GREEN, source="report:x")


def test_relations_have_the_sentence_that_states_them() -> None:
    found = report().reading.relations
    stated = {(one.a, one.how, one.b): TEXT[one.start : one.end] for one in found}
    assert stated["actor:APT29", "uses", "malware:Emotet"] == "APT29 uses Emotet."
    key = ("malware:Emotet", "communicates-with", "url:https://evil.example/a")
    assert stated[key].startswith("Emotet connects")


def test_a_japanese_verb_stands_behind_both() -> None:
    text = "攻撃グループAPT29はEmotetを使用した。Emotetは198[.]51[.]100[.]7と通信する。"
    found = analyse(of_text(text, "a.txt"), NAMES).relations
    assert {(one.a, one.how, one.b) for one in found} >= {
        ("actor:APT29", "uses", "malware:Emotet"),
        ("malware:Emotet", "communicates-with", "ip:198.51.100.7"),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Uses T1059.001.", "T1059.001"),
        ("The payload is obfuscated.", "T1027"),
        ("It creates a scheduled task.", "T1053.005"),
        ("コードは難読化されている。", "T1027"),
        ("内部で横展開を行う。", "T1021"),
        ("スタートアップフォルダに登録する。", "T1547.001"),
        ("ボリュームシャドウコピーを削除する。", "T1490"),
        ("フィッシングメールを送る。", "T1566"),
    ],
)
def test_words_of_both_languages_stand_for_techniques(text: str, expected: str) -> None:
    document = of_text(text, "a.txt")
    claims = {one.id: one for one in techniques(document.sentences, document.language)}
    assert expected in claims
    assert claims[expected].reasons


def test_a_report_is_evidence_and_links_are_no_part_of_it() -> None:
    said = observation(report())
    roles = {(one.kind.value, one.value): one.role for one in said.mentions}
    assert roles["url", "https://evil.example/a"] == "listed"
    assert roles["url", "https://www.example.org/post"] == "reference"
    assert said.kind == "report"
    assert said.weight < 0.5
    assert said.body["report"] == report().id


def test_what_was_declined_is_not_said_and_what_was_accepted_weighs_more() -> None:
    one = report()
    index = next(i for i, a in enumerate(one.reading.artifacts) if a.kind.value == "url")
    declined = msgspec.structs.replace(
        one, reading=one.reading.decided("artifact", index, "declined")
    )
    accepted = msgspec.structs.replace(
        one, reading=one.reading.decided("artifact", index, "accepted")
    )
    assert all(m.kind.value != "url" or m.role != "listed" for m in observation(declined).mentions)
    listed = [m.value for m in observation(accepted).mentions if m.role == "listed"]
    assert listed == ["https://evil.example/a"]
    assert observation(accepted).weight > 0.5
    assert len({observation(x).id for x in (one, declined, accepted)}) == 3


class _Fusion:
    """Keeps what the desk hands over, as the store does."""

    def __init__(self) -> None:
        self.standing: dict[str, Observation] = {}

    def absorb(self, observations: Sequence[Observation]) -> None:
        self.standing |= {one.id: one for one in observations}

    def retract(self, ids: Sequence[str]) -> None:
        for key in ids:
            del self.standing[key]


def test_the_desk_says_a_report_once_and_again_after_a_decision(tmp_path: Path) -> None:
    knowledge = Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite")
    fusion = _Fusion()
    desk = Desk(knowledge, fusion)
    first, fresh = desk.take(TEXT.encode(), "a.md", tlp=Tlp.GREEN, source="x")
    _, again = desk.take(TEXT.encode(), "b.md", tlp=Tlp.GREEN, source="x")
    assert (fresh, again) == (True, False)
    assert list(fusion.standing) == [first.observation]
    index = next(i for i, a in enumerate(first.reading.artifacts) if a.kind.value == "url")
    one = ReportDecision(what="artifact", index=index, choice="accepted", by="a", at=1)
    moved = desk.decide(first.id, [one])
    assert list(fusion.standing) == [moved.observation] != [first.observation]
