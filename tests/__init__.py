"""The tests of schemadiff, in the order of the house."""
