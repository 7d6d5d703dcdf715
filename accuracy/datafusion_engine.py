"""Runs the queries on Apache DataFusion and prints, as JSON, the bytes of column chunks that its scans asked for.

It keeps footers apart from `bytes_scanned` and does not count text, so this is a second opinion on the data alone. Page indexes
and bloom filters are off, the oracle knows row groups; so are answers out of statistics without a scan.
"""

import json
import os
import sys

import datafusion
import pyarrow as pa
import pyarrow.parquet

import definitions
import oracle
import queries

TYPES = {"string": pa.string(), "date": pa.date32(), "int": pa.int32()}


def context(lake):
    config = datafusion.SessionConfig().with_target_partitions(2)
    config.set("datafusion.execution.collect_statistics", "false")
    config.set("datafusion.execution.parquet.enable_page_index", "false")
    config.set("datafusion.execution.parquet.bloom_filter_on_read", "false")
    context = datafusion.SessionContext(config)
    for table in sorted(os.listdir(lake)):
        root = os.path.join(lake, table)
        partitions = oracle.layout(root)
        if table in definitions.HIDDEN or not partitions[0][1][0][0].endswith(".parquet"):
            continue
        types = declared_keys(table)
        keys = [(key, types.get(key, pa.string())) for key in partitions[0][0]]
        # The newest file has every column.
        newest = pa.parquet.read_schema(partitions[-1][1][-1][0])
        context.register_parquet(table, root, table_partition_cols=keys, schema=newest)
    for view in definitions.views():
        context.sql(view).collect()
    return context


def declared_keys(table):
    """{key: type} of a declared table."""
    for statement in definitions.statements():
        if f" TABLE {table} (" in statement:
            return {name: TYPES[kind] for name, kind in (key.split() for key in definitions.keys(statement).split(","))}
    return {}


def bytes_scanned(plan):
    own = plan.metrics()
    counted = own.sum_by_name("bytes_scanned") if own else None
    return (counted or 0) + sum(bytes_scanned(child) for child in plan.children())


def main(lake):
    session = context(lake)
    answers = {}
    for entry in queries.load():
        if entry["datafusion"]:
            try:
                frame = session.sql(entry["datafusion"])
                frame.collect()
                answers[entry["name"]] = {"bytes": bytes_scanned(frame.execution_plan())}
            except BaseException as error:  # DataFusion's panics are no Exception.
                answers[entry["name"]] = {"error": str(error).split("\n")[0][:300]}
    json.dump({"version": datafusion.__version__, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
