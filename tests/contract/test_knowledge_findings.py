from __future__ import annotations

import threading

import pytest
from tests.contract.records import HOUR, finding, ip

from kaname.knowledge import FindingQuery, FindingStatus, Knowledge
from kaname.model.errors import ConflictError, NotFoundError, UsageError
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Finding, Role, Severity


def put(store: Knowledge, *findings: Finding) -> None:
    store.replace_window("darknet.sources", 0, HOUR, findings)


def ids(store: Knowledge, **query: object) -> list[int]:
    page = store.findings(FindingQuery(**query))  # type: ignore[arg-type]
    assert page.total >= len(page.items)
    return [int(item.id.removeprefix("finding-"), 16) for item in page.items]


def pages(store: Knowledge, **query: object) -> list[str]:
    """The ids of all pages, one after the other."""
    found: list[str] = []
    cursor = None
    while True:
        page = store.findings(FindingQuery(**query, cursor=cursor))  # type: ignore[arg-type]
        found += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_what_was_put_comes_back_whole(knowledge: Knowledge) -> None:
    wanted = finding(
        7,
        artifacts=(
            ip("2001:db8::1"),
            Artifact(ArtifactKind.URL, "http://例え.jp/\x00" + "a" * 5000, Role.TARGET),
        ),
        values={"text": "波形 \x00 \U0001f980", "big": 2**63, "real": 0.1},
        reasons=(("telescope.reason.hosts", {"found": 51}),),
        techniques=("T1595.001",),
        tlp=Tlp.AMBER_STRICT,
    )
    put(knowledge, wanted)
    found = knowledge.finding(wanted.id)
    assert {name: getattr(found, name) for name in wanted.__struct_fields__} == {
        name: getattr(wanted, name) for name in wanted.__struct_fields__
    }
    assert found.status is FindingStatus.ACTIVE


def test_a_replacement_says_what_it_changed_and_keeps_when_it_was_first_said(
    knowledge: Knowledge,
) -> None:
    first = [finding(1), finding(2), finding(3)]
    change = knowledge.replace_window("darknet.sources", 0, HOUR, first, at=10)
    assert change.added == [one.id for one in first]
    assert not change.changed
    assert not change.withdrawn

    second = [finding(2, created=2_000), finding(3, created=2_000, label="probe"), finding(4)]
    change = knowledge.replace_window("darknet.sources", 0, HOUR, second, at=20)
    assert change.added == [finding(4).id]
    assert change.changed == [finding(3).id]
    assert change.withdrawn == [finding(1).id]
    assert [(knowledge.finding(finding(n).id).created) for n in (2, 3)] == [1_000, 1_000]
    assert [(knowledge.finding(finding(n).id).changed) for n in (1, 2, 3, 4)] == [20, 10, 20, 20]
    assert knowledge.finding(finding(3).id).label == "probe"
    withdrawn = knowledge.finding(finding(1).id)
    assert withdrawn.status is FindingStatus.WITHDRAWN
    assert withdrawn.evidence == finding(1).evidence


def test_the_same_again_changes_nothing(knowledge: Knowledge) -> None:
    put(knowledge, finding(1), finding(2))
    change = knowledge.replace_window("darknet.sources", 0, HOUR, [finding(2), finding(1)])
    assert not change


def test_a_withdrawn_finding_that_is_said_again_counts_as_new(knowledge: Knowledge) -> None:
    put(knowledge, finding(1))
    put(knowledge)
    change = knowledge.replace_window("darknet.sources", 0, HOUR, [finding(1, created=3_000)])
    assert change.added == [finding(1).id]
    found = knowledge.finding(finding(1).id)
    assert (found.status, found.created) == (FindingStatus.ACTIVE, 3_000)
    assert ids(knowledge, artifact="198.51.0.1") == [1]


