"""Configuration of servers: the protocols, suites, curves and keys that it sets.

Web (nginx, Apache httpd, HAProxy, lighttpd, Caddy, Envoy, Traefik, Tomcat), mail (Postfix,
Dovecot, Exim), names (BIND), VPN (strongSwan, Libreswan, OpenVPN), SSH, databases
(PostgreSQL, MySQL, Redis), directories (OpenLDAP, Kerberos), OpenSSL's cnf, stunnel, vsftpd,
Kubernetes, Java's java.security. What a setting means is read, not what the software makes
of it: words such as HIGH or DEFAULT are told as they stand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from kaname.cryptography.inventory import configuration_values as values
from kaname.cryptography.inventory.configuration_values import Setting
from kaname.cryptography.inventory.item import Item, make
from kaname.cryptography.inventory.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["configuration_items"]

_LARGEST: Final = 4 << 20
_LINE: Final = 20_000
_PROSE: Final = (".md", ".rst", ".adoc", ".html", ".htm", ".svg", ".css", ".log", ".csv")


class _Rule(NamedTuple):
    """A setting of a ``server``: how its line looks and how its value is read.

    One of ``hints`` stands in every line that the pattern finds, in small letters.
    """

    server: str
    pattern: re.Pattern[str]
    read: Callable[[str], Iterator[Setting]]
    hints: tuple[str, ...]


def _hints(pattern: str) -> tuple[str, ...]:
    """Literal text of each way to write the setting that ``pattern`` captures first."""
    begun = re.search(r"(?<!\\)\((?!\?)", pattern)
    depth, at = 1, begun.end() if begun is not None else 0
    first = at
    while depth:
        depth += {"(": 1, ")": -1}.get(pattern[at], 0)
        at += 1
    group = pattern[first : at - 1]
    while (bare := re.sub(r"\((?:\?:)?[^()]*\)\??", "\0", group)) != group:
        group = bare
    found = []
    for way in group.split("|"):
        plain = re.sub(r"\[[^\]]*\]\*?|.\?", "\0", way.replace("\\.", "."))
        found.append(max(plain.split("\0"), key=len).lower())
    return tuple(found)


def _rule(server: str, pattern: str, read: Callable[[str], Iterator[Setting]]) -> _Rule:
    form = re.compile(rf"(?:^|(?<=[\s{{;(\"']))(?:{pattern})", re.IGNORECASE)
    return _Rule(server, form, read, _hints(pattern))


_EQUALS = r"\s*[=:]\s*"
_VALUE = r"([^\s#][^#;]*)"
_RULES: Final = (
    _rule("nginx", r"(?:proxy_|grpc_|uwsgi_)?(ssl_protocols)\s+([^;#=]+);", values.protocols),
    _rule("nginx", r"(?:proxy_|grpc_|uwsgi_)?(ssl_ciphers)\s+([^;#=]+);", values.suites),
    _rule("nginx", r"(ssl_ecdh_curve)\s+([^;#=]+);", values.groups),
    _rule("nginx", r"ssl_conf_command\s+(Groups|Curves)\s+([^;#]+);", values.groups),
    _rule("nginx", r"ssl_conf_command\s+(Ciphersuites|CipherString)\s+([^;#]+);", values.suites),
    _rule("nginx", r"ssl_conf_command\s+(SignatureAlgorithms)\s+([^;#]+);", values.signatures),
    _rule("nginx", r"ssl_conf_command\s+(MinProtocol)\s+([^;#]+);", values.least),
    _rule("Apache", r"(SSL(?:Proxy)?Protocol)\s+([^#]+)", values.protocols),
    _rule("Apache", r"(SSL(?:Proxy)?CipherSuite)\s+(?:SSL\s+|TLSv1\.3\s+)?([^#]+)",
          values.suites),
    _rule("Apache", r"SSLOpenSSLConfCmd\s+(Curves|Groups|ECDHParameters)\s+([^#]+)",
          values.groups),
    _rule("Apache", r"SSLOpenSSLConfCmd\s+((?:Client)?SignatureAlgorithms)\s+([^#]+)",
          values.signatures),
    _rule("Apache", r"SSLOpenSSLConfCmd\s+(MinProtocol)\s+([^#]+)", values.least),
    _rule("Apache", r"SSLOpenSSLConfCmd\s+(CipherString|Ciphersuites)\s+([^#]+)", values.suites),
    _rule("HAProxy", r"(ssl-default-(?:bind|server)-ciphers(?:uites)?)\s+([^#]+)", values.suites),
    _rule("HAProxy", r"(ssl-default-(?:bind|server)-curves)\s+([^#]+)", values.groups),
    _rule("HAProxy", r"(ssl-default-(?:bind|server)-(?:client-)?sigalgs)\s+([^#]+)",
          values.signatures),
    _rule("HAProxy", r"(ssl-min-ver)\s+(\S+)", values.least),
    _rule("HAProxy", r"(ssl-max-ver)\s+(\S+)", values.most),
    _rule("HAProxy", r"(?:bind|server)\s[^#]*?\s(ciphers|ciphersuites)\s+(\S+)", values.suites),
    _rule("HAProxy", r"(?:bind|server)\s[^#]*?\s(curves|ecdhe)\s+(\S+)", values.groups),
    _rule("lighttpd", r"(ssl\.cipher-list)\s*=\s*([^#]+)", values.suites),
    _rule("lighttpd", r"\"(MinProtocol)\"\s*=>\s*\"([^\"]+)\"", values.least),
    _rule("lighttpd", r"\"(CipherString|Ciphersuites)\"\s*=>\s*\"([^\"]+)\"", values.suites),
    _rule("lighttpd", r"\"(Groups|Curves)\"\s*=>\s*\"([^\"]+)\"", values.groups),
    _rule("Caddy", r"(protocols)\s+(tls1\.[0-3](?:\s+tls1\.[0-3])?)", values.least),
    _rule("Postfix", r"((?:smtpd?|lmtp)_tls_(?:mandatory_)?protocols)\s*=\s*([^#]+)",
          values.postfix),
    _rule("Postfix", r"(tls_(?:high|medium|low|export|null)_cipherlist)\s*=\s*([^#]+)",
          values.suites),
    _rule("Postfix", r"(tls_eecdh_auto_curves)\s*=\s*([^#]+)", values.groups),
    _rule("Postfix", r"(smtpd?_tls_fingerprint_digest)\s*=\s*([^#\s]+)", values.digest),
    _rule("Dovecot", r"(ssl_min_protocol)\s*=\s*([^#]+)", values.least),
    _rule("Dovecot", r"(ssl_protocols)\s*=\s*([^#]+)", values.protocols),
    _rule("Dovecot", r"(ssl_cipher_list|ssl_cipher_suites)\s*=\s*([^#]+)", values.suites),
    _rule("Dovecot", r"(ssl_curve_list)\s*=\s*([^#]+)", values.groups),
    _rule("Exim", r"(tls_require_ciphers)\s*=\s*([^#]+)", values.suites),
    _rule("PostgreSQL", r"(ssl_min_protocol_version)\s*=\s*([^#]+)", values.least),
    _rule("PostgreSQL", r"(ssl_ciphers|ssl_tls13_ciphers)\s*=\s*([^#]+)", values.suites),
    _rule("PostgreSQL", r"(ssl_ecdh_curve|ssl_groups)\s*=\s*([^#]+)", values.groups),
    _rule("PostgreSQL", r"(password_encryption)\s*=\s*([^#]+)", values.password_hash),
    _rule("MySQL", r"(tls[-_]version)\s*=\s*([^#]+)", values.protocols),
    _rule("MySQL", r"(ssl[-_]cipher|tls[-_]ciphersuites)\s*=\s*([^#]+)", values.suites),
    _rule("Redis", r"(tls-protocols)\s+([^#=]+)", values.protocols),
    _rule("Redis", r"(tls-ciphers|tls-ciphersuites)\s+([^#=]+)", values.suites),
    _rule("OpenLDAP", r"((?:olc)?TLSProtocolMin|TLS_PROTOCOL_MIN)[:\s]+(3\.[0-4])",
          values.ldap_least),
    _rule("OpenLDAP", r"((?:olc)?TLSCipherSuite|TLS_CIPHER_SUITE)[:\s]+([^#]+)", values.suites),
    _rule("Kerberos", r"((?:default_tkt|default_tgs|permitted|supported)_enctypes)\s*=\s*([^#]+)",
          values.enctypes),
    _rule("vsftpd", r"(ssl_tlsv1)\s*=\s*(\w+)", values.switch("TLSv1.0")),
    _rule("vsftpd", r"(ssl_sslv3)\s*=\s*(\w+)", values.switch("SSLv3")),
    _rule("vsftpd", r"(ssl_sslv2)\s*=\s*(\w+)", values.switch("SSLv2")),
    _rule("stunnel", r"(sslVersionMin)\s*=\s*([^#]+)", values.least),
    _rule("stunnel", r"(sslVersion)\s*=\s*([^#]+)", values.protocols),
    _rule("stunnel", r"(ciphersuites|ciphers)\s*=\s*([^#]+)", values.suites),
    _rule("stunnel", r"(curves)\s*=\s*([^#]+)", values.groups),
    _rule("Tomcat", r"(sslEnabledProtocols|protocols)=\"([^\"]*(?:TLS|SSL)[^\"]*)\"",
          values.protocols),
    _rule("Tomcat", r"(ciphers)=\"([^\"]+)\"", values.suites),
    _rule("Kubernetes", r"--?(tls-min-version)[= ]([^\s#]+)", values.least),
    _rule("Kubernetes", r"--?(tls-cipher-suites)[= ]([^\s#]+)", values.suites),
    _rule("Kubernetes", r"(tlsMinVersion|minTLSVersion|minVersion)[\"']?" + _EQUALS
          + r"[\"']?(Version\w+|TLS\S+)", values.least),
    _rule("ingress-nginx", r"[\w./-]*(ssl-protocols)[\"']?\s*:\s*([^#]+)", values.protocols),
    _rule("ingress-nginx", r"[\w./-]*(ssl-ciphers)[\"']?\s*:\s*([^#]+)", values.suites),
    _rule("Envoy", r"(tls_minimum_protocol_version)[\"']?\s*:\s*([^#,]+)", values.least),
    _rule("OpenSSL", r"(MinProtocol)\s*=\s*([^#]+)", values.least),
    _rule("OpenSSL", r"(Protocol)\s*=\s*([^#]+)", values.protocols),
    _rule("OpenSSL", r"(CipherString|Ciphersuites)\s*=\s*([^#]+)", values.suites),
    _rule("OpenSSL", r"((?:Client)?SignatureAlgorithms)\s*=\s*([^#]+)", values.signatures),
    _rule("OpenSSL", r"(Groups|Curves)\s*=\s*([^#]+)", values.groups),
    _rule("OpenSSL", r"(default_md)\s*=\s*([^#\s]+)", values.digest),
    _rule("OpenSSL", r"(default_bits)\s*=\s*([^#]+)", values.bits),
    _rule("OpenSSH", r"(?:GSSAPI)?(KexAlgorithms)[\s=]+([^\s#]+)", values.ssh("key-exchange")),
    _rule("OpenSSH", r"(Ciphers)[\s=]+([^\s#:;]+)\s*$", values.ssh("cipher")),
    _rule("OpenSSH", r"(MACs)[\s=]+([^\s#]+)", values.ssh("mac")),
    _rule("OpenSSH", r"(HostKeyAlgorithms|PubkeyAcceptedAlgorithms|PubkeyAcceptedKeyTypes|"
          r"HostbasedAcceptedAlgorithms|CASignatureAlgorithms)[\s=]+([^\s#]+)",
          values.ssh("host-key")),
    _rule("OpenSSH", r"(RequiredRSASize)[\s=]+(\d+)", values.ssh_bits),
    _rule("Java", r"(jdk\.tls\.namedGroups)\s*=\s*([^#]+)", values.groups),
    _rule("Java", r"((?:jdk\.tls\.(?:client|server)|https)\.protocols)\s*=\s*([^#]+)",
          values.protocols),
    _rule("Java", r"(jdk\.tls\.(?:client|server)\.cipherSuites)\s*=\s*([^#]+)", values.suites),
    _rule("Java", r"(jdk\.tls\.(?:client|server)\.SignatureSchemes)\s*=\s*([^#]+)",
          values.signatures),
)  # fmt: skip
_SWAN: Final = (
    _rule("strongSwan", r"(ike|esp|ah|phase2alg|proposals|esp_proposals|ah_proposals)\s*=\s*"
          r"([^#}]+)", values.ike),
)  # fmt: skip
_VPN: Final = (
    _rule("OpenVPN", r"(data-ciphers(?:-fallback)?|ncp-ciphers|cipher)\s+([^#;=]+)",
          values.vpn_ciphers),
    _rule("OpenVPN", r"(auth)\s+((?:RSA-)?(?:SHA|MD|BLAKE|RIPEMD|none)[\w-]*)", values.vpn_digest),
    _rule("OpenVPN", r"(tls-version-min)\s+([^#;]+)", values.least),
    _rule("OpenVPN", r"(tls-cipher|tls-ciphersuites)\s+([^#;]+)", values.suites),
    _rule("OpenVPN", r"(tls-groups|ecdh-curve)\s+([^#;]+)", values.groups),
)  # fmt: skip
_BIND: Final = (
    _rule("BIND", r"(protocols)\s*\{([^}#]+)\}", values.protocols),
    _rule("BIND", r"(ciphers|cipher-suites)\s+\"([^\"]+)\"", values.suites),
)
_JAVA: Final = re.compile(
    r"^(jdk\.(?:tls|certpath|jar|security)\.(?:disabledAlgorithms|legacyAlgorithms)|"
    r"keystore\.type|securerandom\.strongAlgorithms)\s*=\s*(.*)$", re.MULTILINE
)  # fmt: skip
_IKE_FILE: Final = re.compile(r"^\s*(?:conn|config|connections)\b|\bswanctl\b", re.MULTILINE)
_VPN_FILE: Final = re.compile(
    r"^\s*(?:remote|dev|proto|port|tls-(?:auth|crypt|version-min)|data-ciphers|verb)[ \t-]",
    re.MULTILINE,
)
_BIND_FILE: Final = re.compile(r"^\s*(?:tls\s+[\w\"-]+\s*\{|options\s*\{|zone\s+\")", re.MULTILINE)
_SETTINGS: Final = re.compile(
    "|".join(
        re.escape(hint)
        for hint in sorted({h for r in (*_RULES, *_SWAN, *_VPN, *_BIND) for h in r.hints})
    ),
    re.IGNORECASE,
)
"""Something without which no rule finds anything in a line."""


def configuration_items(data: bytes, location: str) -> Iterator[Item]:
    """The items of every line of a configuration file that sets cryptography."""
    if len(data) > _LARGEST or location.lower().endswith(_PROSE):
        return
    text = data.decode("utf-8", "replace")
    if _SETTINGS.search(text) is None and "algorithms" not in text.lower():
        return
    rules = _RULES
    for form, more in ((_IKE_FILE, _SWAN), (_VPN_FILE, _VPN), (_BIND_FILE, _BIND)):
        if form.search(text) is not None:
            rules = (*more, *rules)
    for number, line in _lines(text):
        if len(line) < _LINE and _SETTINGS.search(line) is not None:
            yield from _line_items(rules, line, location, number)
    yield from _java(text, location)


def _line_items(rules: tuple[_Rule, ...], line: str, location: str, number: int) -> Iterator[Item]:
    """The items of one line; a setting that an earlier rule read is not read again."""
    taken: list[tuple[int, int]] = []
    small = line.lower()
    for rule in rules:
        if not any(hint in small for hint in rule.hints):
            continue
        for found in rule.pattern.finditer(line):
            begun, end = found.span()
            if not any(begun < last and first < end for first, last in taken):
                taken.append((begun, end))
                yield from _items(rule, found, location, number)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers and without comments; a backslash at the end joins the next."""
    begun, held = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        begun = begun or number
        if not held and line.lstrip()[:1] in {"#", ";", "!"}:
            begun = 0
            continue
        bare = line.partition(" #")[0]
        if bare.endswith("\\") and len(held) < _LINE:
            held += bare[:-1]
            continue
        yield begun or number, held + bare
        begun, held = 0, ""
    if held:
        yield begun, held


def _items(rule: _Rule, found: re.Match[str], location: str, line: int) -> Iterator[Item]:
    setting, value = found.groups()
    told: set[tuple[str, str | None, str]] = set()
    for one in rule.read(value):
        key = (one.algorithm, one.parameter, _named(one))
        if key in told:
            continue
        told.add(key)
        yield make(one.kind, location, one.algorithm, one.parameter, one.use, line=line,
                   evidence=f"{found.group()}\0{key[2]}".encode(), details={
                       "setting": setting, "value": value.strip()[:300], "server": rule.server,
                       "configured": True, **one.details})  # fmt: skip


def _named(one: Setting) -> str:
    details = one.details
    return str(details.get("suite") or details.get("ssh") or details.get("scheme") or "")


def _java(text: str, location: str) -> Iterator[Item]:
    lines = Lines(text)
    for found in _JAVA.finditer(text.replace("\\\n", "  ")):
        line = lines.of(found.start())
        yield make("configuration", location, found.group(1), None, None, line=line,
                   evidence=found.group().encode(), details={
                       "setting": found.group(1), "value": found.group(2)[:2000],
                       "server": "Java"})  # fmt: skip
