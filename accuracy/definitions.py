"""What definitions.sql declares, for engines that have no Hive catalog."""

import os
import re

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "definitions.sql")
# Partition folders of hidden partitioning, which no definition names.
HIDDEN = {"trades": "traded_at_day string"}


def statements():
    with open(PATH) as file:
        text = "\n".join(line for line in file.read().splitlines() if not line.startswith("--"))
    return [statement.strip() for statement in text.split(";") if statement.strip()]


def parenthesised(text, start):
    """What stands in the parentheses that open at or after `start`, and where they end."""
    begin = text.index("(", start)
    depth = 0
    for i in range(begin, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return text[begin + 1 : i], i + 1
    raise ValueError("a parenthesis is left open")


def keys(statement):
    match = re.search(r"PARTITIONED BY", statement)
    return parenthesised(statement, match.end())[0] if match else ""


def schemas():
    """{table: columns and keys as DDL}, without text files' own rules."""
    found = {}
    for statement in statements():
        match = re.match(r"CREATE (?:EXTERNAL )?TABLE (\w+)", statement)
        if match:
            name = match[1]
            columns, _ = parenthesised(statement, match.end())
            by = HIDDEN.get(name) or keys(statement)
            found[name] = f"{columns.strip()}, {by}" if by else columns.strip()
    return found


def views():
    """The CREATE VIEW statements."""
    return [statement for statement in statements() if statement.startswith("CREATE VIEW")]
