//! Spark SQL in the spelling that is read here: a text of the same length, so that every place stays what it is.

/// Strings in double quotes, quotes behind a backslash, and the operators `==` and `<=>` as Athena writes them
/// (<https://spark.apache.org/docs/latest/sql-ref-literals.html>). An apostrophe in double quotes becomes a blank.
pub fn from_spark(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest {
            [b'\'' | b'"', ..] => string(rest, &mut out[at..]),
            [b'`', ..] => behind(rest, 1, b"`"),
            [b'-', b'-', ..] => behind(rest, 2, b"\n"),
            [b'/', b'*', ..] => behind(rest, 2, b"*/"),
            [b'<', b'=', b'>', ..] => {
                out[at..at + 3].copy_from_slice(b"=  ");
                3
            }
            [b'=', b'=', ..] => {
                out[at + 1] = b' ';
                2
            }
            _ => 1,
        };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_string())
}

/// The length of a text up to and with an end that comes after `from`; all of it where none does.
fn behind(text: &[u8], from: usize, end: &[u8]) -> usize {
    memchr::memmem::find(&text[from..], end).map_or(text.len(), |at| from + at + end.len())
}

/// Writes the string that a text starts with in single quotes; gives its length. What never closes stays as it is.
fn string(text: &[u8], out: &mut [u8]) -> usize {
    let quote = text[0];
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'\\' if text.get(at + 1) == Some(&b'\'') => {
                out[at] = b'\'';
                at += 2;
            }
            b'\\' => at += 2,
            byte if byte == quote => {
                (out[0], out[at]) = (b'\'', b'\'');
                return at + 1;
            }
            b'\'' => {
                out[at] = b' ';
                at += 1;
            }
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::from_spark;

    #[test]
    fn what_spark_spells_otherwise_is_written_over_in_place() {
        for (spark, read) in [
            (r#"dt = "2025-06-29""#, "dt = '2025-06-29'"),
            (r#"a = "it's \"so\"""#, r#"a = 'it s \"so\"'"#),
            (r"a = 'it\'s' and b = 'c\\'", r"a = 'it''s' and b = 'c\\'"),
            ("a == 1 and b <=> 2 and c <= 3 and d != 4", "a =  1 and b =   2 and c <= 3 and d != 4"),
            ("select `a == \"b\"` -- \"c\"\n, /* \"d\" */ \"ü\"", "select `a == \"b\"` -- \"c\"\n, /* \"d\" */ 'ü'"),
            ("a = 'x == y'", "a = 'x == y'"),
            ("a = \"never closes", "a = \"never closes"),
            (r#"a = "b\"#, r#"a = "b\"#),
        ] {
            assert_eq!(from_spark(spark), read);
            assert_eq!(spark.len(), read.len());
        }
    }
}
