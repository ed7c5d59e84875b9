"""Population: from which distributions a made export is drawn.

They are round figures that give every rule something to do, and no survey of any hospital.
"""

from __future__ import annotations

from typing import NamedTuple

from cds_service.terminology import ICD_10_CM, LOINC, RXNORM, SNOMED_CT

# The last days of which there is anything, in days before the last one.
SPAN = 3 * 365
# First and last age in full years, and the share of the patients.
AGES = ((1, 17, 0.04), (18, 44, 0.28), (45, 64, 0.32), (65, 74, 0.19), (75, 84, 0.12), (85, 99, 0.05))
FEMALE, DIED = 0.52, 0.03
# A death lies in so many last days.
DYING = 30
# Visits of a patient, 1 with the first weight; what happens on one, each with its probability.
VISITS = (0.2, 0.22, 0.2, 0.14, 0.1, 0.07, 0.04, 0.03)
INPATIENT, PROCEDURE, TEST_ORDERED = 0.1, 0.4, 0.1
# Orders of a visit, 0 with the first weight; those of one visit are signed at one moment with this probability.
ORDERS = (0.55, 0.26, 0.11, 0.05, 0.03)
TOGETHER = 0.5
# Shares of the orders that name their drug by a Medication, in free text only, that ended, and that tell when.
BY_REFERENCE, FREE_TEXT, ENDED, TOLD_END = 0.1, 0.02, 0.6, 0.3
STATEMENT, ALLERGY = 0.5, 0.3


class Product(NamedTuple):
    """A drug with its weight among orders; pieces a dose and doses a day are drawn from these."""

    code: str
    name: str
    weight: float
    pieces: tuple[int, ...] = (1,)
    times: tuple[int, ...] = (1, 2)
    system: str = RXNORM


PRODUCTS = (
    Product("314076", "lisinopril 10 MG Oral Tablet", 14),
    Product("860975", "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet", 11),
    Product("617310", "atorvastatin 20 MG Oral Tablet", 13),
    Product("855332", "warfarin sodium 5 MG Oral Tablet", 3),
    Product("312941", "sertraline 50 MG Oral Tablet", 6),
    Product("198440", "acetaminophen 500 MG Oral Tablet", 12, (1, 2), (3, 4)),
    Product("197361", "amlodipine 5 MG Oral Tablet", 10),
    Product("197319", "allopurinol 100 MG Oral Tablet", 4),
    Product("723", "amoxicillin", 6, (1,), (3,)),
    Product("310429", "furosemide 20 MG Oral Tablet", 3),
    Product("310798", "hydrochlorothiazide 25 MG Oral Tablet", 3),
    Product("313096", "spironolactone 25 MG Oral Tablet", 1.5),
    Product("198116", "Potassium Chloride 20 MEQ Extended Release Oral Tablet", 1.5),
    Product("1049621", "Oxycodone Hydrochloride 5 MG Oral Tablet", 3, (1, 2), (3, 4)),
    Product("857002", "Acetaminophen 325 MG / Hydrocodone Bitartrate 5 MG Oral Tablet", 2.5, (1, 2), (3, 4)),
    Product("835603", "tramadol hydrochloride 50 MG Oral Tablet", 2, (1,), (2, 3, 4)),
    Product("197901", "lorazepam 1 MG Oral Tablet", 1.5, (1,), (1, 2, 3)),
    Product("308048", "alprazolam 0.5 MG Oral Tablet", 1.2, (1,), (1, 2, 3)),
    Product("197591", "diazepam 5 MG Oral Tablet", 0.6, (1, 2), (1, 2, 3)),
    Product("828348", "cyclobenzaprine hydrochloride 10 MG Oral Tablet", 1.2, (1,), (1, 3)),
    Product("197391", "baclofen 10 MG Oral Tablet", 0.8, (1, 2), (1, 2, 3, 4)),
    Product("197944", "methocarbamol 750 MG Oral Tablet", 0.6, (1, 2), (3, 4)),
    Product("198741", "Magnesium Oxide 400 MG Oral Tablet", 1, (1,), (1, 2)),
    Product("997010", "quinine sulfate 324 MG Oral Capsule", 0.1, (1,), (1, 3)),
)


class Diagnosis(NamedTuple):
    """A condition, and how many have it below 65 and from then on."""

    code: str
    name: str
    younger: float
    older: float
    system: str = ICD_10_CM


