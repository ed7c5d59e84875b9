"""Settings: what each variable means, and that a wrong one is refused by name."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds_service.ehr.source import Access
from cds_service.web import settings
from cds_service.web.settings import BadSetting, Settings, Store, from_environment

SECRET = "s3cret" * 6


def test_nothing_need_be_set() -> None:
    """An empty environment gives the defaults."""
    assert from_environment({}) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("CDS_PUBLIC_URL", "https://cds.example.org", "public_url", "https://cds.example.org"),
        ("CDS_PUBLIC_URL", "http://localhost:8000/cds/", "public_url", "http://localhost:8000/cds"),
        ("CDS_PUBLIC_URL", "", "public_url", ""),
        ("CDS_MAX_BODY_MB", "1", "max_body", 1024 * 1024),
        ("CDS_MAX_BODY_MB", "0.5", "max_body", 512 * 1024),
        ("CDS_MAX_BODY_MB", "100", "max_body", 100 * 1024 * 1024),
        ("CDS_AS_OF", "2026-11-22", "as_of", date(2026, 11, 22)),
        ("CDS_AS_OF", "", "as_of", None),
        ("CDS_CORS_ORIGINS", "*", "cors_origins", ("*",)),
        (
            "CDS_CORS_ORIGINS",
            " https://a.example, https://b.example ,",
            "cors_origins",
            ("https://a.example", "https://b.example"),
        ),
        ("CDS_CORS_ORIGINS", "", "cors_origins", ()),
        ("CDS_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("CDS_LOG_LEVEL", "ERROR", "log_level", "ERROR"),
        ("CDS_LOG_CALLS", "ALL", "log_calls", "all"),
        ("CDS_LOG_CALLS", "none", "log_calls", "none"),
        ("CDS_MAX_WAITING", "1", "max_waiting", 1),
        ("CDS_MAX_WAITING", "1000", "max_waiting", 1000),
        ("CDS_PLAYGROUND", "yes", "playground", True),
        ("CDS_PLAYGROUND", "No", "playground", False),
        ("CDS_PLAYGROUND", "", "playground", None),
    ],
)
def test_a_variable_sets_its_setting(name: str, text: str, field: str, value: Any) -> None:
    """Each variable sets one setting and leaves the others at their defaults."""
    assert from_environment({name: text}) == dataclasses.replace(Settings(), **{field: value})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CDS_PUBLIC_URL", "cds.example.org"),
        ("CDS_PUBLIC_URL", "ftp://cds.example.org"),
        ("CDS_MAX_BODY_MB", "many"),
        ("CDS_MAX_BODY_MB", ""),
        ("CDS_MAX_BODY_MB", "0"),
        ("CDS_MAX_BODY_MB", "-1"),
        ("CDS_MAX_BODY_MB", "101"),
        ("CDS_MAX_BODY_MB", "nan"),
        ("CDS_MAX_BODY_MB", "inf"),
        ("CDS_AS_OF", "yesterday"),
        ("CDS_AS_OF", "2026-02-30"),
        ("CDS_LOG_LEVEL", "LOUD"),
        ("CDS_LOG_LEVEL", ""),
        ("CDS_LOG_CALLS", "some"),
        ("CDS_LOG_CALLS", ""),
        ("CDS_MAX_WAITING", "0"),
        ("CDS_MAX_WAITING", "1001"),
        ("CDS_MAX_WAITING", "-1"),
        ("CDS_MAX_WAITING", "many"),
        ("CDS_MAX_WAITING", "\u0661"),
        ("CDS_PLAYGROUND", "maybe"),
    ],
)
def test_a_wrong_variable_is_refused_by_name(name: str, text: str) -> None:
    """The error names the variable and says what it must look like."""
    with pytest.raises(BadSetting, match=f"^{name} must "):
        from_environment({name: text})


def test_settings_do_not_change() -> None:
    """Settings are read once: nothing may alter them later."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().public_url = "https://other.example"  # type: ignore[misc]


@pytest.mark.parametrize("text", ["ftp://ehr.example.org", "https://user@ehr.example.org/fhir", "ehr.example.org"])
def test_a_wrong_fhir_server_stops_the_start(text: str) -> None:
    """A server that is no plain web address is refused with the name of the setting."""
    with pytest.raises(BadSetting, match="CDS_FHIR_SERVERS"):
        from_environment({"CDS_FHIR_SERVERS": f"https://good.example.org/fhir,{text}"})


@pytest.mark.parametrize("text", ["0", "30001", "1.5", "-1", "", "soon", "\u0661"])
def test_a_wrong_budget_stops_the_start(text: str) -> None:
    """The time for the FHIR server is a whole number of milliseconds within reason."""
    with pytest.raises(BadSetting, match="CDS_BUDGET_MS"):
        from_environment({"CDS_BUDGET_MS": text})


