"""The life of alerts and the way of notices: real stores, a real mail server and web server."""

from __future__ import annotations

import email
import hashlib
import hmac
import ipaddress
import json
import socket
import threading
from collections.abc import Iterator
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from stix2validator import validate_instance
from tests.certificates import make_certificate
from tests.contract.api.observations import flowtuple, observe

from kaname.bus.mail import MailServer
from kaname.knowledge import Knowledge
from kaname.knowledge.organisation_records import AlertState, NoticeReason
from kaname.knowledge.organisations import Organisations
from kaname.knowledge.sensor_records import Sensor
from kaname.knowledge.sensors import Sensors
from kaname.lake import Lake
from kaname.model.errors import SettingError
from kaname.model.instant import DAY, HOUR, MINUTE
from kaname.model.marking import Tlp
from kaname.model.packets import PTYPES
from kaname.readers.live.tap import PacketBlock
from kaname.telescope.organisations.definition import define
from kaname.telescope.organisations.delivery import TOPIC, Delivery
from kaname.telescope.organisations.early import EarlyWatch
from kaname.telescope.organisations.watching import OrganisationWatch

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
NOW = START + HOUR
HOST = "192.0.2.17"


class Desk:
    """A lake, a knowledge store, and the watch over both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = Lake.open(folder)
        self.knowledge = Knowledge.open(f"sqlite:///{folder}/knowledge.sqlite")
        self.part = self.knowledge.part(Organisations)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.restart()

    def restart(self) -> None:
        """As after the process was killed: nothing is kept but what is on disk."""
        self.watch = OrganisationWatch(self.lake, self.knowledge, self.folder, addresses=4096)

    def register(self, **more: Any) -> None:
        given = {"id": "alpha", "name_en": "Alpha", "name_ja": "アルファ大学", "language": "ja",
                 "live": "192.0.2.0/24", **more}  # fmt: skip
        self.part.put([define(given)])

    def send(self, at: int = NOW - MINUTE, *, host: str = HOST, n: int = 3, **more: Any) -> None:
        """Commit packets of a host to ``n`` unused addresses at a time."""
        begun = at - at % MINUTE
        rows = [
            flowtuple(begun, src=host, dst=f"198.18.{n}.{k}", port=23, place=k, **more)
            for k in range(1, n + 1)
        ]
        observe(self.lake, rows, sensor="darknet", tlp=Tlp.GREEN)

    def deliver(self, server: MailServer | None = None, now: int = NOW) -> int:
        tell = lambda topic, body: self.told.append((topic, body))  # noqa: E731
        return Delivery(self.knowledge, tell, server, waits=(MINUTE,)).pump(now)

    def only(self) -> Any:
        (alert,) = self.part.alerts().items
        return alert

    def close(self) -> None:
        self.lake.close()
        self.knowledge.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def test_the_first_packet_is_told_and_the_second_is_counted(desk: Desk) -> None:
    desk.register()
    assert desk.watch.look(NOW) == []
    desk.send(n=1)
    (alert,) = desk.watch.look(NOW)
    assert (alert.host, alert.kind, alert.packets, alert.notices) == (HOST, "external", 1, 1)
    assert alert.samples[0]["service"] == 23
    assert "198.18" not in json.dumps(alert.samples)  # unused addresses are not told
    assert desk.watch.look(NOW) == []
    desk.send(NOW, n=2)
    (grown,) = desk.watch.look(NOW)
    assert (grown.packets, grown.notices) == (3, 1)
    assert desk.deliver() == 1
    ((topic, body),) = desk.told
    assert (topic, body["hosts"], body["tlp"]) == (TOPIC, [HOST], "amber")


def test_hosts_of_nobody_are_nothing(desk: Desk) -> None:
    desk.send(host="203.0.113.9")
    assert desk.watch.look(NOW) == []
    desk.register()
    assert desk.watch.look(NOW) == []
    desk.send(host="203.0.113.10")
    assert desk.watch.look(NOW) == []
    assert desk.part.alerts().total == 0


def test_who_registers_is_told_of_the_last_day_once(desk: Desk) -> None:
    desk.send()
    desk.register()
    assert [alert.host for alert in desk.watch.look(NOW)] == [HOST]
    desk.register(name_en="Alpha again")
    assert desk.watch.look(NOW) == []
    assert desk.only().packets == 3


def test_a_kill_at_any_moment_neither_loses_nor_doubles(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.register()
    desk.watch.look(NOW)
    desk.send()

    from kaname.knowledge import organisations as store

    for name in ("_save", "_put", "write_state"):  # each step of the one transaction
        with monkeypatch.context() as patch:
            patch.setattr(store, name, _killed)
            desk.restart()
            with pytest.raises(KeyboardInterrupt):
                desk.watch.look(NOW)
        assert desk.part.alerts().total == 0
        assert desk.part.due(NOW) == []
    desk.restart()
    assert len(desk.watch.look(NOW)) == 1
    desk.restart()
    assert desk.watch.look(NOW) == []
    assert desk.only().packets == 3
    assert len(desk.part.due(NOW)) == 1


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_notice_is_sent_again_under_the_same_key_when_nobody_noted_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.register()
    desk.send()
    desk.watch.look(NOW)
    with monkeypatch.context() as patch:
        patch.setattr(desk.part, "settle", _killed)
        delivery = Delivery(desk.knowledge, lambda t, b: desk.told.append((t, b)), None)
        delivery._part = desk.part
        with pytest.raises(KeyboardInterrupt):
            delivery.pump(NOW)
    assert desk.deliver() == 1
    assert desk.deliver() == 0
    assert len({body["notice"] for _, body in desk.told}) == 1
    assert len(desk.told) == 2


def test_silence_closes_and_a_new_packet_begins_anew(desk: Desk) -> None:
    desk.register()
    desk.send(START)
    desk.watch.look(START + MINUTE)
    assert desk.watch.tend(START + 2 * HOUR) == []
    (closed,) = desk.watch.tend(START + DAY + 2 * HOUR)
    assert closed.state is AlertState.CLOSED
    later = START + 3 * DAY
    desk.send(later, n=2)
    (again,) = desk.watch.look(later + MINUTE)
    assert (again.state, again.episode, again.packets, again.notices) == ("open", 2, 2, 1)
    reasons = [notice.reason for notice in desk.part.notices(again.id)]
    assert reasons == [NoticeReason.FIRST, NoticeReason.FIRST]


def test_a_digest_tells_of_growth_only(desk: Desk) -> None:
    desk.register()
    desk.send(START)
    desk.watch.look(START + MINUTE)
    assert desk.watch.tend(START + 7 * HOUR) == []  # it has not grown
    desk.send(START + 7 * HOUR, n=5)
    desk.watch.look(START + 7 * HOUR + MINUTE)
    assert len(desk.watch.tend(START + 7 * HOUR + MINUTE)) == 1
    assert desk.watch.tend(START + 8 * HOUR) == []
    last = desk.part.notices(desk.only().id)[-1]
    assert (last.reason, last.growth) == (NoticeReason.DIGEST, (5,))


def test_what_turns_out_to_be_a_wrong_setting_is_told_as_a_change(desk: Desk) -> None:
    desk.register()
    for minute in range(0, 40, 10):
        at = START + minute * MINUTE
        row = flowtuple(at, src=HOST, dst="198.18.1.1", port=514, ptype="udp", proto=17)
        observe(desk.lake, [row], sensor="darknet")
        desk.watch.look(at + MINUTE)
    by_kind = {alert.kind.value: alert for alert in desk.part.alerts().items}
    assert by_kind["misconfig"].state is AlertState.OPEN
    assert by_kind["external"].state is AlertState.CLOSED
    assert by_kind["external"].replaced_by == "misconfig"
    (notice,) = desk.part.notices(by_kind["misconfig"].id)
    assert notice.reason is NoticeReason.CHANGE


@pytest.mark.parametrize("state", [AlertState.ACKNOWLEDGED, AlertState.REJECTED])
def test_what_was_decided_is_respected(desk: Desk, state: AlertState) -> None:
    desk.register()
    desk.send(START)
    desk.watch.look(START + MINUTE)
    key = desk.only().id
    desk.part.decide(key, state, by="alice", note="ours", at=START + MINUTE)
    desk.send(START + 8 * HOUR, n=7)
    desk.watch.look(START + 8 * HOUR)
    desk.watch.tend(START + 8 * HOUR)
    assert (desk.only().state, desk.only().packets) == (state, 10)
    assert len(desk.part.notices(key)) == 1
    desk.watch.tend(START + 3 * DAY)
    closes = state is AlertState.ACKNOWLEDGED
    assert (desk.only().state is AlertState.CLOSED) is closes
    desk.send(START + 4 * DAY, n=2)
    desk.watch.look(START + 4 * DAY + MINUTE)
    assert len(desk.part.notices(key)) == (2 if closes else 1)


def test_suppressed_hosts_make_no_alert(desk: Desk) -> None:
    desk.register(suppressions=[{"prefix": f"{HOST}/32", "kind": "external"}])
    desk.send()
    assert desk.watch.look(NOW) == []


def test_what_is_old_is_shown_and_not_written_about(desk: Desk) -> None:
    desk.register(mail="csirt@alpha.example")
    desk.send(START)
    (alert,) = desk.watch.look(START + 3 * DAY)
    assert alert.late
    assert [notice.channel for notice in desk.part.due(START + 3 * DAY)] == ["console"]


def test_what_is_marked_red_stays_in_the_house(desk: Desk) -> None:
    desk.register(mail="csirt@alpha.example", tlp="red")
    desk.send()
    desk.watch.look(NOW)
    assert [notice.channel for notice in desk.part.due(NOW)] == ["console"]


# --- by mail and webhook ---


class Mailbox:
    """Keeps what is handed to it."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.targets: list[str] = []

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        self.targets += envelope.rcpt_tos
        self.session = session
        return "250 OK"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, made here."""
    return make_certificate(tmp_path)


def served(mailbox: Mailbox, **more: Any) -> Controller:
    with socket.create_server(("127.0.0.1", 0)) as free:  # aiosmtpd takes no port 0
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **more)
    controller.start()
    return controller


def port_of(controller: Controller) -> int:
    return controller.port


def test_a_mail_in_japanese_with_its_bundle(desk: Desk) -> None:
    mailbox = Mailbox()
    controller = served(mailbox)
    try:
        desk.register(mail="csirt@alpha.example noc@alpha.example")
        desk.send()
        desk.watch.look(NOW)
        server = MailServer("127.0.0.1", port_of(controller), "kaname@telescope.example")
        assert desk.deliver(server) == 3
        assert desk.deliver(server) == 0
    finally:
        controller.stop()
    assert sorted(mailbox.targets) == ["csirt@alpha.example", "noc@alpha.example"]
    mail = mailbox.mails[0]
    assert mail["Subject"] == "[TLP:AMBER] kaname: アルファ大学 の新しいアラート 1 件"
    assert HOST not in mail["Subject"]
    assert mail["Message-ID"].startswith("<notice-")
    assert mail["Message-ID"].endswith("@telescope.example>")
    body, bundle = mail.iter_parts()
    text = body.get_content()
    assert HOST in text
    assert "198.18." not in text  # nobody learns where the telescope is
    assert "2026-01-01 09:59:00 JST" in text
    assert bundle.get_filename().endswith(".json")
    document = json.loads(bundle.get_payload(decode=True))
    assert "198.18." not in json.dumps(document)
    assert {one["type"] for one in document["objects"]} >= {"observed-data", "note", "ipv4-addr"}
    results = validate_instance(document)
    assert results.is_valid, results.errors


def test_starttls_and_login(desk: Desk, certificate: tuple[Path, Path]) -> None:
    import ssl

    seen: list[LoginPassword] = []

    def authenticate(_s: Any, _session: Any, _e: Any, _mechanism: str, data: Any) -> AuthResult:
        seen.append(data)
        return AuthResult(success=data == LoginPassword(b"kaname", b"geheim"))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    mailbox = Mailbox()
    controller = served(
        mailbox, tls_context=context, require_starttls=True, authenticator=authenticate,
        auth_required=True,
    )  # fmt: skip
    secret = desk.folder / "password"
    secret.write_text("geheim\n")
    given = {"smtp": f"127.0.0.1:{port_of(controller)}", "sender": "kaname@telescope.example",
             "user": "kaname", "password": f"file:{secret}", "security": "starttls"}  # fmt: skip
    try:
        desk.register(mail="csirt@alpha.example")
        desk.send()
        desk.watch.look(NOW)
        # a certificate that nobody vouches for gets no password
        assert desk.deliver(MailServer.of(given)) == 1
        assert seen == []
        trusted = MailServer.of(given | {"ca": str(certificate[0])})
        assert desk.deliver(trusted, NOW + 2 * MINUTE) == 1
    finally:
        controller.stop()
    assert len(mailbox.mails) == 1
    assert mailbox.session.ssl is not None


def test_no_password_goes_in_the_clear(desk: Desk) -> None:
    mailbox = Mailbox()
    controller = served(mailbox)
    try:
        desk.register(mail="csirt@alpha.example")
        desk.send()
        desk.watch.look(NOW)
        server = MailServer("127.0.0.1", port_of(controller), "k@t.example", "kaname", "geheim")
        assert desk.deliver(server) == 1  # the console
    finally:
        controller.stop()
    assert mailbox.mails == []
    (waiting,) = desk.part.due(NOW + HOUR)
    assert "no password is sent" in waiting.error
    assert "geheim" not in waiting.error


@pytest.mark.parametrize(
    "wrong",
    [{"smtp": "nowhere"}, {"smtp": "a:25", "sender": "x\r\n@y"}, {"smtp": "a:25", "colour": 1}],
)
def test_a_setting_that_is_no_mail_server_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        MailServer.of({"sender": "k@t.example"} | wrong)
    assert MailServer.of({}) is None


class Hook(BaseHTTPRequestHandler):
    """A webhook that answers as it is told to."""

    answers: list[int]
    requests: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).requests.append((dict(self.headers), body))
        self.send_response(self.answers.pop(0) if self.answers else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.answers, Hook.requests = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/in"
    server.shutdown()
    server.server_close()


def test_a_webhook_is_signed_and_tried_again(desk: Desk, hook: str) -> None:
    desk.register(webhook=hook, secret="s3cret", language="en")
    desk.send()
    desk.watch.look(NOW)
    Hook.answers = [503]
    assert desk.deliver() == 1
    assert desk.deliver() == 0  # not before its time
    assert desk.deliver(now=NOW + MINUTE) == 1
    (first, body), (second, again) = Hook.requests
    assert body == again
    assert first["Idempotency-Key"] == second["Idempotency-Key"]
    expected = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert first["X-Kaname-Signature"] == f"sha256={expected}"
    document = json.loads(body)
    assert document["type"] == "organisation.first"
    assert document["alerts"][0]["host"] == HOST
    assert b"198.18." not in body
    assert b"s3cret" not in body


def test_a_webhook_that_never_answers_is_given_up(desk: Desk, hook: str) -> None:
    desk.register(webhook=hook)
    desk.send()
    desk.watch.look(NOW)
    Hook.answers = [500] * 9
    for minute in range(5):
        desk.deliver(now=NOW + minute * MINUTE)
    (failed,) = [n for n in desk.part.notices(desk.only().id) if n.channel == "webhook"]
    assert (failed.state, failed.tries, failed.error) == ("failed", 2, "HTTPException: HTTP 500")


def test_only_addresses_of_the_registry_are_contacted(desk: Desk, hook: str) -> None:
    desk.register(webhook=hook)
    desk.send()
    desk.watch.look(NOW)
    desk.register(webhook="")
    assert desk.deliver() == 1
    assert Hook.requests == []


# --- as packets arrive ---


def block(*packets: tuple[str, str, int], at: int = NOW, ptype: str = "tcp_syn") -> PacketBlock:
    """A block of (source, destination, destination port), as captures put it on the tap."""
    count = len(packets)

    def column(kind: str, values: list[int]) -> bytes:
        return np.array(values, kind).tobytes()

    return PacketBlock(
        sensor="darknet", base_us=at, count=count, stands_for=count,
        src=column("<u4", [int(ipaddress.IPv4Address(src)) for src, _, _ in packets]),
        dst=column("<u4", [int(ipaddress.IPv4Address(dst)) for _, dst, _ in packets]),
        sport=column("<u2", [443] * count), dport=column("<u2", [port for *_, port in packets]),
        after_us=column("<u4", list(range(count))),
        ptype=bytes([PTYPES.index(ptype)] * count), marks=column("<u2", [1] * count),
    )  # fmt: skip


def test_an_alert_opens_before_the_rows_and_counts_once(desk: Desk) -> None:
    desk.register()
    desk.knowledge.part(Sensors).put_sensor(Sensor(name="darknet"))
    desk.knowledge.part(Sensors).monitor("darknet", "198.18.0.0/20")
    desk.watch.look(NOW)
    watch = OrganisationWatch(desk.lake, desk.knowledge, desk.folder)
    early = EarlyWatch(watch, desk.knowledge, tlp=Tlp.GREEN)
    others = ("203.0.113.5", "198.18.2.1", 1)
    seen = block((HOST, "198.18.2.1", 23), (HOST, "198.18.2.2", 23), others)
    (alert,) = early.see([seen], NOW + 2)
    assert (alert.host, alert.kind, alert.packets, alert.label) == (HOST, "external", 2, "mirai")
    assert alert.samples[0]["service"] == 23
    assert early.see([seen], NOW + 3) == []
    assert len(desk.part.due(NOW + MINUTE)) == 1
    desk.send(NOW, n=2)  # the same two packets, as rows
    (counted,) = desk.watch.look(NOW + MINUTE)
    assert (counted.packets, counted.early, counted.notices) == (2, 0, 1)


def test_ordinary_traffic_opens_nothing_early(desk: Desk) -> None:
    desk.register()
    watch = OrganisationWatch(desk.lake, desk.knowledge, desk.folder)
    early = EarlyWatch(watch, desk.knowledge, tlp=Tlp.GREEN)
    assert early.see([block((HOST, "8.8.8.8", 443))], NOW) == []
    desk.register(dark="198.18.0.0/24")
    (alert,) = early.see([block((HOST, "198.18.0.9", 443), (HOST, "192.0.2.9", 80))], NOW)
    assert (alert.kind, alert.packets) == ("internal", 1)