def test_other_windows_and_analyses_are_left_alone(knowledge: Knowledge) -> None:
    later = finding(2, window_start=HOUR, window_end=2 * HOUR)
    other = finding(3, analysis="darknet.scans")
    put(knowledge, finding(1))
    knowledge.replace_window("darknet.sources", HOUR, 2 * HOUR, [later])
    knowledge.replace_window("darknet.scans", 0, HOUR, [other])
    put(knowledge)
    assert ids(knowledge) == [3, 2]


def test_an_id_of_another_window_is_refused_and_nothing_is_lost(knowledge: Knowledge) -> None:
    put(knowledge, finding(1))
    moved = finding(1, window_start=HOUR, window_end=2 * HOUR)
    new = finding(2, window_start=HOUR, window_end=2 * HOUR)
    with pytest.raises(ConflictError):
        knowledge.replace_window("darknet.sources", HOUR, 2 * HOUR, [new, moved])
    assert ids(knowledge) == [1]
    assert knowledge.finding(finding(1).id).window_start == 0


@pytest.mark.parametrize(
    "wrong",
    [
        [finding(1), finding(1, label="probe")],
        [finding(1, analysis="darknet.scans")],
        [finding(1, window_end=2 * HOUR)],
    ],
    ids=["twice", "analysis", "window"],
)
def test_a_list_that_does_not_fit_is_refused(knowledge: Knowledge, wrong: list[Finding]) -> None:
    put(knowledge, finding(9))
    with pytest.raises(UsageError):
        knowledge.replace_window("darknet.sources", 0, HOUR, wrong)
    assert ids(knowledge) == [9]


def test_a_finding_above_the_clearance_is_as_if_it_were_not_there(knowledge: Knowledge) -> None:
    levels = list(Tlp)
    put(knowledge, *(finding(n, tlp=level, label=level.value) for n, level in enumerate(levels)))
    for rank, clearance in enumerate(levels):
        query = FindingQuery(clearance=clearance)
        assert ids(knowledge, clearance=clearance) == list(range(rank, -1, -1))
        assert knowledge.findings(query).total == rank + 1
        counted = knowledge.count_findings("label", clearance=clearance)
        assert sorted(counted) == sorted((level.value, 1) for level in levels[: rank + 1])
        for n in range(rank + 1, len(levels)):
            with pytest.raises(NotFoundError) as hidden:
                knowledge.finding(finding(n).id, clearance=clearance)
            with pytest.raises(NotFoundError) as absent:
                knowledge.finding("finding-none", clearance=clearance)
            assert hidden.value.key == absent.value.key
            assert ids(knowledge, clearance=clearance, artifact=f"198.51.0.{n}") == []
            assert ids(knowledge, clearance=clearance, text=f"198.51.0.{n}") == []


def test_filters(knowledge: Knowledge) -> None:
    put(
        knowledge,
        finding(10, sensor="south", label="backscatter", severity=Severity.HIGH),
        finding(20, artifacts=(ip("192.0.2.1"), ip("192.0.2.200"))),
        finding(30, severity=Severity.CRITICAL, created=99, artifacts=(ip("2001:db8::5"),)),
        finding(40, artifacts=(Artifact(ArtifactKind.DOMAIN, "100%_sure.example"),)),
    )
    assert ids(knowledge, since=20, until=40) == [30, 20]
    assert ids(knowledge, time="created", until=1_000) == [30]
    assert ids(knowledge, severity_min=Severity.HIGH) == [30, 10]
    assert ids(knowledge, label="backscatter") == [10]
    assert ids(knowledge, sensor="south") == [10]
    assert ids(knowledge, analysis="darknet.none") == []
    assert ids(knowledge, artifact="192.0.2.200") == [20]
    assert ids(knowledge, artifact="192.0.2.2") == []
    assert ids(knowledge, artifact="192.0.2.0/25") == [20]
    assert ids(knowledge, artifact="192.0.3.0/24") == []
    assert ids(knowledge, artifact="2001:db8::/32") == [30]
    assert ids(knowledge, artifact="2001:DB8::5") == [30]
    assert ids(knowledge, artifact="0.0.0.0/0") == [20, 10]
    assert ids(knowledge, artifact="::/0") == [30, 20, 10]
    assert ids(knowledge, text="BACKSC") == [10]
    assert ids(knowledge, text="192.0.2.2") == [20]
    assert ids(knowledge, text="%_sure") == [40]
    assert ids(knowledge, text="0_sure") == []
    assert ids(knowledge, text="' OR 1=1 --") == []
    assert ids(knowledge, text="a\x00b", artifact="\x00") == []