DIAGNOSES = (
    Diagnosis("I10", "Essential (primary) hypertension", 0.25, 0.65),
    Diagnosis("E11.9", "Type 2 diabetes mellitus without complications", 0.1, 0.25),
    Diagnosis("E78.5", "Hyperlipidemia, unspecified", 0.25, 0.55),
    Diagnosis("M54.50", "Low back pain, unspecified", 0.25, 0.3),
    Diagnosis("F32.A", "Depression, unspecified", 0.15, 0.12),
    Diagnosis("G47.00", "Insomnia, unspecified", 0.12, 0.18),
    Diagnosis("J44.9", "Chronic obstructive pulmonary disease, unspecified", 0.03, 0.14),
    Diagnosis("K21.9", "Gastro-esophageal reflux disease without esophagitis", 0.15, 0.25),
    Diagnosis("J06.9", "Acute upper respiratory infection, unspecified", 0.3, 0.2),
    Diagnosis("N39.0", "Urinary tract infection, site not specified", 0.1, 0.18),
    Diagnosis("M17.9", "Osteoarthritis of knee, unspecified", 0.05, 0.22),
    Diagnosis("R25.2", "Cramp and spasm", 0.02, 0.05),
    Diagnosis("G47.62", "Sleep related leg cramps", 0.01, 0.04),
    Diagnosis("55300003", "Cramp", 0.01, 0.01, SNOMED_CT),
    Diagnosis("K74.60", "Unspecified cirrhosis of liver", 0.008, 0.012),
    Diagnosis("K76.82", "Hepatic encephalopathy", 0.002, 0.004),
    Diagnosis("N18.30", "Chronic kidney disease, stage 3 unspecified", 0.02, 0.14),
    Diagnosis("N18.4", "Chronic kidney disease, stage 4 (severe)", 0.003, 0.02),
    Diagnosis("F11.20", "Opioid dependence, uncomplicated", 0.015, 0.004),
    Diagnosis("G35", "Multiple sclerosis", 0.004, 0.003),
    Diagnosis("G40.909", "Epilepsy, unspecified, not intractable, without status epilepticus", 0.01, 0.012),
    Diagnosis("R29.6", "Repeated falls", 0.005, 0.06),
)


class Assay(NamedTuple):
    """A test with the middle and the spread of its results, its unit, and its usual range."""

    code: str
    name: str
    middle: float
    spread: float
    unit: str
    low: float
    high: float


# Each panel with its category and the probability that a visit has it. Most results are such of which no rule asks, as
# in published records.
PANELS: tuple[tuple[str, float, tuple[Assay, ...]], ...] = (
    (
        "laboratory",
        0.2,
        (
            Assay("2951-2", "Sodium in serum or plasma", 139, 3.2, "mmol/L", 136, 145),
            Assay("2823-3", "Potassium in serum or plasma", 4.1, 0.5, "mmol/L", 3.5, 5.1),
            Assay("2075-0", "Chloride in serum or plasma", 103, 3, "mmol/L", 98, 107),
            Assay("2160-0", "Creatinine in serum or plasma", 1.0, 0.4, "mg/dL", 0.6, 1.2),
            Assay("98979-8", "eGFR, CKD-EPI 2021", 78, 24, "mL/min/{1.73_m2}", 60, 120),
            Assay("2345-7", "Glucose in serum or plasma", 108, 25, "mg/dL", 70, 110),
            Assay("17861-6", "Calcium in serum or plasma", 9.4, 0.5, "mg/dL", 8.5, 10.5),
        ),
    ),
    ("laboratory", 0.05, (Assay("19123-9", "Magnesium in serum or plasma", 2.0, 0.3, "mg/dL", 1.7, 2.6),)),
    (
        "laboratory",
        0.15,
        (
            Assay("718-7", "Hemoglobin in blood", 13.6, 1.6, "g/dL", 12, 16),
            Assay("6690-2", "Leukocytes in blood", 7.4, 2.2, "10*3/uL", 4, 11),
            Assay("777-3", "Platelets in blood", 245, 65, "10*3/uL", 150, 400),
        ),
    ),
    (
        "laboratory",
        0.1,
        (
            Assay("2093-3", "Cholesterol in serum or plasma", 190, 40, "mg/dL", 0, 200),
            Assay("2085-9", "HDL cholesterol in serum or plasma", 52, 14, "mg/dL", 40, 80),
            Assay("2571-8", "Triglyceride in serum or plasma", 140, 60, "mg/dL", 0, 150),
        ),
    ),
    (
        "vital-signs",
        0.8,
        (
            Assay("8867-4", "Heart rate", 76, 12, "/min", 60, 100),
            Assay("9279-1", "Respiratory rate", 16, 2, "/min", 12, 20),
            Assay("29463-7", "Body weight", 80, 17, "kg", 40, 120),
            Assay("8310-5", "Body temperature", 36.8, 0.4, "Cel", 36, 37.5),
        ),
    ),
)
LABORATORY = LOINC
PROCEDURES = (("71045", "Chest radiograph"), ("93000", "Electrocardiogram"), ("45378", "Colonoscopy"))
REACTIONS = (("91936005", "Penicillin"), ("300913006", "Shellfish"), ("419474003", "Mould"))
FREE_TEXTS = ("vitamin D as before", "lorazepam 1 mg if needed", "cream from the pharmacy", "magnesium from the shop")
