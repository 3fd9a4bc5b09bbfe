"""The pairs of ``fixtures/pairs``: two schemas each, and the laws that a diff of them has to keep.

``cases`` reads them, ``tools`` and ``trial`` run one of them, ``matrix`` counts what they are about
(``python -m tests.corpus.matrix``), ``test_pairs`` is the test.
"""
