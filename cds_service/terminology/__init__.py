"""Codes: which concept of the guideline a coding stands for, answered by one dictionary look-up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from cds_service.terminology.valueset import Content, Document, load

__all__ = [
    "SYSTEMS",
    "Coding",
    "Content",
    "Entry",
    "ValueSet",
    "about",
    "by_code",
    "by_name",
    "by_phrase",
    "coded_with",
    "named",
    "valueset",
    "valuesets",
]

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED_CT = "http://snomed.info/sct"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_9_CM = "http://hl7.org/fhir/sid/icd-9-cm"
ATC = "http://www.whocc.no/atc"
LOINC = "http://loinc.org"
V3_ROUTES = "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"

# The addresses under which real records name a code system, with the one that our value sets use.
# The OIDs are those of the HL7 OID registry; the other spellings were seen in exported records.
SYSTEMS = {system: system for system in (RXNORM, SNOMED_CT, ICD_10, ICD_10_CM, ICD_9_CM, ATC, LOINC, V3_ROUTES)} | {
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
    "urn:oid:2.16.840.1.113883.6.96": SNOMED_CT,
    "urn:oid:2.16.840.1.113883.6.3": ICD_10,
    "urn:oid:2.16.840.1.113883.6.90": ICD_10_CM,
    "urn:oid:2.16.840.1.113883.6.103": ICD_9_CM,
    "urn:oid:2.16.840.1.113883.6.73": ATC,
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "http://hl7.org/fhir/sid/icd-9-cm/diagnosis": ICD_9_CM,
    "http://hl7.org/fhir/v3/RouteOfAdministration": V3_ROUTES,  # before R4
}
_DOTTED = {ICD_10, ICD_10_CM, ICD_9_CM}  # records write these codes with and without the dot
_EXACT = {RXNORM, SNOMED_CT, LOINC}  # most codes of a record, and of these each has one spelling
_LOOKALIKES = "drug-lookalikes"
_WORD = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a code system, as it is sent: RxNorm 197901, lorazepam 1 MG Oral Tablet."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a value set says of one code: its set, the ingredient that counts, the product's route and content."""

    valueset: str
    ingredient: str = ""
    route: str = ""
    content: Content | None = None

    def __hash__(self) -> int:
        return hash((self.valueset, self.ingredient))


@dataclass(frozen=True, slots=True)
class ValueSet:
    """One idea of the guideline as a list of codes; equal to another of the same name."""

    name: str
    title: str
    codings: tuple[Coding, ...]
    ingredients: tuple[str, ...]

    def __hash__(self) -> int:
        return hash(self.name)


@cache
def _documents() -> dict[str, Document]:
    """Every FHIR ValueSet that ships with the package, by name."""
    folder = files("cds_service.terminology").joinpath("valuesets")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".json")), key=lambda p: p.name)
    return {path.name.removesuffix(".json"): load(path.read_bytes()) for path in paths}


@cache
def valueset(name: str) -> ValueSet:
    """The value set of that name. An unknown name raises KeyError, at import of the rule that asks."""
    document = _documents()[name]
    codings = tuple(
        Coding(group.system, concept.code, concept.display) for group in document.groups for concept in group.concept
    )
    ingredients = tuple(sorted({group.ingredient for group in document.groups if group.ingredient}))
    return ValueSet(name, document.title, codings, ingredients)


def named() -> Iterator[tuple[Coding, Entry]]:
    """Every RxNorm code of an ingredient with the name that may be shown, and what its value set says of it."""
    for name, document in _documents().items():
        for group in document.groups:
            if group.system == RXNORM and group.ingredient:
                for concept in group.concept:
                    coding = Coding(group.system, concept.code, concept.display)
                    yield coding, Entry(name, group.ingredient, group.route, concept.content)


def valuesets() -> tuple[str, ...]:
    """The names of all value sets."""
    return tuple(_documents())


