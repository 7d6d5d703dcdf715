"""The queries, each with what a person says it must read.

`query` registers one; `read` is one scan of one table. What is written here is never computed from a query's text: it is the
truth that lakelint is judged on.
"""

AS_OF = "1995-03-20"
ALL = []


def read(table, columns="", where=None, statistics=()):
    """One scan of a table.

    columns     the needed columns that lie in the files, in words; nested leaves by their dotted path; `*` is all
    where       a predicate over the partition keys, in DuckDB's SQL over strings; None keeps every partition
    statistics  an AND of (leaf column, operator, value) that row-group statistics may refute; a list in it is an OR of ANDs
    """
    return {"table": table, "columns": columns.split(), "where": where, "statistics": list(statistics)}


def query(name, about, sql, *reads, dynamic=None, early=False, spark="same", datafusion="same"):
    """A statement in Athena's SQL.

    reads       every scan that an engine makes which keeps no intermediate result: a CTE used twice is two
    dynamic     the scans that are left once run-time filters prune; None where there are no run-time filters
    early       the engine may stop before the end (LIMIT)
    spark, datafusion   the same question in the engine's SQL; None where the engine cannot be asked
    """
    text = " ".join(sql.split())
    # Only written differently in other engines: the day of the run, and the type's name.
    portable = text.replace("current_date", f"DATE '{AS_OF}'").replace("AS varchar)", "AS string)")

    def of(engine):
        return portable if engine == "same" else engine and " ".join(engine.split())

    ALL.append(
        {
            "name": name,
            "about": about,
            "sql": text,
            "reads": list(reads),
            "dynamic": dynamic,
            "early": early,
            "spark": of(spark),
            "datafusion": of(datafusion),
        }
    )


def load():
    """All queries."""
    from . import dates, joins, keys, layouts, shapes, statistics, writes  # noqa: F401: they register themselves

    names = [entry["name"] for entry in ALL]
    assert len(names) == len(set(names)), "a name is used twice"
    return ALL
