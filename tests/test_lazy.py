"""Packages whose names are loaded when they are first used have the names that they say."""

from __future__ import annotations

from types import ModuleType

import pytest

import schemadiff
from schemadiff import commands, rendering, revisions

PACKAGES = [schemadiff, commands, rendering, revisions]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda each: each.__name__)
def test_a_package_has_the_names_that_it_says(package: ModuleType) -> None:
    assert [name for name in package.__all__ if getattr(package, name, None) is None] == []
    with pytest.raises(AttributeError, match=rf"'{package.__name__}' has no attribute 'nonsense'"):
        _ = package.nonsense
