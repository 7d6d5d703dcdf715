"""Asks lakelint for its estimate of every query."""

import json
import os
import subprocess

import definitions
import queries


def write_project(folder):
    """The definitions and the queries as a repository would hold them."""
    os.makedirs(folder, exist_ok=True)
    with open(definitions.PATH) as source, open(os.path.join(folder, "definitions.sql"), "w") as copy:
        copy.write(source.read())
    # A project of its own, wherever the folder lies.
    open(os.path.join(folder, "lakelint.toml"), "w").close()
    with open(os.path.join(folder, "queries.sql"), "w") as file:
        for entry in queries.load():
            file.write(f"-- name: {entry['name']}\n{entry['sql']};\n\n")


def lakelint(binary, folder, *arguments):
    """What a run in the project's folder prints."""
    command = [os.path.abspath(binary), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout


def ask(binary, lake, folder):
    """{name: the query's entry in lakelint's JSON}, from the files and from a snapshot of them."""
    write_project(folder)
    source = f"s3://lake={os.path.abspath(lake)}"
    lakelint(binary, folder, "scan", source, "--output", "snapshot")
    return tuple(estimates(binary, folder, place) for place in (source, "snapshot"))


def estimates(binary, folder, place):
    options = ["--format", "json", "--as-of", queries.AS_OF, "--lake", place]
    document = json.loads(lakelint(binary, folder, "cost", *options, "."))
    answers = {entry["name"]: entry for entry in document["queries"]}
    missing = {entry["name"] for entry in queries.load()} - set(answers)
    if missing:
        raise SystemExit(f"lakelint does not estimate {sorted(missing)}")
    return answers


def version(binary):
    return subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
