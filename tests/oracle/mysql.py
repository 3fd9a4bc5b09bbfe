"""The schema of a MariaDB or MySQL database, by SHOW CREATE of each of its objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from tests.oracle.dumps import Dump, Line, Name
from tests.oracle.tokens import Token, closing, find, joined, split, tokenize

_TABLE_TYPES = {"BASE TABLE": "TABLE", "SYSTEM VERSIONED": "TABLE", "VIEW": "VIEW", "SEQUENCE": "SEQUENCE"}


def dump(engine: sa.Engine, leave_out: Sequence[str], schemas: Sequence[str]) -> Dump:
    """Return the dump of the database of ``engine`` and of those that ``schemas`` names.

    Databases have different names in the two dumps of a test, so that each is called by its place in the list.
    """
    databases = [str(engine.url.database), *schemas]
    places = {database: f"database{place}" for place, database in enumerate(databases)}
    with engine.connect() as connection:
        lines = [line for database in databases for line in _database(connection, database, leave_out, places)]
        always = tuple(_default_charset(connection, database, places) for database in databases)
    return Dump("mysql", tuple(lines), tuple(line for line in always if line))


def _default_charset(connection: sa.Connection, database: str, places: Mapping[str, str]) -> Line:
    query = sa.text(
        "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = :name"
    )
    row = connection.execute(query, {"name": database}).one_or_none()
    return () if row is None else (f"DATABASE {places[database]} CHARACTER SET {row[0]} COLLATE {row[1]}",)


def _database(
    connection: sa.Connection, database: str, leave_out: Sequence[str], places: Mapping[str, str]
) -> Iterator[Line]:
    quoted = connection.dialect.identifier_preparer.quote_identifier
    place = places[database]

    def show(kind: str, name: str, column: str) -> str:
        statement = f"SHOW CREATE {kind} {quoted(database)}.{quoted(name)}"
        # The default of a binary column need not be text.
        connection.exec_driver_sql("SET @results = @@character_set_results, character_set_results = binary")
        printed = connection.exec_driver_sql(statement).mappings().one()[column]
        connection.exec_driver_sql("SET character_set_results = @results")
        return printed.decode(errors="backslashreplace") if isinstance(printed, bytes) else str(printed)

    def names(query: str) -> list[tuple[str, ...]]:
        return [tuple(row) for row in connection.execute(sa.text(query), {"name": database})]

    tables = names("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = :name")
    for name, table_type in tables:
        if name in leave_out:
            continue
        kind = _TABLE_TYPES[table_type]
        # MariaDB answers SHOW CREATE SEQUENCE in columns named as those of SHOW CREATE TABLE.
        text = show(kind, name, "Create View" if kind == "VIEW" else "Create Table")
        if kind == "TABLE":
            yield from _table(place, name, text, places)
        else:
            yield (f"{kind} {place}.{name}: {_with_places(tokenize('mysql', text), places)}",)
    triggers = "SELECT trigger_name, action_order FROM information_schema.triggers WHERE trigger_schema = :name"
    for name, order in names(triggers):
        text, mode = (show("TRIGGER", name, column) for column in ("SQL Original Statement", "sql_mode"))
        yield (f"TRIGGER {place}.{name} {order}: {_with_places(_trigger(tokenize('mysql', text)), places)} [{mode}]",)
    routines = "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = :name"
    for name, kind in names(routines):
        text, mode = (show(kind, name, column) for column in (f"Create {kind.capitalize()}", "sql_mode"))
        yield (f"{kind} {place}.{name}: {_with_places(tokenize('mysql', text), places)} [{mode}]",)
    for (name,) in names("SELECT event_name FROM information_schema.events WHERE event_schema = :name"):
        text, mode = (show("EVENT", name, column) for column in ("Create Event", "sql_mode"))
        yield (f"EVENT {place}.{name}: {_with_places(tokenize('mysql', text), places)} [{mode}]",)
    rights = "SELECT grantee, table_name, {}, privilege_type, is_grantable FROM information_schema.{} WHERE table_schema = :name"
    for query in (rights.format("'*'", "table_privileges"), rights.format("column_name", "column_privileges")):
        for grantee, table, column, right, grantable in names(query):
            yield (f"GRANT {right} ({column}) ON {place}.{table} TO {grantee}, grantable {grantable}",)


def _trigger(tokens: list[Token]) -> list[Token]:
    """Write the head of a trigger as MariaDB would: it keeps the spelling of the statement, quotes and capitals of key words.

    What follows FOR is the trigger's own text, and is left as it is.
    """
    start = next(position for position, token in enumerate(tokens) if token.is_word("TRIGGER"))
    end = next(position for position, token in enumerate(tokens) if token.is_word("FOR"))
    head = []
    for token in tokens[start:end]:
        is_key_word = token.is_word(
            "TRIGGER", "BEFORE", "AFTER", "INSERT", "UPDATE", "DELETE", "ON", "IF", "NOT", "EXISTS"
        )
        if token.kind == "mark":
            head.append(Token("mark", token.text, token.before))
        elif is_key_word:
            head.append(Token("word", token.text.upper(), " "))
        else:
            name = token.text[1:-1] if token.kind == "string" else token.name
            head.append(Token("quoted", "`" + name.replace("`", "``") + "`", " "))
    return [*tokens[:start], *head, *tokens[end:]]


def _with_places(tokens: Sequence[Token], places: Mapping[str, str]) -> str:
    """Return the text of ``tokens``, each database that qualifies a name called by its place."""
    renamed = [
        Token(token.kind, places[token.name], token.before)
        if token.kind == "quoted"
        and token.name in places
        and position + 1 < len(tokens)
        and tokens[position + 1].text == "."
        else token
        for position, token in enumerate(tokens)
    ]
    return joined(renamed)


def _table(place: str, table: str, text: str, places: Mapping[str, str]) -> Iterator[Line]:
    """Yield a line for each column and key of CREATE TABLE, and one for the table's options."""
    tokens = tokenize("mysql", text)
    opening = find(tokens, "(")
    end = closing(tokens, opening)
    options = tokens[end + 1 :]
    title = f"TABLE {place}.{table}"
    # "TEMPORARY" and the like stand before the name; the name itself is in the title.
    head = [token for token in tokens[:opening] if token.kind == "word"]
    yield (f"{title}: {joined(head)} (…) {joined(_without_left_over(_without_counter(options)))}",)
    hashes = any(token.is_word("MEMORY") for token in options)
    for part in split(tokens[opening + 1 : end], ","):
        yield (f"{title}: ", *_part(table, _without_method(part, memory=hashes), places))


