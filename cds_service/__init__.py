"""Muscle-cramp decision support over CDS Hooks and FHIR."""

__version__ = "0.1.0"
