"""docs/accuracy.md: the measured part, between its markers."""

import statistics

import compare

BEGIN, END = "<!-- measured: accuracy/run writes from here -->", "<!-- to here -->"


def human(count):
    if count is None:
        return "–"
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size:
            return f"{count / size:.4g} {unit}"
    return str(count)


def factor(value):
    if value is None:
        return "–"
    return "∞" if value == float("inf") else f"{value:.3f}" if value < 10 else f"{value:,.0f}"


def share(part, whole):
    return f"{part} of {whole}"


def summary(rows, answers):
    """The lines above the table."""
    fixed = [row for row in rows if not row["dynamic"]]
    errors = [row["q_error"] for row in fixed]
    near = sum(abs(row["ratio"] - 1) <= compare.LIKELY_WITHIN for row in fixed)
    exact = sum(row["likely"] == row["oracle"] for row in fixed)
    lines = [
        ("queries; without run-time filters", f"{len(rows)}; {len(fixed)}", ""),
        ("likely within 2 % of the oracle", share(near, len(fixed)), "all"),
        ("likely equal to the oracle, to the byte", share(exact, len(fixed)), ""),
        ("median q-error", f"{statistics.median(errors):.4f}", f"≤ {compare.MEDIAN_Q_ERROR}"),
        ("largest q-error", factor(max(errors)), f"≤ {compare.MAX_Q_ERROR}"),
        ("files exact", share(sum(row["files"][0] == row["files"][1] for row in fixed), len(fixed)), ""),
    ]
    lines.append(("the same from a snapshot", share(sum(row["same_from_snapshot"] for row in rows), len(rows)), "all"))
    asked = [row for row in rows if row["inside"] is not None]
    if asked:
        lines.append(("low ≤ engine ≤ high", share(sum(row["inside"] for row in asked), len(asked)), "all"))
    if "spark" in answers:
        alone = [row for row in fixed if row["spark_alone"] is not None and row.get("orc") is None and not row["early"]]
        same = sum(row["spark_alone"] == row["oracle"] for row in alone)
        lines.append(("oracle equal to Spark without reuse, to the byte", share(same, len(alone)), ""))
    if "datafusion" in answers:
        alone = [row for row in fixed if row.get("datafusion") is not None and not row["early"]]
        same = sum(row["datafusion"] == row["data"] for row in alone)
        lines.append(("oracle's data equal to DataFusion's, to the byte", share(same, len(alone)), ""))
    return table(("", "measured", "target"), lines)


def guard_summary(rows):
    """Who is closer."""
    answered = [row for row in rows if row["guard_q_error"] is not None and not row["dynamic"]]
    ours = sum(row["q_error"] < row["guard_q_error"] for row in answered)
    theirs = sum(row["q_error"] > row["guard_q_error"] for row in answered)
    # Without footers, which it does not claim to count.
    data = [compare.q_error(row["guard"], row["data"]) for row in answered]
    lines = [
        ("queries it answers", share(len(answered), sum(not row["dynamic"] for row in rows)), ""),
        ("closer to the oracle", f"{theirs} queries", f"{ours} queries"),
        ("equally close", f"{len(answered) - ours - theirs} queries", ""),
        (
            "median q-error",
            factor(statistics.median(row["guard_q_error"] for row in answered)),
            factor(statistics.median(row["q_error"] for row in answered)),
        ),
        ("median q-error when footers count for nothing", factor(statistics.median(data)), ""),
        (
            "within 10 % of the oracle",
            share(sum(row["guard_q_error"] <= 1.1 for row in answered), len(answered)),
            share(sum(row["q_error"] <= 1.1 for row in answered), len(answered)),
        ),
    ]
    return table(("", "athena-cost-guard", "lakelint"), lines)


def table(head, lines):
    ruled = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in ruled)


def closer(row):
    if row["dynamic"]:
        return ""
    if row["guard_q_error"] is None:
        return "no answer"
    if row["guard_q_error"] == row["q_error"]:
        return "same"
    return "lakelint" if row["q_error"] < row["guard_q_error"] else "guard"


def query_line(row, answers):
    name = f"`{row['name']}`" + (" †" if row["dynamic"] else "") + (" ‡" if row["early"] else "")
    line = [
        name,
        row["about"],
        human(row["oracle"]),
        human(row["low"]),
        human(row["likely"]),
        human(row["high"]),
        factor(row["ratio"]),
    ]
    if "spark" in answers or "orc" in answers:
        line += [human(row["engine"]), {True: "yes", False: "**no**", None: ""}[row["inside"]]]
    if "datafusion" in answers:
        line += [human(row["data"]), human(row.get("datafusion"))]
    if "guard" in answers:
        line += [human(row.get("guard")), closer(row)]
    return line


def markdown(rows, answers, about):
    head = ["query", "about", "oracle", "low", "likely", "high", "likely / oracle"]
    if "spark" in answers or "orc" in answers:
        head += ["engine", "in range"]
    if "datafusion" in answers:
        head += ["oracle's data", "DataFusion"]
    if "guard" in answers:
        head += ["athena-cost-guard", "closer"]
    parts = [about, "### Summary", summary(rows, answers)]
    missed = compare.misses(rows)
    if missed:
        parts += ["Missed targets:", "\n".join(f"- {miss}" for miss in missed)]
    else:
        parts.append("Every target is met.")
    if "guard" in answers:
        parts += ["### Beside athena-cost-guard", guard_summary(rows)]
    parts += ["### Every query", table(head, [query_line(row, answers) for row in rows])]
    return "\n\n".join(parts)


def update(path, text):
    """Replaces what stands between the markers of a page."""
    with open(path) as file:
        page = file.read()
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    with open(path, "w") as file:
        file.write(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
