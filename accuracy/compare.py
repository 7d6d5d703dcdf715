"""Estimates beside the oracle and the engines: one row per query, and what must hold of all of them."""

import os
import statistics

import oracle
import queries

# Likely is this near to the oracle on every query without run-time filters.
LIKELY_WITHIN = 0.02
MEDIAN_Q_ERROR = 1.01
MAX_Q_ERROR = 1.10


def ratio(estimate, truth):
    """estimate / truth; nothing of nothing is right."""
    if estimate is None:
        return float("inf")
    if truth == 0:
        return 1.0 if estimate == 0 else float("inf")
    return estimate / truth


def q_error(estimate, truth):
    """How many times too large or too small."""
    r = ratio(estimate, truth)
    return max(r, 1 / r) if r else float("inf")


def row(entry, estimate, from_snapshot, lake, answers):
    """What is known of one query."""
    truth = oracle.expected(lake, entry["reads"])
    row = {
        "name": entry["name"],
        "about": entry["about"],
        "early": entry["early"],
        "dynamic": entry["dynamic"] is not None,
        "oracle": truth["bytes"],
        "data": truth["data"],
        "files": (files(estimate), truth["files"]),
        "at_run_time": oracle.expected(lake, entry["dynamic"])["bytes"] if entry["dynamic"] else None,
        **{bound: estimate["bytes"][bound] for bound in ("low", "likely", "high")},
        "basis": estimate["basis"],
        "same_from_snapshot": estimate == from_snapshot,
    }
    for engine, found in answers.items():
        row[engine] = found["answers"].get(entry["name"], {}).get("bytes")
    spark = answers.get("spark", {}).get("answers", {}).get(entry["name"], {})
    row["spark_alone"] = spark.get("without_sharing")
    # Of ORC only the reader is asked whose bytes are counted.
    row["engine"] = row.get("orc") if row.get("orc") is not None else row.get("spark")
    row["ratio"] = ratio(row["likely"], row["oracle"])
    row["q_error"] = q_error(row["likely"], row["oracle"])
    row["guard_q_error"] = q_error(row["guard"], row["oracle"]) if row.get("guard") is not None else None
    row["inside"] = None if row["engine"] is None else inside(row)
    return row


def files(estimate):
    counts = [read["files"] for read in estimate["reads"]]
    return None if None in counts else sum(counts)


def inside(row):
    return row["low"] is not None and row["high"] is not None and row["low"] <= row["engine"] <= row["high"]


def rows(lake, estimates, from_snapshot, answers):
    def of(entry):
        name = entry["name"]
        return row(entry, estimates[name], from_snapshot[name], lake, answers)

    return [of(entry) for entry in queries.load()]


def misses(rows):
    """What does not hold, as sentences; empty when every target is met."""
    found = []
    fixed = [row for row in rows if not row["dynamic"]]
    for row in fixed:
        if not abs(row["ratio"] - 1) <= LIKELY_WITHIN:
            found.append(f"`{row['name']}`: likely is {row['likely']} bytes, the oracle {row['oracle']}")
    for row in rows:
        if not row["same_from_snapshot"]:
            found.append(f"`{row['name']}`: another estimate from a snapshot than from the files")
        if row["inside"] is False:
            found.append(f"`{row['name']}`: the engine read {row['engine']} bytes, not {row['low']} to {row['high']}")
        least = row["at_run_time"] if row["dynamic"] else row["oracle"]
        if row["likely"] is not None and not row["low"] <= least <= row["oracle"] <= row["high"]:
            found.append(
                f"`{row['name']}`: {least} to {row['oracle']} bytes of the oracle are not in {row['low']} to {row['high']}"
            )
        if row["likely"] is not None and not row["low"] <= row["likely"] <= row["high"]:
            found.append(f"`{row['name']}`: {row['low']}, {row['likely']}, {row['high']} are not in order")
    errors = [row["q_error"] for row in fixed]
    if statistics.median(errors) > MEDIAN_Q_ERROR:
        found.append(f"the median q-error is {statistics.median(errors):.3f}, not at most {MEDIAN_Q_ERROR}")
    if max(errors) > MAX_Q_ERROR:
        found.append(f"the largest q-error is {max(errors):.3f}, not at most {MAX_Q_ERROR}")
    return found


def lake_size(lake):
    """(tables, files, bytes)"""
    sizes = [
        size for table in os.listdir(lake) for _, files in oracle.layout(os.path.join(lake, table)) for _, size in files
    ]
    return len(os.listdir(lake)), len(sizes), sum(sizes)