def test_fhir_servers_and_budget() -> None:
    """Servers are listed with commas; without any none is called."""
    access = from_environment(
        {"CDS_FHIR_SERVERS": "https://a.example.org/fhir, https://b.example.org", "CDS_BUDGET_MS": "900"}
    ).access
    assert len(access.servers) == 2
    assert access.milliseconds == 900
    assert from_environment({}).access == Access((), 1500)


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("CDS_DATABASE_URL", "", "address", ""),
        ("CDS_DATABASE_URL", "none", "address", "none"),
        ("CDS_DATABASE_URL", "sqlite:////var/cds.sqlite3", "address", "sqlite:////var/cds.sqlite3"),
        ("CDS_HMAC_KEY", SECRET, "secrets", (SECRET,)),
        ("CDS_HMAC_KEY", f" {SECRET} {SECRET}1 ", "secrets", (SECRET, f"{SECRET}1")),
        ("CDS_HMAC_KEY", "", "secrets", ()),
        ("CDS_HMAC_KEY_FILE", "", "secret_file", ""),
        ("CDS_RETENTION_DAYS", "1", "retention_days", 1),
        ("CDS_RETENTION_DAYS", "36500", "retention_days", 36_500),
        ("CDS_SNOOZE_DAYS", "0", "snooze_days", 0),
        ("CDS_SNOOZE_DAYS", "365", "snooze_days", 365),
        ("CDS_STORE_COMMENTS", "yes", "comments", True),
        ("CDS_STORE_COMMENTS", "YES", "comments", True),
        ("CDS_STORE_COMMENTS", "no", "comments", False),
    ],
)
def test_a_variable_of_the_store_sets_its_setting(name: str, text: str, field: str, value: Any) -> None:
    """Each variable sets one setting of the store and leaves the others at their defaults."""
    store = dataclasses.replace(Store(), **{field: value})
    assert from_environment({name: text}) == Settings(store=store)


@pytest.mark.parametrize("address", ["postgresql://u:p@db/cds", "postgresql+psycopg://db/cds"])
def test_a_server_of_databases_wants_a_secret_and_a_driver(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines that share a database must name a patient alike, and without its driver nothing is started."""
    with pytest.raises(BadSetting, match="CDS_HMAC_KEY: PostgreSQL wants a secret"):
        from_environment({"CDS_DATABASE_URL": address})
    secret = {"CDS_DATABASE_URL": address, "CDS_HMAC_KEY": SECRET}
    assert from_environment(secret).store == Store(address, (SECRET,))
    monkeypatch.setattr(settings, "find_spec", lambda name: None)
    with pytest.raises(BadSetting, match="CDS_DATABASE_URL: PostgreSQL needs its driver"):
        from_environment(secret)


def test_the_store_unless_told_otherwise() -> None:
    """A file of its own and a secret of its own, 400 days, the usual time without repetition, and no comments."""
    assert Settings().store == Store("", (), "", 400, None, False)


def test_a_file_of_secrets(tmp_path: Path) -> None:
    """The file is named in the settings; its secrets are not among them."""
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n{SECRET}1\n")
    store = from_environment({"CDS_HMAC_KEY_FILE": str(file)}).store
    assert (store.secret_file, store.secrets) == (str(file), ())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CDS_DATABASE_URL", f"mysql://user:{SECRET}@db/cds"),
        ("CDS_DATABASE_URL", f"postgres://user:{SECRET}@db/cds"),
        ("CDS_DATABASE_URL", f"/var/{SECRET}"),
        ("CDS_DATABASE_URL", f"sqlite:{SECRET}"),
        ("CDS_DATABASE_URL", "None"),
        ("CDS_RETENTION_DAYS", "0"),
        ("CDS_RETENTION_DAYS", "36501"),
        ("CDS_RETENTION_DAYS", "1.5"),
        ("CDS_RETENTION_DAYS", ""),
        ("CDS_RETENTION_DAYS", "\u0661"),
        ("CDS_SNOOZE_DAYS", "-1"),
        ("CDS_SNOOZE_DAYS", "36501"),
        ("CDS_SNOOZE_DAYS", "soon"),
        ("CDS_STORE_COMMENTS", "1"),
        ("CDS_STORE_COMMENTS", ""),
    ],
)
def test_a_wrong_variable_of_the_store_is_refused_by_name(name: str, text: str) -> None:
    """The error names the variable and what it must be, and repeats nothing in which a password may stand."""
    with pytest.raises(BadSetting, match=f"^{name} must be ") as refused:
        from_environment({name: text})
    assert SECRET not in str(refused.value)


SHORT = "s3cret" * 5


def test_a_short_secret_is_refused_by_name(tmp_path: Path) -> None:
    """A secret that can be guessed stops the start, in the environment or in a file, and is not shown."""
    file = tmp_path / "key"
    file.write_text(SHORT)
    for name, text in (
        ("CDS_HMAC_KEY", SHORT),
        ("CDS_HMAC_KEY", f"{SECRET} {SHORT}"),
        ("CDS_HMAC_KEY_FILE", str(file)),
    ):
        with pytest.raises(BadSetting, match=f"^{name}: .*shorter than 32 characters") as refused:
            from_environment({name: text})
        assert SHORT not in str(refused.value)


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff" * 40])
def test_a_file_without_secrets_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    """A file that is not there, is empty or is no text stops the start with the name of the setting."""
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadSetting, match=r"^CDS_HMAC_KEY_FILE: "):
        from_environment({"CDS_HMAC_KEY_FILE": str(file)})


def test_one_place_for_secrets() -> None:
    """With both a secret and a file of them nobody could tell which one counts."""
    with pytest.raises(BadSetting, match=r"^CDS_HMAC_KEY and CDS_HMAC_KEY_FILE are both set") as refused:
        from_environment({"CDS_HMAC_KEY": SECRET, "CDS_HMAC_KEY_FILE": "/run/key"})
    assert SECRET not in str(refused.value)


def test_settings_do_not_print_secrets() -> None:
    """What is printed of the settings by accident holds neither a secret nor the password of the database."""
    settings = from_environment({"CDS_HMAC_KEY": SECRET, "CDS_DATABASE_URL": f"postgresql://user:{SECRET}@db/cds"})
    assert SECRET in settings.store.address
    assert SECRET not in repr(settings)
