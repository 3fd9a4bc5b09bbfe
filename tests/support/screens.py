"""Makes the picture of the README: ``python -m tests.support.screens`` writes fixtures/screens/diff.svg anew.

It is what ``schemadiff diff`` shows of the blog after somebody has worked on its models.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa
from rich.console import Console
from rich.terminal_theme import MONOKAI

import schemadiff
from schemadiff.comparison import Diff
from schemadiff.rendering.terminal import DiffTree
from tests.support.projects import BLOG, FIXTURES

PICTURE = FIXTURES / "screens" / "diff.svg"

WIDTH = 88

# What somebody has changed in blog/models.py.
EDITS = (
    ("    bio: Mapped[str | None] = mapped_column(Text)\n", ""),
    ("name: Mapped[str] = mapped_column(String(80))", "name: Mapped[str] = mapped_column(String(120))"),
    ('    REVIEW = "review"\n', ""),
    ('CheckConstraint("word_count >= 0",', 'CheckConstraint("word_count >= 0 AND word_count < 99999",'),
    ("Numeric(3, 2)", "Numeric(2, 1)"),
    ("published_at: Mapped[datetime.datetime | None]", "published_at: Mapped[datetime.datetime]"),
)
COMMENT = '''

class Comment(Base):
    """What somebody says of an article."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
'''


def models(name: str, source: str) -> sa.MetaData:
    """Return the tables of the blog, from the text of its models."""
    module = ModuleType(name)
    sys.modules[name] = module  # SQLAlchemy looks annotations up there
    try:
        exec(compile(source, name, "exec"), module.__dict__)
        module.Base.registry.configure()
    finally:
        del sys.modules[name]
    found: sa.MetaData = module.Base.metadata
    return found


def difference() -> Diff:
    """Return how the blog differs from the changed one, as on PostgreSQL."""
    before = (BLOG / "blog" / "models.py").read_text(encoding="utf-8")
    after = before + COMMENT
    for old, new in EDITS:
        assert after.count(old) == 1, old
        after = after.replace(old, new)
    source = schemadiff.from_metadata(models("blog_before", before), "postgresql")
    return schemadiff.diff(source, models("blog_after", after))


def picture() -> str:
    """Return the picture as SVG. It loads nothing from anywhere."""
    found = difference()
    console = Console(file=io.StringIO(), width=WIDTH, record=True, force_terminal=True, color_system="truecolor")
    console.print("$ schemadiff diff", style="bold", highlight=False)
    console.print(DiffTree(found.upgrade, backend=found.backend), soft_wrap=True)
    svg = console.export_svg(title="schemadiff diff", theme=MONOKAI, unique_id="schemadiff")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def main(path: Path = PICTURE) -> None:
    """Write the picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