def test_withdrawn_findings_are_asked_for_by_status(knowledge: Knowledge) -> None:
    put(knowledge, finding(1), finding(2))
    put(knowledge, finding(2))
    assert ids(knowledge) == [2]
    assert ids(knowledge, status="withdrawn") == [1]
    assert ids(knowledge, status="all") == [2, 1]
    assert knowledge.count_findings("label") == [("scan", 1)]


def test_counts_agree_with_the_lists_behind_them(knowledge: Knowledge) -> None:
    put(
        knowledge,
        finding(1, last_seen=5, severity=Severity.HIGH),
        finding(2, last_seen=HOUR - 1),
        finding(3, last_seen=HOUR, created=3 * HOUR),
        finding(4, last_seen=HOUR + 5, label="probe"),
    )
    assert knowledge.count_findings("hour") == [("0", 2), (str(HOUR), 2)]
    assert knowledge.count_findings("hour", time="created") == [("0", 3), (str(3 * HOUR), 1)]
    assert knowledge.count_findings("severity") == [("low", 3), ("high", 1)]
    assert knowledge.count_findings("label", since=HOUR) == [("probe", 1), ("scan", 1)]
    assert knowledge.count_findings("analysis", until=HOUR) == [("darknet.sources", 2)]
    assert len(ids(knowledge, until=HOUR)) == 2


def test_findings_are_counted_by_day_analysis_and_severity(knowledge: Knowledge) -> None:
    put(
        knowledge,
        finding(1, last_seen=5, severity=Severity.HIGH),
        finding(2, last_seen=DAY - 1),
        finding(3, last_seen=DAY),
        finding(4, last_seen=DAY + HOUR),
    )
    daily = knowledge.count_daily(FindingQuery())
    assert daily == [
        (0, "darknet.sources", Severity.LOW, 1),
        (0, "darknet.sources", Severity.HIGH, 1),
        (DAY, "darknet.sources", Severity.LOW, 2),
    ]
    assert knowledge.count_daily(FindingQuery(since=DAY)) == daily[2:]
    assert knowledge.count_daily(FindingQuery(analysis="other")) == []


@pytest.mark.parametrize("sort", ["-last_seen", "-severity", "-created", "-confidence"])
def test_pages_hold_everything_once_and_in_order(knowledge: Knowledge, sort: str) -> None:
    levels = list(Severity)
    put(
        knowledge,
        *(
            finding(
                n,
                last_seen=n % 3,
                severity=levels[n % 2],
                created=n % 4,
                confidence=(n % 5) / 3,  # thirds have no exact decimal
            )
            for n in range(23)
        ),
    )
    whole = pages(knowledge, sort=sort, limit=1000)
    assert len(whole) == len(set(whole)) == 23
    assert pages(knowledge, sort=sort, limit=4) == whole
    keys = {
        "-last_seen": lambda one: one.last_seen,
        "-severity": lambda one: one.severity.rank,
        "-created": lambda one: one.created,
        "-confidence": lambda one: one.confidence,
    }
    values = [keys[sort](knowledge.finding(key)) for key in whole]
    assert values == sorted(values, reverse=True)


def test_rows_that_come_between_two_pages_hide_none_and_repeat_none(
    knowledge: Knowledge,
) -> None:
    old = [finding(n, last_seen=n * 10) for n in range(1, 11)]
    put(knowledge, *old)
    first = knowledge.findings(FindingQuery(limit=4))
    newer = [finding(100 + n, last_seen=n * 10 + 5) for n in range(11)]
    put(knowledge, *old, *newer)
    rest = pages_from(knowledge, first.next_cursor)
    seen = [item.id for item in first.items] + rest
    assert len(seen) == len(set(seen))
    assert {one.id for one in old} <= set(seen)


