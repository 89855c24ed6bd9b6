"""The Linux audit log: records of one event put together, values decoded."""

from __future__ import annotations

import json

import pytest
from tests.unit.readers.reading import read_bytes

from kaname.readers.endpoint.audit_records import endpoint, plain, record
from kaname.readers.endpoint.auditd import AuditdReader

# The example of the Red Hat guide "Understanding Audit log files"
CAT = """\
type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2 success=no exit=-13 \
a0=7fffd19c5592 a1=0 a2=7fffd19c4b50 a3=a items=1 ppid=2686 pid=3538 auid=1000 uid=1000 gid=1000 \
euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts0 ses=1 comm="cat" \
exe="/bin/cat" subj=unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023 key="sshd_config"
type=CWD msg=audit(1364481363.243:24287):  cwd="/home/shadowman"
type=PATH msg=audit(1364481363.243:24287): item=0 name="/etc/ssh/sshd_config" inode=409248 \
dev=fd:00 mode=0100600 ouid=0 ogid=0 rdev=00:00 obj=system_u:object_r:etc_t:s0  nametype=NORMAL
type=PROCTITLE msg=audit(1364481363.243:24287): \
proctitle=636174002F6574632F7373682F737368645F636F6E666967
"""
HEAD = "node=web1 type={} msg=audit(1600000000.{}00:{}): "


def test_a_file_that_was_not_opened(tmp_path):
    rows, report = read_bytes(AuditdReader(), tmp_path, CAT)
    (row,) = rows
    assert (row["ts"], row["record_id"]) == (1_364_481_363_243_000, 24287)
    assert (row["event_class"], row["event_code"], row["result"]) == ("file", 2, "failure")
    assert (row["pid"], row["ppid"], row["user"]) == (3538, 2686, "1000")
    assert (row["image"], row["target_path"]) == ("/bin/cat", "/etc/ssh/sshd_config")
    assert row["cmdline"] == "cat /etc/ssh/sshd_config"
    assert json.loads(row["ext"])["key"] == "sshd_config"
    assert report.counters == {"record": 4}


def test_events_that_are_mixed_in_the_log(tmp_path):
    lines = [
        HEAD.format("SYSCALL", 1, 5) + "syscall=59 success=yes ppid=1 pid=2 auid=1000 "
        'exe="/usr/bin/wget"\x1dSYSCALL=execve AUID="bob" UID="root"',
        HEAD.format("SYSCALL", 2, 6) + 'syscall=42 success=yes pid=2 exe="/usr/bin/wget"',
        HEAD.format("EXECVE", 1, 5) + 'argc=3 a0="wget" a1="-q" a2=687474703A2F2F782F612062',
        HEAD.format("SOCKADDR", 2, 6) + "saddr=020001BBC63364070000000000000000",
        HEAD.format("EOE", 1, 5),
        HEAD.format("EOE", 2, 6),
    ]
    rows, report = read_bytes(AuditdReader(), tmp_path, "\n".join(lines))
    run, connection = rows
    assert (run["event_class"], run["cmdline"], run["user"]) == (
        "process",
        "wget -q http://x/a b",
        "bob",
    )
    assert (run["host"], run["row_in_src"]) == ("web1", 0)
    assert connection["event_class"] == "network"
    assert (connection["dst"], connection["dport"]) == ("198.51.100.7", 443)
    assert report.counters == {"record": 6}


def test_a_login_that_failed(tmp_path):
    line = (
        "type=USER_LOGIN msg=audit(1478108443.423:1122): pid=2450 uid=0 auid=4294967295 "
        'ses=4294967295 msg=\'op=login acct=28756E6B6E6F776E207573657229 exe="/usr/sbin/sshd" '
        "hostname=? addr=203.0.113.5 terminal=ssh res=failed'"
    )
    rows, _ = read_bytes(AuditdReader(), tmp_path, line)
    (row,) = rows
    assert (row["event_class"], row["result"], row["dst"]) == ("logon", "failure", "203.0.113.5")
    assert (row["user"], row["image"]) == ("(unknown user)", "/usr/sbin/sshd")


def test_a_long_argument_comes_in_pieces():
    found = record(HEAD.format("EXECVE", 1, 5) + 'argc=1 a0_len=4 a0[0]="ab" a0[1]=6364')
    assert [plain(found.fields, name) for name in ("a0[0]", "a0[1]")] == ["ab", "cd"]


@pytest.mark.parametrize(
    ("saddr", "expected"),
    [
        ("0A0001BB0000000020010DB8000000000000000000000001" + "00000000", ("2001:db8::1", 443)),
        ("01002F7661722F72756E", None),  # a local socket
        ("0200", None),
        ("xyz", None),
    ],
)
def test_socket_addresses(saddr, expected):
    assert endpoint(saddr) == expected


def test_lines_that_are_no_records_cost_only_themselves(tmp_path):
    rows, report = read_bytes(AuditdReader(), tmp_path, "nonsense\n" + CAT + "\0\n")
    assert len(rows) == 1
    assert report.counters == {"malformed": 2, "record": 4}


def test_a_hundred_thousand_arguments_are_no_burden(tmp_path):
    line = HEAD.format("EXECVE", 1, 5) + "argc=99999999999"
    rows, _ = read_bytes(AuditdReader(), tmp_path, line)
    assert rows[0]["cmdline"] is None
