"""Replay: what the rules would have said of a hospital's own past, from files."""