def _without_method(part: list[Token], *, memory: bool) -> list[Token]:
    """Leave out USING of a key where it is what the key has anyway (MariaDB manual, "Storage Engine Index Types").

    That is HASH in MEMORY tables, and BTREE in others, where HASH means BTREE too. (A unique key is made over a hash there, which the
    next ALTER TABLE forgets, whatever it changes.)
    """
    if not part[0].is_word("KEY", "UNIQUE", "PRIMARY"):
        return part
    unsaid = ("HASH",) if memory else ("BTREE", "HASH")
    # The name of an index may be "USING", and its comment may say so: the clause stands between the columns and the comment.
    start = closing(part, find(part, "(")) + 1
    for position in range(start, len(part) - 1):
        if part[position].is_word("USING") and part[position + 1].is_word(*unsaid):
            return [*part[:position], *part[position + 2 :]]
    return part


def _without_counter(options: Sequence[Token]) -> list[Token]:
    """Leave out ``AUTO_INCREMENT=n``, the next value of the table's counter."""
    kept: list[Token] = []
    position = 0
    while position < len(options):
        if options[position].is_word("AUTO_INCREMENT") and options[position + 1].text == "=":
            position += 3
        else:
            kept.append(options[position])
            position += 1
    return kept


def _without_left_over(options: list[Token]) -> list[Token]:
    """Leave out ``PAGE_CHECKSUM=n`` of a table that is not Aria's: it came with the table from there, and nothing takes it back."""
    position = next((i for i, token in enumerate(options) if token.is_word("PAGE_CHECKSUM")), None)
    if position is None or any(token.is_word("ARIA") for token in options):
        return options
    return [*options[:position], *options[position + 3 :]]


def _part(table: str, tokens: list[Token], places: Mapping[str, str]) -> Line:
    """Return a column or a key, with its name taken apart where the server may have given it."""
    if tokens[0].is_word("CONSTRAINT"):
        kind = "foreign_key" if tokens[2].is_word("FOREIGN") else "check"
        name = Name("mysql", table, kind, tokens[1].name)
        return ("CONSTRAINT ", name, " ", _with_places(tokens[2:], places))
    if tokens[0].is_word("UNIQUE", "KEY"):
        position = 2 if tokens[0].is_word("UNIQUE") else 1
        kind = "unique" if position == 2 else "index"
        opening = find(tokens, "(")
        columns = tuple(part[0].name for part in split(tokens[opening + 1 : closing(tokens, opening)], ","))
        name = Name("mysql", table, kind, tokens[position].name, columns)
        return (joined(tokens[:position]), " ", name, " ", joined(tokens[position + 1 :]))
    return (_with_places(tokens, places),)
