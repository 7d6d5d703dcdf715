//! Definitions as repositories write them.

use super::*;
use crate::lake::{Documented, FileFormat, ProjectionKind, Transform};
use crate::sql::lexemes::with_lexed;

fn read(text: &str) -> Result<Option<Definition>, ParseError> {
    with_lexed(text, 0..text.len(), |lexemes| create_table(FileId(0), lexemes))
}

fn table(text: &str) -> Table {
    let definition = read(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    definition.expect("a table").table
}

fn keys(table: &Table) -> Vec<(&str, String, Transform)> {
    table.partition_keys.iter().map(|k| (k.name.as_str(), k.data_type.to_string(), k.transform)).collect()
}

#[test]
fn a_hive_table_with_projection() {
    let text = "CREATE EXTERNAL TABLE IF NOT EXISTS `lake`.`Events` (\n  `id` bigint COMMENT 'row\\'s id',\n  payload struct<a:int,b:array<map<string,int>>>,\n  amount decimal(10,2) NOT NULL,\n  2x string,\n)\nCOMMENT 'x'\nPARTITIONED BY (dt string COMMENT 'day', `hour` int, region string, tenant string, v string)\nCLUSTERED BY (id) SORTED BY (id) INTO 4 BUCKETS\nROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'\nWITH SERDEPROPERTIES ('serialization.format' = '1')\nSTORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'\nOUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'\nLOCATION 's3://b/events/'\nTBLPROPERTIES ('projection.enabled'='true', 'projection.dt.type'='DATE', 'projection.dt.range'='2020-01-01, NOW',\n 'projection.dt.format'='yyyy-MM-dd', 'projection.hour.type'='integer', 'projection.hour.range'='0,23',\n 'projection.hour.digits'='2', 'projection.region.type'='enum', 'projection.region.values'='eu, us',\n 'projection.tenant.type'='injected', 'projection.v.type'='integer', 'projection.v.range'='x',\n 'storage.location.template'='s3://b/events/${dt}/${hour}/')";
    let table = table(text);
    assert_eq!(table.name.to_string(), "lake.events");
    assert_eq!(&text[table.declared_at.expect("place").range()], "`lake`.`Events`");
    let columns: Vec<_> = table.columns.iter().map(|c| format!("{} {}", c.name, c.data_type)).collect();
    assert_eq!(
        columns,
        ["id bigint", "payload struct<a:int,b:array<map<string,int>>>", "amount decimal(10,2)", "2x string"]
    );
    assert_eq!(
        keys(&table)[..2],
        [("dt", "string".into(), Transform::Identity), ("hour", "int".into(), Transform::Identity)]
    );
    assert_eq!(table.documented, Documented { table: true, columns: 1 });
    assert_eq!(table.format, Some(FileFormat::Parquet));
    assert_eq!(table.location, Some(Location::parse("s3://b/events")));
    assert_eq!(table.partition_keys[0].format.as_deref(), Some("yyyy-MM-dd"));
    let projection = table.projection.expect("projection");
    assert_eq!(projection.template.as_deref(), Some("s3://b/events/${dt}/${hour}/"));
    let kind = |key: &str| projection.keys[key].clone();
    let date = ProjectionKind::Date {
        from: "2020-01-01".into(),
        to: "NOW".into(),
        format: "yyyy-MM-dd".into(),
        interval: 1,
        unit: None,
    };
    assert_eq!(kind("dt"), date);
    assert_eq!(kind("hour"), ProjectionKind::Integer { min: 0, max: 23, interval: 1, digits: Some(2) });
    assert_eq!(kind("region"), ProjectionKind::Enum { values: vec!["eu".into(), " us".into()] });
    assert_eq!(kind("tenant"), ProjectionKind::Injected);
    assert_eq!(kind("v"), ProjectionKind::Invalid("type integer, range x".into()));
}

#[test]
fn formats_from_clauses_serdes_and_properties() {
    let format =
        |clauses: &str| table(&format!("create external table t (a int) {clauses} location 's3://b/t'")).format;
    let cases = [
        ("", Some(FileFormat::Text)),
        (
            "row format delimited fields terminated by ',' escaped by '\\\\' lines terminated by '\\n'",
            Some(FileFormat::Csv),
        ),
        ("row format delimited lines terminated by '\\n' stored as textfile", Some(FileFormat::Text)),
        ("stored as parquet", Some(FileFormat::Parquet)),
        ("STORED AS ORC", Some(FileFormat::Orc)),
        ("stored as ion", Some(FileFormat::Ion)),
        ("stored as rcfile", None),
        ("row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'", Some(FileFormat::Csv)),
        ("row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde' stored as textfile", Some(FileFormat::Csv)),
        ("row format serde 'org.openx.data.jsonserde.JsonSerDe'", Some(FileFormat::Json)),
        (
            "row format serde 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' with serdeproperties ('field.delim' = '\\t')",
            Some(FileFormat::Csv),
        ),
        ("row format serde 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe'", Some(FileFormat::Text)),
        (
            "row format serde 'com.amazonaws.glue.serde.GrokSerDe' with serdeproperties ('input.format'='%{X:y}')",
            Some(FileFormat::Text),
        ),
        ("row format serde 'com.example.MySerDe'", None),
        ("row format serde 'org.apache.hadoop.hive.serde2.avro.AvroSerDe' stored as avro", Some(FileFormat::Avro)),
    ];
    for (clauses, expected) in cases {
        assert_eq!(format(clauses), expected, "{clauses}");
    }
}

#[test]
fn iceberg_transforms_in_both_spellings() {
    let t = table(
        "CREATE TABLE t (id bigint, ts timestamp, c string) PARTITIONED BY (day(ts), bucket(16, id), truncate(4, c), c) \
         LOCATION 's3://b/t/' TBLPROPERTIES ('table_type'='ICEBERG', 'format'='orc')",
    );
    assert_eq!((t.kind, t.format), (TableKind::Iceberg, Some(FileFormat::Orc)));
    assert_eq!(
        keys(&t),
        [
            ("ts", "timestamp".into(), Transform::Day),
            ("id", "bigint".into(), Transform::Bucket(16)),
            ("c", "string".into(), Transform::Truncate(4)),
            ("c", "string".into(), Transform::Identity),
        ]
    );
    assert_eq!(t.columns.len(), 3);
    let t = table(
        "create table t (id bigint, ts timestamp(6)) with (format = 'PARQUET', partitioning = ARRAY['month(ts)', 'bucket(id, 8)'])",
    );
    assert_eq!(keys(&t), [("ts", "timestamp".into(), Transform::Month), ("id", "bigint".into(), Transform::Bucket(8))]);
}

#[test]
fn trino_tables_take_their_keys_from_the_columns() {
    let t = table(
        "create table hive.lake.t (a varchar(10), dt varchar) with (format = 'ORC', partitioned_by = ARRAY['dt'], \
         external_location = 's3://b/t/')",
    );
    assert_eq!(t.columns.len(), 1);
    assert_eq!(keys(&t), [("dt", "string".into(), Transform::Identity)]);
    assert_eq!((t.format, t.location.map(|l| l.to_string())), (Some(FileFormat::Orc), Some("s3://b/t/".into())));
}

#[test]
fn a_ctas_head_is_a_table_and_its_query_is_found() {
    let text = "create table if not exists db.t with (format='JSON', partitioned_by=array['dt']) as select a, dt from u with no data";
    let definition = read(text).expect("read").expect("table");
    assert_eq!(&text[definition.query.expect("query")], "select a, dt from u");
    assert_eq!((definition.table.declared_by, definition.table.format), (DeclaredBy::Ctas, Some(FileFormat::Json)));
    assert_eq!(definition.properties[1], ("partitioned_by".to_string(), "array['dt']".to_string()));
    let text = "create table t as (select 1 as a)";
    let definition = read(text).expect("read").expect("table");
    assert_eq!(definition.table.format, Some(FileFormat::Parquet));
}

#[test]
fn errors_say_where_and_what() {
    let text = "create external table t (a int) partitioned on (b int)";
    let e = read(text).expect_err("no definition");
    assert_eq!(&text[e.range], "partitioned");
    assert!(e.message.starts_with("expected a clause of CREATE TABLE") && e.message.ends_with("found `partitioned`"));
}

#[test]
fn keys_of_a_ctas_by_day_are_times() {
    let definition = read(
        "create table t with (table_type = 'ICEBERG', partitioning = array['month(at)', 'bucket(id, 4)']) as select 1",
    )
    .unwrap_or_else(|e| panic!("{e:?}"))
    .expect("a definition");
    let types: Vec<_> = definition.table.partition_keys.iter().map(|key| key.data_type.clone()).collect();
    assert_eq!(types[0], ColumnType::Timestamp);
    assert_ne!(types[1], ColumnType::Timestamp);
}
