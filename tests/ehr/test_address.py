"""Addresses of FHIR servers: one strict reading, and nothing gets round the list."""

from __future__ import annotations

import pytest

from cds_service.ehr.address import Server, allowed, parse

FHIR = Server("https", "ehr.example.org", 443, "/fhir")


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("https://ehr.example.org/fhir", FHIR),
        ("https://ehr.example.org/fhir/", FHIR),
        ("HTTPS://EHR.Example.org:443/fhir", FHIR),
        ("http://fhir_server:8080", Server("http", "fhir_server", 8080)),
        ("http://ehr/", Server("http", "ehr", 80)),
        ("http://127.0.0.1:65535/a/b", Server("http", "127.0.0.1", 65535, "/a/b")),
        ("https://[2001:DB8::1]/fhir", Server("https", "[2001:db8::1]", 443, "/fhir")),
        ("https://[::1]:8443", Server("https", "[::1]", 8443)),
        ("https://xn--eh-0ja.example", Server("https", "xn--eh-0ja.example", 443)),
        ("https://ehr/t.1/~x;v=1/R4", Server("https", "ehr", 443, "/t.1/~x;v=1/R4")),
    ],
)
def test_an_address_is_read(text: str, server: Server) -> None:
    """Scheme and host in small letters, the scheme's own port, the path without its last slash."""
    assert parse(text) == server


REFUSED = {
    "": "absolute",
    "ehr.example.org/fhir": "absolute",
    "//ehr.example.org": "absolute",
    "https:/ehr.example.org": "absolute",
    "https://[::1]x/fhir": "absolute",
    "file:///etc/passwd": "neither http",
    "ftp://ehr": "neither http",
    "https://": "neither a name",
    "https:///fhir": "neither a name",
    "https://user@ehr.example.org/fhir": "user name",
    "https://ehr.example.org:secret@evil.example/fhir": "user name",
    "https://ehr.example.org\\@evil.example/": "character",
    "https://ehr.example.org\\.evil.example/": "character",
    " https://ehr.example.org": "space",
    "https://ehr.example.org/fhir\n": "character",
    "https://ehr.example.org\t/": "character",
    "https://ehr.exam\x00ple.org/": "character",
    "https://ehr.example.org/fhir?x=1": "query",
    "https://ehr.example.org/fhir#x": "fragment",
    "https://ehr.example.org/%66hir": "percent",
    "https://ehr.example.org/%2e%2e/fhir": "percent",
    "https://ehr%2eexample.org/": "percent",
    "https://ehr.example.org./fhir": "dot",
    "https://.ehr.example.org/": "neither a name",
    "https://-ehr.example.org/": "neither a name",
    "https://ehr..example.org/": "neither a name",
    f"https://{'a' * 64}.example/": "neither a name",
    f"https://{'a.' * 127}org/": "neither a name",
    "https://\u0435hr.example.org/": "character",
    "https://ehr\u3002example.org/": "character",
    "https://ehr.example.org/\u2025/": "character",
    "http://2130706433/": "192.0.2.1",
    "http://0x7f000001/": "192.0.2.1",
    "http://0x7f.1/": "192.0.2.1",
    "http://127.1/": "192.0.2.1",
    "http://0177.0.0.1/": "192.0.2.1",
    "http://127.0.0.0x1/": "192.0.2.1",
    "http://127.0.0.256/": "192.0.2.1",
    "http://[::1%25lo]/": "percent",
    "http://[fe80::1%lo]/": "percent",
    "http://[::ffff:127.0.0.1]/": "IPv4 address",
    "http://[::ffff:7f00:1]/": "IPv4 address",
    "http://[0:0:0:0:0:0:0:1]/": "shortest",
    "http://[127.0.0.1]/": "2001:db8::1",
    "http://[]/": "2001:db8::1",
    "http://::1/": "neither a name",
    "https://ehr.example.org:/fhir": "port",
    "https://ehr.example.org:0/": "port",
    "https://ehr.example.org:0443/": "port",
    "https://ehr.example.org:65536/": "port",
    "https://ehr.example.org:443:443/": "port",
    "https://ehr.example.org:+443/": "port",
    "https://ehr.example.org//fhir": "segment",
    "https://ehr.example.org/fhir//": "segment",
    "https://ehr.example.org/fhir/../admin": "segment",
    "https://ehr.example.org/./fhir": "segment",
    "https://ehr.example.org/..": "segment",
    "https://ehr.example.org/fhir|x": "character",
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_an_address_is_refused(text: str, reason: str) -> None:
    """What two readers could take for two places is refused, with what is wrong and what to write."""
    with pytest.raises(ValueError, match=reason) as refusal:
        parse(text)
    assert "Write it like https://" in str(refusal.value)


def test_a_refusal_keeps_the_password_to_itself() -> None:
    """A text with a password in it is not repeated."""
    with pytest.raises(ValueError, match="user name") as refusal:
        parse("https://me:hunter2@ehr.example.org")
    assert "hunter2" not in str(refusal.value)


LIST = (FHIR, parse("http://127.0.0.1:8080/a"), parse("https://[2001:db8::1]"))


@pytest.mark.parametrize(
    "text",
    [
        "https://ehr.example.org/fhir/",
        "https://EHR.example.org:443/fhir/r4",
        "http://127.0.0.1:8080/a",
        "https://[2001:db8::1]/any/where",
    ],
)
def test_what_is_listed_or_below_is_allowed(text: str) -> None:
    """The server of the request's own address comes back, and only that is called."""
    assert allowed(text, LIST) == parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://ehr.example.org/fhir",
        "https://ehr.example.org:8443/fhir",
        "https://ehr.example.org",
        "https://ehr.example.org/fhirx",
        "https://ehr.example.org/FHIR",
        "https://ehr.example.org.evil.example/fhir",
        "https://evil.example/fhir",
        "http://localhost:8080/a",
        "http://127.0.0.2:8080/a",
        "http://127.0.0.1/a",
        "http://[::1]:8080/a",
        "http://169.254.169.254/latest/meta-data",
        *REFUSED,
    ],
)
def test_nothing_else_is_allowed(text: str) -> None:
    """Another scheme, host, port or path, loopback that is not listed, and every trick is no access."""
    assert allowed(text, LIST) is None


