"""Chart: the resources of one made patient, FHIR R4 as a Bulk Data export holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from cds_service.batch.made import population
from cds_service.batch.made.population import Assay, Product
from cds_service.terminology import SNOMED_CT

Json = dict[str, Any]
_HL7 = "http://terminology.hl7.org/CodeSystem"
_UCUM = "http://unitsofmeasure.org"
_CPT = "http://www.ama-assn.org/go/cpt"
_OLD = 65  # from this age on a diagnosis is as frequent as it is among older people
_OPENS, _CLOSES = 7, 18  # hours of a day in which visits begin
_RESULTS_AFTER = timedelta(hours=2)


def medications() -> Iterator[Json]:
    """The Medications to which orders refer: one a product."""
    for product in population.PRODUCTS:
        code = _concept(product.system, product.code, product.name)
        yield {"resourceType": "Medication", "id": _medication(product), "code": code, "status": "active"}


def chart(number: int, seed: str, last: date) -> Iterator[Json]:
    """The resources of the patient of that number; nothing in it is later than the last day."""
    return _Chart(Random(f"{seed} {number}"), number, last).resources()  # noqa: S311 - no secret hangs on it


def _medication(product: Product) -> str:
    return f"m{product.code}"


def _concept(system: str, code: str, text: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def _status(name: str, code: str) -> Json:
    return {"coding": [{"system": f"{_HL7}/{name}", "code": code}]}


def _told(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"


class _Chart:
    """Draws one patient; each draw follows the ones before it."""

    def __init__(self, random: Random, number: int, last: date) -> None:
        self._random, self._last = random, last
        self._id = f"{random.getrandbits(40):010x}-{number}"
        self._count = 0
        least, most = self._weighed([(first, last) for first, last, _ in population.AGES], _shares())
        self._age = random.randint(least, most)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _weighed(self, what: Sequence[Any], weights: Sequence[float]) -> Any:
        return self._random.choices(what, weights)[0]

    def _resource(self, kind: str, moment: datetime) -> Json:
        """What every resource begins with."""
        self._count += 1
        found = {"resourceType": kind, "id": f"{self._id}-{self._count}"}
        return found | {"meta": {"versionId": "1", "lastUpdated": _told(moment)}}

    @property
    def _who(self) -> Json:
        return {"reference": f"Patient/{self._id}"}

    def resources(self) -> Iterator[Json]:
        """The patient first, then the problems, then one visit after the other."""
        yield self._patient()
        visits = sorted(self._moment() for _ in range(1 + self._counted(population.VISITS)))
        yield from self._problems(visits[0])
        if self._chance(population.ALLERGY):
            yield self._allergy(visits[0])
        if self._chance(population.STATEMENT):
            yield self._statement(visits[0])
        for begun in visits:
            yield from self._visit(begun)

    def _counted(self, weights: Sequence[float]) -> int:
        """A number from 0 on, with these weights."""
        number: int = self._weighed(range(len(weights)), weights)
        return number

    def _moment(self) -> datetime:
        day = self._last - timedelta(days=self._random.randint(1, population.SPAN))
        return datetime.combine(day, time(self._random.randint(_OPENS, _CLOSES), self._random.randint(0, 59)))

    def _patient(self) -> Json:
        born = self._last - timedelta(days=round((self._age + self._random.random()) * 365.25))
        found = {"resourceType": "Patient", "id": self._id, "active": True, "birthDate": born.isoformat()}
        found["gender"] = "female" if self._chance(population.FEMALE) else "male"
        died = self._last - timedelta(days=self._random.randint(0, population.DYING))
        return found | ({"deceasedDateTime": died.isoformat()} if self._chance(population.DIED) else {})

    def _problems(self, first: datetime) -> Iterator[Json]:
        for one in population.DIAGNOSES:
            if self._chance(one.older if self._age >= _OLD else one.younger):
                found = self._resource("Condition", first)
                found["clinicalStatus"] = _status("condition-clinical", "active")
                found["verificationStatus"] = _status("condition-ver-status", "confirmed")
                onset = (first - timedelta(days=self._random.randint(0, population.SPAN))).date()
                code = _concept(one.system, one.code, one.name)
                dates = {"onsetDateTime": onset.isoformat(), "recordedDate": _told(first)}
                yield found | {"code": code, "subject": self._who} | dates

    def _allergy(self, first: datetime) -> Json:
        code = _concept(SNOMED_CT, *self._random.choice(population.REACTIONS))
        found = self._resource("AllergyIntolerance", first)
        found["clinicalStatus"] = _status("allergyintolerance-clinical", "active")
        return found | {"code": code, "patient": self._who, "recordedDate": _told(first)}

    def _statement(self, first: datetime) -> Json:
        product = self._product()
        drug = {"medicationCodeableConcept": _concept(product.system, product.code, product.name)}
        found = self._resource("MedicationStatement", first) | {"status": "active"} | drug | {"subject": self._who}
        return found | {"effectiveDateTime": first.date().isoformat(), "dateAsserted": _told(first)}

    def _visit(self, begun: datetime) -> Iterator[Json]:
        inpatient = self._chance(population.INPATIENT)
        encounter = self._encounter(begun, inpatient)
        yield encounter
        visit = {"reference": f"Encounter/{encounter['id']}"}
        for category, probability, assays in population.PANELS:
            if self._chance(probability):
                for assay in assays:
                    yield self._result(assay, category, begun) | {"encounter": visit}
        if self._chance(population.PROCEDURE):
            yield self._procedure(begun) | {"encounter": visit}
        if self._chance(population.TEST_ORDERED):
            yield self._test(begun) | {"encounter": visit}
        together = self._chance(population.TOGETHER)
        for place in range(self._counted(population.ORDERS)):
            written = begun + timedelta(minutes=30 + (0 if together else 7 * place))
            yield self._order(written, inpatient) | {"encounter": visit}

    def _encounter(self, begun: datetime, inpatient: bool) -> Json:
        ended = begun + (timedelta(days=self._random.randint(1, 9)) if inpatient else timedelta(hours=1))
        kind, words = ("IMP", "inpatient encounter") if inpatient else ("AMB", "ambulatory")
        found = self._resource("Encounter", begun) | {"status": "finished", "subject": self._who}
        found["class"] = {"system": f"{_HL7}/v3-ActCode", "code": kind, "display": words}
        return found | {"period": {"start": _told(begun), "end": _told(ended)}}

    def _result(self, assay: Assay, category: str, taken: datetime) -> Json:
        value = round(max(self._random.gauss(assay.middle, assay.spread), 0.2 * assay.middle), 1)
        found = self._resource("Observation", taken + _RESULTS_AFTER) | {"status": "final"}
        found["category"] = [_status("observation-category", category)]
        found["code"] = _concept(population.LABORATORY, assay.code, assay.name)
        found |= {"subject": self._who, "effectiveDateTime": _told(taken), "issued": _told(taken + _RESULTS_AFTER)}
        found["valueQuantity"] = _quantity(value, assay.unit)
        if category == "laboratory":
            low, high = _quantity(assay.low, assay.unit), _quantity(assay.high, assay.unit)
            found["referenceRange"] = [{"low": low, "high": high}]
        return found

    def _procedure(self, done: datetime) -> Json:
        found = self._resource("Procedure", done) | {"status": "completed", "subject": self._who}
        code = _concept(_CPT, *self._random.choice(population.PROCEDURES))
        return found | {"code": code, "performedDateTime": _told(done)}

    def _test(self, ordered: datetime) -> Json:
        assay: Assay = self._random.choice(population.PANELS[0][2])
        found = self._resource("ServiceRequest", ordered) | {"status": "completed", "intent": "order"}
        code = _concept(population.LABORATORY, assay.code, assay.name)
        return found | {"code": code, "subject": self._who, "authoredOn": _told(ordered)}

    def _product(self) -> Product:
        found: Product = self._weighed(population.PRODUCTS, _WEIGHTS)
        return found

    def _order(self, written: datetime, inpatient: bool) -> Json:
        product = self._product()
        ended = self._chance(population.ENDED)
        found = self._resource("MedicationRequest", written)
        found |= {"status": self._weighed(("completed", "stopped"), (3, 1)) if ended else "active", "intent": "order"}
        found |= self._drug(product)
        found |= {"subject": self._who, "authoredOn": _told(written)}
        found["requester"] = {"reference": f"Practitioner/{self._random.randint(1, 400)}"}
        category = "inpatient" if inpatient else "community"
        found["category"] = [_status("medicationrequest-category", category)]
        return found | {"dosageInstruction": [self._dosage(product, written, ended)]} | self._supply(inpatient)

    def _drug(self, product: Product) -> Json:
        drawn = self._random.random()
        if drawn < population.BY_REFERENCE:
            return {"medicationReference": {"reference": f"Medication/{_medication(product)}"}}
        if drawn < population.BY_REFERENCE + population.FREE_TEXT:
            return {"medicationCodeableConcept": {"text": self._random.choice(population.FREE_TEXTS)}}
        return {"medicationCodeableConcept": _concept(product.system, product.code, product.name)}

    def _dosage(self, product: Product, written: datetime, ended: bool) -> Json:
        pieces, times = self._random.choice(product.pieces), self._random.choice(product.times)
        repeat: Json = {"frequency": times, "period": 1, "periodUnit": "d"}
        if ended and self._chance(population.TOLD_END):
            until = written.date() + timedelta(days=self._random.randint(1, 60))
            repeat["boundsPeriod"] = {"start": written.date().isoformat(), "end": min(until, self._last).isoformat()}
        dose = {"doseQuantity": {"value": pieces, "unit": "tablet", "system": _UCUM, "code": "{tbl}"}}
        text = f"{pieces} by mouth {times} times a day"
        return {"text": text, "timing": {"repeat": repeat}, "route": _ORAL, "doseAndRate": [dose]}

    def _supply(self, inpatient: bool) -> Json:
        if inpatient:
            return {}
        duration = {"value": self._random.choice((7, 14, 30, 90)), "unit": "days", "system": _UCUM, "code": "d"}
        repeats = self._random.choice((0, 0, 1, 3))
        return {"dispenseRequest": {"numberOfRepeatsAllowed": repeats, "expectedSupplyDuration": duration}}


_ORAL = _concept(SNOMED_CT, "26643006", "By mouth")
_WEIGHTS = [product.weight for product in population.PRODUCTS]


def _shares() -> list[float]:
    return [share for _, _, share in population.AGES]


def _quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": _UCUM, "code": unit}
