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
    use crate::lake::FileId;

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

    #[test]
    fn what_people_write_for_spark_is_read() {
        let mut unread = Vec::new();
        for sql in [
            "SELECT /*+ BROADCAST(c) */ o.id FROM shop.orders o LEFT SEMI JOIN shop.customers c ON o.id = c.id",
            "SELECT o.id FROM shop.orders o LEFT ANTI JOIN shop.customers c USING (id)",
            "SELECT o.id FROM shop.orders o ANTI JOIN shop.customers c ON o.id = c.id",
            "SELECT id, item FROM shop.orders LATERAL VIEW explode(items) t AS item WHERE dt = '2025-06-29'",
            "SELECT id, item FROM shop.orders LATERAL VIEW OUTER explode(items) AS item",
            "SELECT id, pos FROM shop.orders LATERAL VIEW posexplode(items) t AS pos, item",
            "SELECT id FROM shop.orders DISTRIBUTE BY id SORT BY id",
            "SELECT id FROM shop.orders CLUSTER BY id",
            "SELECT id FROM shop.orders WHERE name RLIKE '^a' AND NOT note REGEXP 'b'",
            "SELECT id FROM shop.orders WHERE dt >= date_sub(current_date(), 7) AND at > current_timestamp() - INTERVAL 7 DAYS",
            "SELECT CAST(amount AS STRING), amount::int, a % b, id <=> other FROM shop.orders",
            "SELECT first(id, true), collect_list(struct(a, b)) FROM shop.orders GROUP BY dt WITH ROLLUP",
            "SELECT items[0].name, payload.user.id, map_keys(m)['a'] FROM shop.orders",
            "SELECT transform(items, x -> x + 1), filter(items, x -> x.a > 1) FROM shop.orders",
            "SELECT id FROM shop.orders TABLESAMPLE (1 PERCENT)",
            "SELECT id FROM shop.orders VERSION AS OF 3",
            "SELECT id FROM shop.orders TIMESTAMP AS OF '2025-06-29'",
            "SELECT id FROM shop.orders MINUS SELECT id FROM shop.customers",
            "SELECT id FROM parquet.`s3://lake/raw/orders/`",
            "SELECT date_format(at, 'yyyy-MM-dd') AS `order day`, 1L, 2.5D FROM shop.orders",
            "SELECT IF(a = 1, 'b', \"c\"), nvl(a, b), a || 'x' FROM shop.orders WHERE a != 1 AND b IS NOT NULL",
            "INSERT OVERWRITE TABLE shop.daily PARTITION (dt = '2025-06-29') SELECT id FROM shop.orders",
            "INSERT OVERWRITE shop.daily PARTITION (dt) SELECT id, dt FROM shop.orders",
            "INSERT INTO TABLE shop.daily SELECT id FROM shop.orders",
            "INSERT INTO shop.daily TABLE shop.orders",
            "WITH o AS (SELECT id FROM shop.orders) INSERT INTO shop.daily SELECT id FROM o",
            "CREATE TABLE IF NOT EXISTS shop.big USING parquet PARTITIONED BY (dt) LOCATION 's3://lake/big/' AS SELECT id FROM shop.orders",
            "CREATE OR REPLACE TABLE shop.big USING iceberg TBLPROPERTIES ('a' = 'b') AS SELECT id FROM shop.orders",
            "CREATE OR REPLACE TEMPORARY VIEW v AS SELECT id FROM shop.orders",
            "CREATE GLOBAL TEMPORARY VIEW v AS SELECT id FROM shop.orders",
            "CACHE LAZY TABLE v AS SELECT id FROM shop.orders",
            "MERGE INTO shop.a t USING shop.b s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
            "MERGE INTO shop.a t USING shop.b s ON t.id == s.id WHEN MATCHED THEN DELETE",
            "DELETE FROM shop.a WHERE dt < '2025-01-01'",
            "MSCK REPAIR TABLE shop.orders",
            "ALTER TABLE shop.orders ADD IF NOT EXISTS PARTITION (dt = '2025-06-29') LOCATION 's3://lake/x/'",
        ] {
            let sql = from_spark(sql);
            if let Err(error) = crate::sql::parse(FileId(0), &sql, 0..sql.len()) {
                unread.push(format!("{sql}: {}", error.message));
            }
        }
        assert_eq!(unread, Vec::<String>::new());
    }
}
