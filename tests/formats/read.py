"""Reads the reports of a folder with the parsers that others use, and compares what they say with the JSON report beside them.

Arguments: the folder, and the XML Schema of JUnit reports.
"""

import csv
import json
import pathlib
import re
import sys
import unicodedata
from xml.etree import ElementTree

from lxml import etree
from markdown_it import MarkdownIt

ROWS = 50


def is_turning(c):
    return c in "\u200e\u200f" or "\u2028" <= c <= "\u202e" or "\u2066" <= c <= "\u2069"


def visible(text, kept=""):
    """Control characters as the reports write them, but for those that the format itself can write."""
    control = lambda c: (unicodedata.category(c) == "Cc" or is_turning(c)) and c not in kept
    return "".join(f"\\u{ord(c):04x}" if control(c) else c for c in text)


def read_junit(path, findings, schema):
    schema.assertValid(etree.parse(path))
    root = ElementTree.parse(path).getroot()
    cases = root.findall("./testsuite/testcase")
    failures = [(case, failure) for case in cases for failure in case.findall("failure")]
    assert int(root.get("tests")) == len(cases) and int(root.get("failures")) == len(failures)
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    assert len(failures) == len(findings)
    for (case, failure), finding in zip(failures, findings):
        assert case.get("name") == f"{finding['rule']} {finding['fingerprint']}"
        assert failure.get("type") == finding["severity"]
        message = visible(finding["message"], "\t\n\r")
        assert failure.get("message") == message, (failure.get("message"), message)
        assert message in failure.text and ("cost: " in failure.text) == (finding["waste"] is not None)


def read_csv(path, findings):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert len(rows) == len(findings)
    for row, finding in zip(rows, findings):
        assert None not in row and None not in row.values(), row
        for name in ["rule", "severity", "fingerprint", "message", "help", "file", "table", "object"]:
            # A quote keeps spreadsheets from calculating.
            assert row[name].removeprefix("'") == visible(finding[name] or "").removeprefix("'"), (name, row, finding)
        assert row["line"] == str(finding["line"] or "")
        waste = finding["waste"]
        assert row["basis"] == (waste["basis"] if waste else "")
        if waste:
            assert float(row["usd_before"]) == waste["usd"]["before"]
            month = waste["usd_per_month"]
            assert row["usd_per_month"] == "" if month is None else float(row["usd_per_month"]) == month


def cells(markdown):
    """The text of the cells of each row."""
    rows = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and token.level >= 4:
            kinds = {child.type for child in token.children}
            assert kinds <= {"text", "text_special"}, (kinds, token.content)
            rows[-1].append("".join(child.content for child in token.children))
    return rows


def read_markdown(path, findings):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("**") and len(text) < 65_536
    rows = cells(text)
    assert len(rows) == (min(len(findings), ROWS) + 1 if findings else 0)
    for row, finding in zip(rows[1:], findings):
        plain = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", finding["message"])
        expected = " ".join(visible(f"{plain} ({finding['rule']})").split())
        assert len(row) == 5 and " ".join(row[2].split()) == expected, (row, expected)
        assert (row[4] != "") == (finding["waste"] is not None)


def main(folder, schema):
    schema = etree.XMLSchema(etree.parse(schema))
    reports = sorted(pathlib.Path(folder).glob("*.json"))
    for report in reports:
        findings = json.loads(report.read_text(encoding="utf-8"))["findings"]
        read_junit(report.with_suffix(".junit"), findings, schema)
        read_csv(report.with_suffix(".csv"), findings)
        read_markdown(report.with_suffix(".markdown"), findings)
    print(len(reports))


main(*sys.argv[1:])
