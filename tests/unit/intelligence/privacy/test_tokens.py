from __future__ import annotations

import pytest

from kaname.intelligence.privacy.tokens import token, without_victims
from kaname.intelligence.records import Mention, Observation
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind as Kind

KEY, OTHER = b"k" * 32, b"o" * 32


def test_a_host_stays_the_same_for_its_member_alone() -> None:
    assert token(KEY, "pc-1") == token(KEY, "pc-1")
    assert token(KEY, "pc-1") != token(OTHER, "pc-1")
    assert token(KEY, "pc-1") != token(KEY, "pc-2")
    with pytest.raises(UsageError):
        token(b"short", "pc-1")


def test_no_name_of_a_victim_is_left() -> None:
    observation = Observation(
        id="o", source="edr", kind="process-network", at=1, received=1, tlp=Tlp.GREEN,
        mentions=(
            Mention(Kind.IP, "10.0.0.7", "host"),
            Mention(Kind.IP, "203.0.113.1", "dst"),
        ),
        body={"hostname": "pc-of-the-chief"},
    )  # fmt: skip
    hidden = without_victims(observation, KEY)
    assert hidden.mentions[0].value == token(KEY, "ip:10.0.0.7")
    assert hidden.mentions[1] == observation.mentions[1]
    assert hidden.body == {}
