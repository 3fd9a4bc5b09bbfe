"""Random models, random changes of them, and rows for their tables.

A model is drawn as plain data (:class:`~tests.laws.drawn.model.Model`), so that it can be changed, printed and shrunk;
:func:`~tests.laws.drawn.build.metadata` makes the MetaData of it. What a change takes the ground from (a foreign key whose
target goes, an index on a column that goes) goes with it: :func:`~tests.laws.drawn.model.sound`.
"""

from tests.laws.drawn.build import metadata
from tests.laws.drawn.changing import changed
from tests.laws.drawn.drawing import models
from tests.laws.drawn.model import Model
from tests.laws.drawn.rows import fill, kept

__all__ = ["Model", "changed", "fill", "kept", "metadata", "models"]
