"""Settings: what each variable means, and that a wrong one is refused by name."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from cds_service.ehr.source import Access
from cds_service.web.settings import BadSetting, Settings, from_environment


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
