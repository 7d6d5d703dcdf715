"""Asks athena-cost-guard for its estimate of every query of sample_sql: `python accuracy/guard_sample.py`, without AWS.

Glue and S3 are answered from the sample: tables and keys from ddl/, partitions and objects from listing.txt and lake/.
"""

import glob
import os
import re
import sqlite3

from athena_cost_guard import GlueCatalog, S3Sizer, estimate

SAMPLE = os.path.join(os.path.dirname(__file__), "..", "sample_sql")


def objects():
    """Key and size of every object."""
    for line in open(f"{SAMPLE}/listing.txt"):
        _, _, size, key = line.rstrip("\n").split(None, 3)
        yield key, int(size)
    for folder, _, names in os.walk(f"{SAMPLE}/lake"):
        for path in (os.path.join(folder, name) for name in names):
            yield os.path.relpath(path, f"{SAMPLE}/lake"), os.path.getsize(path)


OBJECTS = list(objects())


class Listing(S3Sizer):
    def list_objects(self, uris):
        prefixes = {uri.split("/", 3)[3].rstrip("/") + "/" for uri in uris}
        return [("kiosk-lake", key, size) for prefix in prefixes for key, size in OBJECTS if key.startswith(prefix)]


class Glue:
    """The calls that GlueCatalog makes. Iceberg tables have no partition keys in Glue, and views no location."""

    def __init__(self):
        text = "".join(open(path).read() for path in glob.glob(f"{SAMPLE}/ddl/*.sql"))
        self.tables = {}
        for kind, name, body in re.findall(r"^CREATE.*?(TABLE|VIEW) ([\w.]+)(.*?);$", text, re.S | re.M):
            location = re.search(r"LOCATION '([^']+)'", body)
            keys = re.search(r"PARTITIONED BY \((.*)\)", body) if "ICEBERG" not in body else None
            self.tables[name] = {
                "StorageDescriptor": {"Location": location[1]} if location else {},
                "Parameters": dict(re.findall(r"'([\w.]+)' = '([^']*)'", body)),
                "PartitionKeys": [{"Name": key.split()[0]} for key in keys[1].split(",")] if keys else [],
            }

    def get_table(self, DatabaseName, Name):
        return {"Table": self.tables[f"{DatabaseName}.{Name}"]}

    def get_paginator(self, call):
        assert call == "get_partitions"
        return self

    def paginate(self, DatabaseName, TableName, Expression="true"):
        table = self.tables[f"{DatabaseName}.{TableName}"]
        keys = [key["Name"] for key in table["PartitionKeys"]]
        location = table["StorageDescriptor"]["Location"]
        prefix = location.split("/", 3)[3]
        form = re.compile(re.escape(prefix) + "".join(f"{key}=([^/]+)/" for key in keys))
        found = {match[0]: match.groups() for match in (form.match(key) for key, _ in OBJECTS) if match}
        con = sqlite3.connect(":memory:")
        con.execute(f"CREATE TABLE partitions (folder, {', '.join(keys)})")
        marks = ", ".join("?" * (len(keys) + 1))
        con.executemany(f"INSERT INTO partitions VALUES ({marks})", [(folder, *values) for folder, values in found.items()])
        kept = con.execute(f"SELECT folder FROM partitions WHERE {Expression}").fetchall()
        yield {"Partitions": [{"StorageDescriptor": {"Location": f"s3://kiosk-lake/{folder}"}} for folder, in kept]}


for path in sorted(glob.glob(f"{SAMPLE}/queries/*.sql")):
    statements = re.sub(r"--.*", "", open(path).read()).split(";")
    for number, sql in enumerate((sql for sql in statements if sql.strip()), 1):
        try:
            found = estimate(sql, region="us-east-1", catalog=GlueCatalog(Glue()), sizer=Listing())
            answer = f"{found.partitions_matched} partitions, {found.bytes_scanned} bytes, ${found.cost_usd:.4f}"
        except Exception as error:
            answer = f"{type(error).__name__}: {error}"
        print(f"{os.path.basename(path)} {number}: {answer}")
