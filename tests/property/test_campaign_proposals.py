"""What holds of proposals of campaigns whatever was observed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.intelligence.fusion.campaigns import propose
from kaname.intelligence.fusion.links import Node, gather
from kaname.intelligence.fusion.partition import Partition
from kaname.intelligence.fusion.policy import ROLES
from kaname.intelligence.records import Mention, Observation
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

KINDS = (ArtifactKind.IP, ArtifactKind.DOMAIN, ArtifactKind.URL, ArtifactKind.HASH)
NODES = [Node(kind, f"{kind}-{n}") for kind in KINDS for n in range(5)]

mentions = st.builds(
    lambda node, role: Mention(node.kind, node.value, role),
    st.sampled_from(NODES),
    st.sampled_from(sorted(ROLES)),
)
observed = st.lists(
    st.builds(
        lambda kind, day, found, tlp: (kind, day, tuple(found), tlp),
        st.sampled_from(["download", "mail", "report", "resolution", "process-network", "scan"]),
        st.integers(0, 30),
        st.lists(mentions, min_size=1, max_size=4),
        st.sampled_from(list(Tlp)),
    ),
    max_size=40,
)


def observations(drawn: list[tuple[str, int, tuple[Mention, ...], Tlp]]) -> list[Observation]:
    return [
        Observation(
            id=f"o{n}", source="s", kind=kind, at=day * DAY, received=0, tlp=tlp, mentions=found
        )
        for n, (kind, day, found, tlp) in enumerate(drawn)
    ]


@settings(deadline=None)
@given(observed, st.randoms(use_true_random=False))
def test_the_order_in_which_things_came_never_matters(drawn, rng):
    found = observations(drawn)
    shuffled = list(found)
    rng.shuffle(shuffled)
    assert propose(gather(shuffled)) == propose(gather(found))


@settings(deadline=None)
@given(
    observed,
    st.sets(st.sampled_from(NODES), max_size=4),
    st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=4),
)
def test_campaigns_are_disjoint_trees_without_what_was_kept_out(drawn, blocked, pairs):
    apart = [(a, b) for a, b in pairs if a != b]
    proposals = propose(gather(observations(drawn)), blocked=blocked, apart=apart)
    seen: set[Node] = set()
    for one in proposals:
        assert not one.nodes & (seen | blocked)
        seen |= one.nodes
        assert all(not {a, b} <= one.nodes for a, b in apart)
        assert len(one.merges) == len(one.members) - 1
        tree = Partition()
        tree.join_all(merge.link for merge in one.merges)
        assert [set(part) for part in tree.parts().values()] == [one.nodes]


@settings(deadline=None)
@given(observed)
def test_victims_and_references_are_of_no_campaign(drawn):
    silent = {role for role, weight in ROLES.items() if weight == 0}
    found = observations(drawn)
    spoken = {Node(m.kind, m.value) for one in found for m in one.mentions if m.role not in silent}
    for one in propose(gather(found)):
        assert one.nodes <= spoken