def about(name: str) -> str:
    """What is in a value set and where its codes were verified."""
    return _documents()[name].about


def _plain(system: str, code: str) -> str:
    return code.replace(".", "").upper() if system in _DOTTED else code


def _index() -> dict[tuple[str, str], tuple[Entry, ...]]:
    index: dict[tuple[str, str], tuple[Entry, ...]] = {}
    for name, document in _documents().items():
        for group in document.groups:
            plain = (Entry(name, group.ingredient, group.route),)  # one for all codes of which no more is said
            for concept in group.concept:
                key = group.system, _plain(group.system, concept.code)
                entries = plain
                if concept.content is not None:
                    entries = (Entry(name, group.ingredient, group.route, concept.content),)
                index[key] = index[key] + entries if key in index else entries
    # Records name ICD-10-CM codes under the address of ICD-10; the international codes go first.
    for system, code in [key for key in index if key[0] == ICD_10_CM]:
        index.setdefault((ICD_10, code), index[system, code])
    return index | {(system, _dotted(code)): entries for (system, code), entries in index.items() if system in _DOTTED}


def _dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}"


_INDEX = _index()


def by_code(system: str, code: str) -> tuple[Entry, ...]:
    """The entries of a code, none if no value set holds it. Other spellings of the system are known."""
    found = _INDEX.get((system, code))
    if found is not None or system in _EXACT or (system in _DOTTED and code[3:4] == "." and code.isupper()):
        return found or ()
    known = SYSTEMS.get(system, system)
    return _INDEX.get((known, _plain(known, code)), ())


def _names() -> dict[str, tuple[Entry, ...]]:
    """Ingredient word -> entries. A word that names a whole class (`opioid`) is a word like any other."""
    pairs = {
        (group.ingredient, name)
        for name, document in _documents().items()
        for group in document.groups
        if group.ingredient
    }
    words: dict[str, tuple[Entry, ...]] = {}
    for word, name in sorted(pairs):
        words[word] = (*words.get(word, ()), Entry(name, word))
    return words


_NAMES = _names()
_STRUCK = tuple(_documents()[_LOOKALIKES].phrases)
_ALONE = frozenset(name for name, document in _documents().items() if document.alone)
_NAMED_WITH = {
    name: re.compile(rf"\b({'|'.join(document.named_with)})\b")
    for name, document in _documents().items()
    if document.named_with
}


def by_name(text: str) -> tuple[Entry, ...]:
    """The entries whose ingredient is a word of the text; look-alike phrases are struck out first.

    Weaker than a code: `esomeprazole magnesium` holds the word of a drug that it is not.
    """
    lowered = text.lower()
    if _NAMES.keys().isdisjoint(_WORD.findall(lowered)):
        return ()
    for phrase in _STRUCK:
        lowered = lowered.replace(phrase, " ")
    named = sorted(set(_WORD.findall(lowered)) & _NAMES.keys())
    return tuple(entry for word in named for entry in _NAMES[word] if _may_be(entry.valueset, lowered, len(named)))


def _may_be(name: str, text: str, ingredients: int) -> bool:
    """Some sets ask for more than an ingredient's word: to stand alone, or a word that tells the product."""
    if ingredients > 1 and name in _ALONE:
        return False
    return name not in _NAMED_WITH or _NAMED_WITH[name].search(text) is not None


_PHRASES = tuple(
    (phrase, name) for name, document in _documents().items() if name != _LOOKALIKES for phrase in document.phrases
)


def by_phrase(text: str) -> frozenset[str]:
    """The condition value sets that declare a phrase found in the text: `procedural sedation`."""
    lowered = text.lower()
    return frozenset(name for phrase, name in _PHRASES if phrase in lowered)


@cache
def coded_with(name: str) -> tuple[str, ...]:
    """The words of which a condition's text must hold one, for its code to count in this value set; none for most."""
    return _documents()[name].coded_with
