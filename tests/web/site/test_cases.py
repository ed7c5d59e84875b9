"""The cases that need a switch, played against a service whose own file turns it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cds_service.web.app import create_app
from cds_service.web.examples.cases import AS_OF, Case
from cds_service.web.settings import from_environment
from tests.support import hook
from tests.support.cases import all_cases
from tests.web.site.made import written

SWITCHED = [case for case in all_cases() if case.switches]


@pytest.mark.parametrize("case", SWITCHED, ids=lambda case: f"{case.rule}: {case.name}")
def test_a_case_with_its_site_file(case: Case, tmp_path: Path) -> None:
    """In every FHIR version the site's file does what the case asks for."""
    file = written(tmp_path, "[settings]\n" + "".join(f'"{key}" = true\n' for key in case.switches))
    client = create_app(from_environment({"CDS_SITE": str(file), "CDS_AS_OF": AS_OF.isoformat()})).test_client()
    plain = replace(case, switches=())
    for version in (version for version in hook.VERSIONS if hook.can_say(case, version)):
        assert hook.answer(plain, version, client)[0] == case.kind


def test_some_cases_need_a_switch() -> None:
    """There is something to play."""
    assert len(SWITCHED) > 20
