"""Asks athena-cost-guard for its estimate of every query and prints them as JSON.

It gets what Glue and S3 would tell it about this lake, through the clients that its `GlueCatalog` and `S3Sizer` accept: tables with
their keys and properties, partitions filtered by the expressions that it sends, objects with their sizes, and bytes of objects.
It runs in its most exact mode, column sampling, with every footer in the sample.
"""

import io
import json
import os
import re
import sys
from importlib.metadata import version

import duckdb
from athena_cost_guard import GlueCatalog, S3Sizer, estimate

import definitions
import oracle
import queries

DATABASE = "lake"
EVERY_FOOTER = 1 << 30


class Glue:
    """The calls that GlueCatalog makes, answered from the folders and definitions.sql."""

    def __init__(self, lake):
        self.lake = lake
        self.con = duckdb.connect()
        self.loaded = {}
        self.statements = {re.search(r"TABLE (\w+)", s)[1]: s for s in definitions.statements() if " TABLE " in s}

    def get_table(self, DatabaseName, Name):
        if any(view.startswith(f"CREATE VIEW {Name} ") for view in definitions.views()):
            # Glue gives views no location.
            return {"Table": {"StorageDescriptor": {}}}
        if not os.path.isdir(os.path.join(self.lake, Name)):
            # What a statement writes is there, and empty.
            return {"Table": {"StorageDescriptor": {"Location": f"s3://lake/{Name}/"}}}
        statement = self.statements.get(Name, "")
        properties = dict(re.findall(r"'([\w.]+)' = '([^']*)'", statement.partition("TBLPROPERTIES")[2]))
        keys = [] if "ICEBERG" in statement else list(self.types(Name))
        table = {
            "StorageDescriptor": {"Location": f"s3://lake/{Name}/"},
            "Parameters": properties,
            "PartitionKeys": [{"Name": key} for key in keys],
        }
        return {"Table": table}

    def types(self, table):
        declared = [key.split() for key in definitions.keys(self.statements.get(table, "")).split(",") if key]
        return dict(declared) or {key: "varchar" for key in oracle.layout(os.path.join(self.lake, table))[0][0]}

    def get_paginator(self, call):
        assert call == "get_partitions"
        return self

    def paginate(self, DatabaseName, TableName, Expression="true"):
        if TableName not in self.loaded:
            types = ", ".join(f'"{key}" {kind}' for key, kind in self.types(TableName).items())
            self.con.execute(f'CREATE TABLE "{TableName}" (location varchar, {types})')
            root = os.path.join(self.lake, TableName)
            rows = []
            for keys, files in oracle.layout(root):
                folder = os.path.relpath(os.path.dirname(files[0][0]), self.lake)
                rows.append([f"s3://lake/{folder}/", *keys.values()])
            self.con.executemany(f'INSERT INTO "{TableName}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
            self.loaded[TableName] = True
        found = self.con.execute(f'SELECT location FROM "{TableName}" WHERE {Expression} ORDER BY 1').fetchall()
        yield {"Partitions": [{"StorageDescriptor": {"Location": location}} for (location,) in found]}


class S3:
    """The calls that S3Sizer makes, answered from the folder."""

    def __init__(self, lake):
        self.lake = lake
        self.objects = {}
        for table in os.listdir(lake):
            files = [file for _, files in oracle.layout(os.path.join(lake, table)) for file in files]
            self.objects[table] = sorted((os.path.relpath(path, lake), size) for path, size in files)

    def get_paginator(self, call):
        assert call == "list_objects_v2"
        return self

    def paginate(self, Bucket, Prefix):
        objects = self.objects.get(Prefix.split("/")[0], [])
        yield {"Contents": [{"Key": key, "Size": size} for key, size in objects if key.startswith(Prefix)]}

    def get_object(self, Bucket, Key, Range):
        first, last = map(int, Range.removeprefix("bytes=").split("-"))
        with open(os.path.join(self.lake, Key), "rb") as file:
            file.seek(first)
            return {"Body": io.BytesIO(file.read(last + 1 - first))}


def main(lake):
    catalog, sizer = GlueCatalog(Glue(lake)), S3Sizer(S3(lake))
    answers = {}
    for entry in queries.load():
        try:
            found = estimate(
                entry["sql"],
                database=DATABASE,
                region="us-east-1",
                sample_columns=True,
                sample_size=EVERY_FOOTER,
                catalog=catalog,
                sizer=sizer,
            )
            answers[entry["name"]] = {"bytes": found.bytes_scanned, "partitions": found.partitions_matched}
        except Exception as error:
            answers[entry["name"]] = {"error": f"{type(error).__name__}: {error}".split("\n")[0][:200]}
    json.dump({"version": version("athena-cost-guard"), "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