def pages_from(store: Knowledge, cursor: str | None) -> list[str]:
    found = []
    while cursor is not None:
        page = store.findings(FindingQuery(limit=4, cursor=cursor))
        found += [item.id for item in page.items]
        cursor = page.next_cursor
    return found


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!!",
        "e30",
        "WzFd",
        "WyItbGFzdF9zZWVuIl0",
        "WyItbGFzdF9zZWVuIiwxZTk5LCJ4Il0",
        "日本",
    ],
)
def test_a_broken_cursor_is_a_usage_error(knowledge: Knowledge, cursor: str) -> None:
    put(knowledge, finding(1))
    with pytest.raises(UsageError):
        knowledge.findings(FindingQuery(cursor=cursor))


def test_a_cursor_of_another_order_is_refused(knowledge: Knowledge) -> None:
    put(knowledge, finding(1), finding(2))
    cursor = knowledge.findings(FindingQuery(limit=1)).next_cursor
    with pytest.raises(UsageError):
        knowledge.findings(FindingQuery(limit=1, cursor=cursor, sort="-severity"))


def test_more_findings_than_a_batch_holds_are_replaced_without_loss(knowledge: Knowledge) -> None:
    many = [finding(n) for n in range(24_000)]
    assert len(knowledge.replace_window("darknet.sources", 0, HOUR, many).added) == 24_000
    half = [finding(n, label="probe") for n in range(0, 24_000, 2)]
    change = knowledge.replace_window("darknet.sources", 0, HOUR, half)
    assert (len(change.added), len(change.changed), len(change.withdrawn)) == (0, 12_000, 12_000)
    assert knowledge.count_findings("label", status="withdrawn") == [("scan", 12_000)]
    assert knowledge.count_findings("label") == [("probe", 12_000)]


def test_a_reader_sees_the_old_window_or_the_new_one(knowledge: Knowledge) -> None:
    lists = [[finding(n, label=f"round-{turn}") for n in range(60)] for turn in range(2)]
    put(knowledge, *lists[0])
    seen: set[frozenset[str]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            page = knowledge.findings(FindingQuery(limit=1000))
            seen.add(frozenset(item.label for item in page.items))
            assert len(page.items) == 60

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(20):
        put(knowledge, *lists[turn % 2])
    done.set()
    for reader in readers:
        reader.join()
    assert seen <= {frozenset({"round-0"}), frozenset({"round-1"})}


def test_marks_say_what_a_window_was_evaluated_over(knowledge: Knowledge) -> None:
    knowledge.mark("darknet.sources", 0, "a" * 64)
    knowledge.mark("darknet.sources", HOUR, "b" * 64)
    knowledge.mark("darknet.sources", 0, "c" * 64)
    knowledge.mark("darknet.scans", 0, "d" * 64)
    assert knowledge.marks("darknet.sources") == {0: "c" * 64, HOUR: "b" * 64}
    assert set(knowledge.last_marked()) == {"darknet.sources", "darknet.scans"}


def test_a_window_and_its_mark_are_kept_together_or_not_at_all(knowledge: Knowledge) -> None:
    knowledge.replace_window("darknet.sources", 0, HOUR, [finding(1)], inputs="a")
    with pytest.raises(ConflictError):
        knowledge.replace_window(
            "darknet.sources",
            HOUR,
            2 * HOUR,
            [finding(1, window_start=HOUR, window_end=2 * HOUR)],
            inputs="b",
        )
    assert knowledge.marks("darknet.sources") == {0: "a"}


def test_every_finding_comes_once_whatever_the_limit(knowledge: Knowledge) -> None:
    put(knowledge, *(finding(n, last_seen=n % 7) for n in range(2_300)))
    query = FindingQuery(limit=3, label="scan")
    found = [item.id for item in knowledge.every_finding(query)]
    assert len(found) == len(set(found)) == 2_300
    assert list(knowledge.every_finding(FindingQuery(clearance=Tlp.CLEAR))) == []
