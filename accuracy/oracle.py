"""How many bytes a read must scan, from the files alone.

Of Parquet and ORC: the footers of all files of the surviving partitions, and the compressed bytes of the needed leaf columns in
the row groups (stripes) that min, max and NULL counts do not refute. Of text: the files. Partition predicates are evaluated
by DuckDB on the values of every folder.
"""

import datetime
import functools
import os
import urllib.parse

import duckdb
import pyarrow.parquet as pq

import orc_tail

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
FIELDS = ("partitions", "files", "file_bytes", "data", "footer")


@functools.lru_cache(None)
def layout(root):
    """[(partition values by key, [(path, bytes)])], sorted by folder."""
    found = []
    for folder, _, files in sorted(os.walk(root)):
        if not files:
            continue
        segments = [segment for segment in os.path.relpath(folder, root).split(os.sep) if "=" in segment]
        pairs = [segment.split("=", 1) for segment in segments]
        keys = {key: None if value == NULL_PARTITION else urllib.parse.unquote(value) for key, value in pairs}
        paths = sorted(os.path.join(folder, file) for file in files)
        found.append((keys, [(path, os.path.getsize(path)) for path in paths]))
    return found


@functools.lru_cache(None)
def surviving(root, predicate):
    """The partitions for which a SQL predicate over the keys, as text, is true."""
    partitions = layout(root)
    if predicate is None:
        return partitions
    keys = list(partitions[0][0])
    con = duckdb.connect()
    con.execute("CREATE TABLE folders (i INT, %s)" % ", ".join(f'"{key}" VARCHAR' for key in keys))
    rows = [[i] + [values[key] for key in keys] for i, (values, _) in enumerate(partitions)]
    con.executemany("INSERT INTO folders VALUES (%s)" % ", ".join("?" * (len(keys) + 1)), rows)
    kept = con.execute(f"SELECT i FROM folders WHERE {predicate} ORDER BY i").fetchall()
    return [partitions[i] for (i,) in kept]


@functools.lru_cache(None)
def footer(path):
    """(footer bytes, [row group]): a row group is (rows, {leaf path: [(bytes, range or None, NULLs or None)]})."""
    if path.endswith(".orc"):
        return orc_tail.read(path)
    metadata = pq.read_metadata(path)
    groups = []
    for i in range(metadata.num_row_groups):
        group = metadata.row_group(i)
        leaves = {}
        for j in range(group.num_columns):
            column = group.column(j)
            statistics = column.statistics
            has_range = statistics is not None and statistics.has_min_max
            span = (plain(statistics.min), plain(statistics.max)) if has_range else None
            nulls = statistics.null_count if statistics is not None and statistics.has_null_count else None
            leaves[column.path_in_schema] = (column.total_compressed_size, span, nulls)
        groups.append((group.num_rows, leaves))
    # Thrift, its length in four bytes, and `PAR1`.
    return metadata.serialized_size + 8, groups


def plain(value):
    """Times without a zone: those of the lake are all UTC."""
    return value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value


def needed(leaves, columns):
    """Bytes of the leaves that are one of the columns, or lie in one; `*` is all."""

    def is_needed(leaf):
        return "*" in columns or any(leaf == column or leaf.startswith(column + ".") for column in columns)

    return sum(size for leaf, (size, _, _) in leaves.items() if is_needed(leaf))


def may_hold(rows, leaves, predicate):
    """Whether some row of a row group may pass (column, operator, value); what has no statistics may."""
    column, operator, value = predicate
    if column not in leaves:
        # A file from before the column was added: every value is NULL.
        return operator == "is null"
    _, span, nulls = leaves[column]
    if operator == "is null":
        return nulls != 0
    if nulls is not None and nulls == rows:
        return False
    if operator == "is not null" or span is None:
        return True
    low, high = span
    return {
        "=": lambda: low <= value <= high,
        "<>": lambda: not low == high == value,
        "<": lambda: low < value,
        "<=": lambda: low <= value,
        ">": lambda: high > value,
        ">=": lambda: high >= value,
        "in": lambda: any(low <= v <= high for v in value),
        "between": lambda: low <= value[1] and high >= value[0],
    }[operator]()


def survives(rows, leaves, statistics):
    """`statistics` is an AND of predicates; a list among them is an OR of ANDs."""
    for predicate in statistics:
        if isinstance(predicate, list):
            if not any(survives(rows, leaves, branch) for branch in predicate):
                return False
        elif not may_hold(rows, leaves, predicate):
            return False
    return True


def scan(lake, read):
    """What one read scans, by kind: see FIELDS."""
    partitions = surviving(os.path.join(lake, read["table"]), read["where"])
    total = dict.fromkeys(FIELDS, 0)
    total["partitions"] = len(partitions)
    for _, files in partitions:
        for path, size in files:
            total["files"] += 1
            total["file_bytes"] += size
            if not path.endswith((".parquet", ".orc")):
                total["data"] += size
                continue
            overhead, groups = footer(path)
            total["footer"] += overhead
            for rows, leaves in groups:
                if survives(rows, leaves, read["statistics"]):
                    total["data"] += needed(leaves, read["columns"])
    return total


def expected(lake, reads):
    """What several reads scan together; `bytes` is data and footers."""
    scans = [scan(lake, read) for read in reads]
    total = {field: sum(scan[field] for scan in scans) for field in FIELDS}
    return total | {"bytes": total["data"] + total["footer"]}
