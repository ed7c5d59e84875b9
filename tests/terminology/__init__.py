"""Tests of the codes."""
