"""Tests of the floor that says who may call."""
