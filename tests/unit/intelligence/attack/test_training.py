from __future__ import annotations

import json
from pathlib import Path

import pytest

from kaname.intelligence.attack import Mapper
from kaname.intelligence.attack.training import train
from kaname.model.errors import UsageError

LABELS = ["T1003.001", "T1486"]
SAYS = {
    "T1003.001": "The {0} tool dumps credentials from lsass memory on host {0}.",
    "T1486": "The {0} ransomware encrypts files and asks for money in note {0}.",
}
PLAIN = "Company {0} published a long report about its quarterly figures number {0}."


def corpus(folder: Path, count: int) -> Path:
    """Reports that show one class, the other, both or none in turn."""
    lines = []
    for number in range(count):
        shown = [label for bit, label in enumerate(LABELS) if number >> bit & 1]
        text, spans = "", []
        for label in shown:
            sentence = SAYS[label].format(f"x{number}")
            spans.append([len(text), len(text) + len(sentence), label])
            text += sentence + "\n"
        text += PLAIN.format(number)
        lines.append(json.dumps({"file": str(number), "text": text, "spans": spans}))
    path = folder / "reports.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_what_was_learned_is_found_in_what_was_not_seen(tmp_path: Path) -> None:
    path = corpus(tmp_path, 40)
    made = train([path], LABELS, "tiny")
    assert made.measures["f1_reports"] == 1.0
    mapper = Mapper(made.data)
    assert mapper.card.name == "tiny"
    claim = mapper.techniques(["It dumps credentials from lsass memory.", "Good morning all."])[0]
    assert (claim.id, claim.sentence) == ("T1003.001", 0)
    assert train([path], LABELS, "tiny").data == made.data


def test_too_few_reports_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        train([corpus(tmp_path, 3)], LABELS, "tiny")
