"""Runs the queries on Apache Spark and prints, as JSON, the bytes that its tasks read.

Spark skips row groups by the same statistics as the oracle: dictionary, bloom and column-index filters are off. Its local file
system does not count vectored reads, and reads ahead 64 KiB at a time, so both are off too. Every query runs as Spark likes it:
scans are reused, partitions pruned at run time. Where that changed anything it runs once more without either.
"""

import json
import os
import re
import sys
import time
import urllib.request

os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")

from pyspark.sql import SparkSession

import definitions
import queries

SETTINGS = {
    "spark.driver.memory": "4g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.port": "0",
    "spark.ui.retainedStages": "100000",
    "spark.ui.showConsoleProgress": "false",
    "spark.buffer.size": "16",
    "spark.hadoop.io.file.buffer.size": "16",
    "spark.hadoop.parquet.hadoop.vectored.io.enabled": "false",
    "spark.hadoop.parquet.filter.dictionary.enabled": "false",
    "spark.hadoop.parquet.filter.bloom.enabled": "false",
    "spark.hadoop.parquet.filter.columnindex.enabled": "false",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    # One split per file, or footers are read once per split.
    "spark.sql.files.maxPartitionBytes": "4g",
    "spark.sql.files.minPartitionNum": "1",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
READERS = {"csv": "csv", "json": "json", "orc": "orc"}


class Engine:
    """A session with every table of the lake as a view."""

    def __init__(self, lake):
        builder = SparkSession.builder.master("local[2]").appName("accuracy")
        for key, value in SETTINGS.items():
            builder = builder.config(key, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("OFF")
        context = self.session.sparkContext
        self.stages = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/stages?status=complete"
        self.stages = re.sub(r"//[^/:]+:", "//127.0.0.1:", self.stages)
        self.seen = set()
        schemas = definitions.schemas()
        for table in sorted(os.listdir(lake)):
            kind = next((reader for part, reader in READERS.items() if part in table.split("_")), "parquet")
            # Text that no definition names has the columns of the same rows that one does.
            schema = schemas.get(table) or schemas.get(table.removesuffix("_gz"))
            reader = self.session.read.schema(schema) if schema else self.session.read
            getattr(reader, kind)(os.path.join(lake, table)).createOrReplaceTempView(table)
        for view in definitions.views():
            self.session.sql(re.sub(r"(?i)^create view", "CREATE TEMPORARY VIEW", view))
        self.bytes_read()

    def bytes_read(self):
        """Input bytes of the stages that ended since the last call."""
        total = 0
        for stage in json.loads(urllib.request.urlopen(self.stages).read()):
            key = (stage["stageId"], stage["attemptId"])
            if key not in self.seen:
                self.seen.add(key)
                total += stage["inputBytes"]
        return total

    def run(self, sql, sharing):
        """(input bytes, physical plan) of one query."""
        for setting in (
            "spark.sql.exchange.reuse",
            "spark.sql.execution.reuseSubquery",
            "spark.sql.optimizer.dynamicPartitionPruning.enabled",
        ):
            self.session.conf.set(setting, str(sharing).lower())
        frame = self.session.sql(sql)
        frame.collect()
        plan = frame._jdf.queryExecution().executedPlan().toString()
        time.sleep(0.1)
        return self.bytes_read(), plan

    def ask(self, sql):
        shared, plan = self.run(sql, True)
        if "Reused" not in plan and "dynamicpruning" not in plan:
            return {"bytes": shared, "without_sharing": shared}
        return {"bytes": shared, "without_sharing": self.run(sql, False)[0]}


def main(lake):
    engine = Engine(lake)
    answers = {}
    for entry in queries.load():
        if entry["spark"]:
            try:
                answers[entry["name"]] = engine.ask(entry["spark"])
            except Exception as error:
                answers[entry["name"]] = {"error": str(error).split("\n")[0][:300]}
    json.dump({"version": engine.session.version, "answers": answers}, sys.stdout)
    engine.session.stop()


if __name__ == "__main__":
    main(sys.argv[1])
