"""Files of a site, as text and on disk."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.tokens import jwk

KEYS = json.dumps({"keys": [jwk("es384-ehr")]})
CLIENT = """
[[client]]
name = "main"
issuer = "https://ehr.example.org"
jwks_file = "keys.json"
"""
WHOLE = """
[service]
public_url = "https://cds.example.org"
max_body_mb = 2
max_waiting = 50
budget_ms = 900
cors_origins = ["https://a.example", "https://b.example"]
log_level = "WARNING"
log_calls = "all"

[store]
retention_days = 30
snooze_days = 0
store_comments = true

[cards]
at_order = 2
delete_as_string = true

[security]
replay_without_store = "refuse"

[settings]
"age.olderMin" = {value = 70, unit = "a"}
added.quinine = false

[rules.quinine-cramps]
stage = "off"

[rules.baclofen-renal.signed]
by = "the committee of the site"
on = 2026-11-01
next = 2027-11-01
version = "v1"

[[client]]
name = "main"
issuer = "https://ehr.example.org"
jwks_file = "keys.json"
tenants = ["t1"]
jku = ["https://ehr.example.org/keys"]
audience = ["by-hand"]
fhir_servers = ["https://ehr.example.org/fhir/"]
cards = {selection_behavior = "any", one_action = true, at_view = 1}
settings = {"labs.lookbackDays" = 60}
rules = {cramps-nonpharmacological = {stage = "shadow"}}

[[client]]
name = "plain"
issuer = "https://plain.example.org"
jwks_url = "https://plain.example.org/keys"
algorithms = ["RS256"]
cards = {selection_behavior = "both", delete_as_string = false}
"""


def written(folder: Path, text: str) -> Path:
    """A site's file, with a set of keys beside it."""
    folder.joinpath("keys.json").write_text(KEYS, encoding="utf-8")
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path
