"""Reads what each query needs of ORC files with the C++ reader that pyarrow brings, and prints, as JSON, the bytes it asked for.

Spark's ORC reader reads vectored, which its local file system does not count. This reader does not skip stripes.
"""

import io
import json
import os
import sys

import pyarrow as pa
import pyarrow.orc

import oracle
import queries


class Counted(io.FileIO):
    """A file that counts what is read of it."""

    def __init__(self, path):
        super().__init__(path)
        self.bytes_read = 0

    def read(self, size=-1):
        data = super().read(size)
        self.bytes_read += len(data)
        return data

    def readall(self):
        return self.read(-1)


def bytes_read(path, columns):
    with Counted(path) as file:
        reader = pyarrow.orc.ORCFile(pa.PythonFile(file, "r"))
        if columns:
            reader.read(None if "*" in columns else columns)
        return file.bytes_read


def main(lake):
    answers = {}
    for entry in queries.load():
        scans = [(read, os.path.join(lake, read["table"])) for read in entry["reads"]]
        if scans and all(oracle.layout(root)[0][1][0][0].endswith(".orc") for _, root in scans):
            files = [
                (path, read)
                for read, root in scans
                for _, files in oracle.surviving(root, read["where"])
                for path, _ in files
            ]
            answers[entry["name"]] = {"bytes": sum(bytes_read(path, read["columns"]) for path, read in files)}
    json.dump({"version": pa.__version__, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
