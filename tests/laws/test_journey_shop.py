"""The whole way of the shop, which has nearly everything that a schema can have, in two schemas, through the command line."""

from __future__ import annotations

import sqlalchemy as sa

from tests import oracle
from tests.support.journeys import Project

CHANGES: dict[str, tuple[str, str]] = {
    "a column for another, with an index": (
        'Column("notes", sa.Text)',
        'Column("nickname", sa.String(30), index=True)',
    ),
    "a longer type and another default": (
        'Column("street", sa.String(120), nullable=False, server_default="")',
        'Column("street", sa.String(200), nullable=False, server_default="50% :x")',
    ),
    "a unique constraint goes": ('        sa.UniqueConstraint("customer_id", "kind"),\n', ""),
    "a check changes": ("\"country <> ''\"", "\"country <> 'XX'\""),
    "values of an enum come and go": (
        'sa.Enum("home", "work", "other",',
        'sa.Enum("home", "office", "other", "summer",',
    ),
    "values of a check come": ('sa.Enum("ground", "upper", "attic",', 'sa.Enum("cellar", "ground", "upper", "attic",'),
    "a number is more precise": (
        'Column("tax", sa.Numeric(4, 3), server_default=sa.text("0.19"))',
        'Column("tax", sa.Numeric(6, 4), server_default=sa.text("0.07"))',
    ),
    "a column may be empty": (
        'Column("sold", sa.BigInteger, nullable=False, server_default="0")',
        'Column("sold", sa.BigInteger, server_default="0")',
    ),
    "an index is of another order": (
        'Index("ix_products_title_price", "title", "price")',
        'Index("ix_products_title_price", "price", "title")',
    ),
    "a foreign key acts otherwise": (
        'Column("parent_id", ForeignKey("categories.id", ondelete="SET NULL"))',
        'Column("parent_id", ForeignKey("categories.id", ondelete="CASCADE"))',
    ),
    "a comment changes": ('comment="In lower case"', 'comment="It\'s in lower case"'),
    "a table for another": (
        '        "newsletters",\n        metadata,\n'
        '        Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),\n'
        '        Column("topic", sa.String(40), primary_key=True),\n',
        '        "coupons",\n        metadata,\n'
        '        Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),\n'
        '        Column("code", sa.String(20), unique=True),\n',
    ),
}


def test_the_whole_way(backend, tmp_path) -> None:
    url = backend.new_database()
    variables = {"SHOP_URL": url}
    schemas: tuple[str, ...] = ()
    if backend.has_schemas:
        schemas = (backend.new_schema_name(),)
        variables["SHOP_SCHEMA"] = schemas[0]
    project = Project("shop", tmp_path, variables, "--name", backend.name)
    target = f"shop.{backend.name}:metadata"

    def same_as_create_all() -> oracle.Dump:
        """Compare the database with one made of the models as they are."""
        reference = backend.new_database()
        there = schemas
        if backend.name == "mysql":
            # A schema is a database there, so the other one needs a name of its own.
            there = (backend.new_schema_name(),)
            project.environment["SHOP_SCHEMA"] = there[0]
        project.create_all(target, reference, there)
        project.environment.update(variables)
        found = oracle.dump(url, schemas=schemas)
        oracle.assert_same(found, oracle.dump(reference, schemas=there), open_names=oracle.is_server_given)
        return found

    project.run("autogen", "-m", "initdb")
    project.run("upgrade")
    project.run("check")
    first = same_as_create_all()

    project.change("shop/models/common.py", CHANGES)
    project.run("check", expect=1)
    project.run("autogen", "-m", "a dozen changes")
    project.run("upgrade")
    project.run("check")
    same_as_create_all()

    project.run("downgrade", "--", "-1")
    oracle.assert_same(oracle.dump(url, schemas=schemas), first, open_names=oracle.is_server_given)
    project.run("upgrade")
    project.run("downgrade", "base")
    assert oracle.dump(url).is_empty_but_for_ours()
    assert not set(schemas) & set(sa.inspect(backend.engine(url)).get_schema_names())
