"""What is shown cannot pass for something else."""

from __future__ import annotations

import pytest

from schemadiff.cli.output import Output


def test_a_name_begins_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.say("Dropped table a\nerror: all is lost")
    output.note("warning: view a\r\x1b[2Kb")
    shown = capsys.readouterr()
    assert shown.out == "Dropped table a\\nerror: all is lost\n"
    assert shown.err == "warning: view a\\r\\x1b[2Kb\n"
