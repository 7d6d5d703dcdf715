"""An ORC file's tail, read without any ORC library: where the bytes of each column lie, and what the stripe statistics say.

The format is that of https://orc.apache.org/specification/ORCv1/. Data streams count for their column; row indexes and bloom
filters do not. The footer is everything a reader needs before data: postscript, file footer, metadata and stripe footers.
"""

import datetime
import decimal
import io
import zlib

import pyarrow as pa

NONE, ZLIB, SNAPPY, LZO, LZ4, ZSTD = range(6)
# Stream kinds with the values of a column; the others are indexes and bloom filters.
DATA_KINDS = {0, 1, 2, 3, 5}
STRUCT, LIST, MAP = 12, 10, 11


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def message(data):
    """{field: [values]} of a protocol buffer; nested messages stay bytes."""
    fields, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            length = 8 if kind == 1 else 4
            value, at = data[at : at + length], at + length
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def one(fields, number, default=0):
    return fields.get(number, [default])[-1]


def signed(value):
    return (value >> 1) ^ -(value & 1)


def packed(values):
    """A repeated integer, packed or not."""
    found = []
    for value in values:
        if isinstance(value, int):
            found.append(value)
        else:
            at = 0
            while at < len(value):
                number, at = varint(value, at)
                found.append(number)
    return found


def decompressed(data, codec):
    if codec == NONE:
        return data
    out, at = [], 0
    while at < len(data):
        header = int.from_bytes(data[at : at + 3], "little")
        chunk = data[at + 3 : at + 3 + (header >> 1)]
        at += 3 + (header >> 1)
        if header & 1:
            out.append(chunk)
        elif codec == ZLIB:
            out.append(zlib.decompress(chunk, -15))
        elif codec == ZSTD:
            out.append(pa.CompressedInputStream(pa.BufferReader(chunk), "zstd").read())
        else:
            raise ValueError(f"ORC compression {codec} is not read")
    return b"".join(out)


def leaf_names(types):
    """The dotted path of each column id; id 0 is the row."""
    names = [""] * len(types)
    for i, kind in enumerate(types):
        fields = [name.decode() for name in kind.get(3, [])] or {LIST: ["element"], MAP: ["key", "value"]}.get(
            one(kind, 1), []
        )
        for name, child in zip(fields, packed(kind.get(2, []))):
            names[child] = f"{names[i]}.{name}" if names[i] else name
    return names


def span(statistics):
    """(smallest, largest) of a column's statistics; None when they do not say."""
    readers = (
        (2, lambda s: [signed(v) for v in (one(s, 1, None), one(s, 2, None))]),
        (4, lambda s: [v.decode() for v in (one(s, 1, None), one(s, 2, None))]),
        (6, lambda s: [decimal.Decimal(v.decode()) for v in (one(s, 1, None), one(s, 2, None))]),
        (
            7,
            lambda s: [
                datetime.date(1970, 1, 1) + datetime.timedelta(signed(v)) for v in (one(s, 1, None), one(s, 2, None))
            ],
        ),
    )
    for number, values in readers:
        nested = message(one(statistics, number, b""))
        if 1 in nested and 2 in nested:
            low, high = values(nested)
            return low, high
    return None


def read(path):
    """(footer bytes, [stripe]) in the form of oracle.footer."""
    with open(path, "rb") as file:
        return tail(file)


def tail(file):
    size = file.seek(0, io.SEEK_END)

    def at(start, length):
        file.seek(start)
        return file.read(length)

    post_length = at(size - 1, 1)[0]
    post = message(at(size - 1 - post_length, post_length))
    codec, footer_length, metadata_length = one(post, 2), one(post, 1), one(post, 5)
    footer_start = size - 1 - post_length - footer_length
    footer = message(decompressed(at(footer_start, footer_length), codec))
    metadata = message(decompressed(at(footer_start - metadata_length, metadata_length), codec))
    names = leaf_names([message(kind) for kind in footer.get(4, [])])
    overhead = 1 + post_length + footer_length + metadata_length
    stripes = []
    statistics = [message(stripe).get(1, []) for stripe in metadata.get(1, [])]
    for number, stripe in enumerate(message(stripe) for stripe in footer.get(3, [])):
        overhead += one(stripe, 4)
        streams = at(one(stripe, 1) + one(stripe, 2) + one(stripe, 3), one(stripe, 4))
        rows = one(stripe, 5)
        sizes = dict.fromkeys(range(len(names)), 0)
        for stream in map(message, message(decompressed(streams, codec)).get(1, [])):
            if one(stream, 1) in DATA_KINDS:
                sizes[one(stream, 2)] += one(stream, 3)
        leaves = {}
        for column in range(1, len(names)):
            known = message(statistics[number][column]) if number < len(statistics) else {}
            nulls = rows - one(known, 1) if 1 in known else None
            leaves[names[column]] = (sizes[column], span(known), nulls)
        stripes.append((rows, leaves))
    return overhead, stripes
