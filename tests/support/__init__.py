"""What the tests stand on: servers and databases."""
