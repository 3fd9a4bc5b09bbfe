"""The whole way of a project, through the command line: begin, change in a dozen ways, go back to nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import oracle
from tests.support.journeys import Project

CHANGES: dict[str, tuple[str, str]] = {
    "a column is added, with an index": (
        "    bio: Mapped[str | None] = mapped_column(Text)\n",
        "    nickname: Mapped[str | None] = mapped_column(String(30), index=True)\n",
    ),
    "a NOT NULL column with a default is added": (
        "    slug: Mapped[str] = mapped_column(String(60))\n",
        "    slug: Mapped[str] = mapped_column(String(60))\n"
        '    position: Mapped[int] = mapped_column(server_default=text("7"))\n',
    ),
    "a type is widened": (
        "mapped_column(String(40), unique=True)\n    description",
        "mapped_column(String(60), unique=True)\n    description",
    ),
    "a column may be empty": (
        "title: Mapped[str] = mapped_column(String(120))",
        "title: Mapped[str | None] = mapped_column(String(120))",
    ),
    "a server default changes": ('server_default=text("0")', 'server_default=text("1")'),
    "a server default goes": ('mapped_column(String(200), server_default="")', "mapped_column(String(200))"),
    "values of an enum come and go": ('    REVIEW = "review"\n', '    EDITED = "edited"\n    ARCHIVED = "archived"\n'),
    "a check changes": ("word_count >= 0", "word_count >= 1"),
    "an unnamed unique constraint goes": ('        UniqueConstraint("user_id", "provider"),\n', ""),
    "an index changes": (
        'Index("ix_articles_author_id_published_at", "author_id", "published_at")',
        'Index("ix_articles_author_id_published_at", "published_at", "author_id", unique=True)',
    ),
    "a foreign key acts otherwise": (
        'author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))',
        'author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT", onupdate="CASCADE"))',
    ),
    "a comment of a table changes": ("People who can sign in", "People who can't"),
    "a comment of a column goes": (', comment="From 0 to 5; empty until somebody votes"', ""),
    "a table goes": (
        'articles_tags = Table(\n    "articles_tags",\n    Base.metadata,\n'
        '    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),\n'
        '    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True),\n'
        '    Column("position", Numeric(4, 0), server_default="0", nullable=False),\n)\n',
        "",
    ),
    "its relationship goes": ("    tags: Mapped[list[Tag]] = relationship(secondary=articles_tags)\n", ""),
    "a table comes": (
        "class Tag(Base):\n",
        "class Comment(Base):\n"
        '    """What a reader says."""\n\n'
        '    __tablename__ = "comments"\n\n'
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
        '    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)\n'
        '    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))\n'
        "    body: Mapped[str] = mapped_column(Text)\n\n\n"
        "class Tag(Base):\n",
    ),
}


def blog(directory: Path, url: str) -> Project:
    return Project("blog", directory, {"BLOG_URL": url})


ROWS = [
    "INSERT INTO users (id, email, name, bio) VALUES (1, 'a@example.org', 'A', 'long ago'), (2, 'b@example.org', 'B', NULL)",
    "INSERT INTO roles (id, name) VALUES (1, 'editor')",
    "INSERT INTO users_roles (user_id, role_id) VALUES (1, 1)",
    "INSERT INTO categories (id, parent_id, slug, title) VALUES (1, NULL, 'top', 'Top'), (2, 1, 'sub', 'Sub')",
    "INSERT INTO articles (id, author_id, slug, title, body, status, word_count) "
    "VALUES (1, 1, 's', 'T', 'text', 'PUBLISHED', 3), (2, 2, 's2', 'T2', 'text', 'DRAFT', 4)",
    "INSERT INTO articles_categories (article_id, category_id) VALUES (1, 2)",
    "INSERT INTO identities (id, user_id, provider, subject) VALUES (1, 1, 'x', 'y')",
]

COUNTS = {
    "users": 2, "roles": 1, "users_roles": 1, "categories": 2, "articles": 2, "articles_categories": 1, "identities": 1,
}  # fmt: skip


def test_the_whole_way(backend, tmp_path) -> None:
    url = backend.new_database()
    project = blog(tmp_path, url)

    project.run("autogen", "-m", "initdb")
    assert project.run("check", expect=1), "the revision is not applied yet"
    project.run("upgrade")
    project.run("check")
    reference = backend.new_database()
    project.create_all("blog.models:Base", reference)
    first = oracle.dump(url)
    oracle.assert_same(first, oracle.dump(reference), open_names=oracle.is_server_given)
    engine = backend.engine(url)
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(sa.text(row))

    project.change("blog/models.py", CHANGES)
    assert "differ" in project.run("check", expect=1)
    assert "articles_tags" in project.run("diff")
    project.run("autogen", "-m", "a dozen changes")
    project.run("upgrade")
    project.run("check")
    changed = backend.new_database()
    project.create_all("blog.models:Base", changed)
    second = oracle.dump(url)
    oracle.assert_same(second, oracle.dump(changed), open_names=oracle.is_server_given)
    with engine.connect() as connection:
        assert {table: connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) for table in COUNTS} == COUNTS
        assert connection.scalars(sa.text("SELECT position FROM categories")).all() == [7, 7]
        assert connection.scalars(sa.text("SELECT status FROM articles ORDER BY id")).all() == ["PUBLISHED", "DRAFT"]

    project.run("downgrade", "--", "-1")
    oracle.assert_same(oracle.dump(url), first, open_names=oracle.is_server_given)
    with engine.connect() as connection:
        assert {table: connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) for table in COUNTS} == COUNTS
    project.run("upgrade")
    oracle.assert_same(oracle.dump(url), second, open_names=oracle.is_server_given)
    project.run("downgrade", "base")
    assert oracle.dump(url).is_empty_but_for_ours()
    assert len(project.revisions()) == 2


def test_a_file_made_on_sqlite_runs_elsewhere(backend, tmp_path) -> None:
    """The files are made on SQLite; the database that they upgrade is the backend's."""
    home = blog(tmp_path / "home", f"sqlite:///{tmp_path}/home.db")
    home.run("autogen", "-m", "initdb")
    url = backend.new_database()
    away = blog(tmp_path / "away", url)
    for revision in home.revisions():
        (away.directory / "migrations" / "versions" / revision.name).write_text(revision.read_text())
    away.run("upgrade")
    away.run("check")
    reference = backend.new_database()
    away.create_all("blog.models:Base", reference)
    oracle.assert_same(oracle.dump(url), oracle.dump(reference), open_names=oracle.is_server_given)


@pytest.mark.backends("sqlite")
def test_a_second_autogen_says_what_to_do_first(backend, tmp_path) -> None:
    project = blog(tmp_path, backend.new_database())
    project.run("autogen", "-m", "initdb")
    assert "schemadiff upgrade" in project.run("autogen", "-m", "initdb", expect=2)
    assert len(project.revisions()) == 1
