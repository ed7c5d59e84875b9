"""How fast the service is, always against a bare Flask app in the same run: `make bench`."""