def test_nothing_is_allowed_by_default() -> None:
    """Without a list no server may be called."""
    assert allowed("https://ehr.example.org/fhir", ()) is None


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://ehr:443/fhir", "https://ehr"),
        ("http://ehr:443/fhir", "http://ehr:443"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_origin_and_base(text: str, origin: str) -> None:
    """The origin names the port only where it is not the scheme's own; the base adds the path."""
    server = parse(text)
    assert server.origin == origin
    assert server.base == origin + server.path


@pytest.mark.parametrize(
    "url",
    [
        "https://ehr.example.org/fhir",
        "https://ehr.example.org/fhir?_getpages=1-2&_getpagesoffset=20",
        "https://ehr.example.org:443/fhir/Observation?code=http://loinc.org|1,%7C2&patient=1",
        "https://ehr.example.org/fhir/Medication/m1",
    ],
)
def test_links_of_the_server_are_its_own(url: str) -> None:
    """A link on the same origin and below the base belongs to the server."""
    assert FHIR.owns(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "Medication/m1",
        "https://evil.example/fhir?patient=1",
        "https://ehr.example.org/other?x",
        "http://ehr.example.org/fhir",
        "https://ehr.example.org/fhir?a=1#x",
        "https://ehr.example.org/fhir?a=\\x",
        "https://ehr.example.org/fhir?a=1 2",
        "https://ehr.example.org/fhir?a=1\r\nHost: x",
        "https://ehr.example.org/fhir?a=\u00fc",
        "https://ehr.example.org/fhir/../admin?x",
        "https://ehr.example.org/fhir/%2e%2e/admin",
        "https://ehr.example.org@evil.example/fhir?x",
        "https://ehr.example.org\n/fhir",
        "https://evil.example?@ehr.example.org/fhir",
    ],
)
def test_links_elsewhere_are_not(url: str) -> None:
    """Anything else gets no token, whatever it looks like."""
    assert not FHIR.owns(url)
