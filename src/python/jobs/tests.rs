//! Programs to what they read and write: every spelling, and what hides a table or says how a write is partitioned.

use std::sync::Arc;

use crate::document::Text;
use crate::lake::{Dataset, FileFormat, FileId, Job, JobWrite, Reader, Span, TableName};
use crate::python::{Script, read};

fn script(program: &str) -> Script {
    read(&Text::of_file(FileId(0), &Arc::from(program))).expect("read")
}

fn job(program: &str) -> Job {
    script(&format!("from awsglue.context import GlueContext\nimport pyspark\n{program}")).job.expect("a job")
}

#[test]
fn the_current_database_is_that_of_tables_without_one() {
    let of = |lines: &str| {
        let job = job(&format!("spark.table('orders')\ndf.write.saveAsTable('sums')\n{lines}"));
        (job.database.name().map(str::to_owned), job.reads.first().map(|read| read.source.clone()))
    };
    let table = |name: &str| Some(Dataset::Table(TableName::parse(name)));
    assert_eq!(of(""), (None, table("orders")));
    for line in
        ["spark.sql('USE Shop')", "spark.sql('use database `shop`')", "spark.catalog.setCurrentDatabase('shop')"]
    {
        assert_eq!(of(line), (Some("shop".to_string()), table("shop.orders")), "{line}");
        assert_eq!(of(&format!("{line}\n{line}")).0.as_deref(), Some("shop"));
    }
    for lines in
        ["spark.sql(f'USE {db}')", "spark.sql('USE a')\nspark.sql('USE b')", "spark.catalog.setCurrentDatabase(db)"]
    {
        assert_eq!(of(lines), (None, None), "{lines}");
    }
}

#[test]
fn reads_and_writes_say_what_they_take_in() {
    let program = r#"
from pyspark.sql import SparkSession
job.init(args["JOB_NAME"], args)
a = ctx.create_dynamic_frame.from_catalog("shop", "orders", transformation_ctx="a", push_down_predicate="")
b = ctx.create_dynamic_frame.from_catalog(database="shop", table_name="orders", push_down_predicate=predicate)
c = spark.read.format("parquet").load("s3://lake/raw/c/")
d = spark.read.jdbc(url, "orders")
e = wr.s3.read_parquet("s3://lake/raw/e/", partition_filter=lambda x: x["dt"] == "1")
a.toDF().coalesce(1).write.mode("append").partitionBy("dt", "Hour").csv(f"s3://{bucket}/curated/a/")
ctx.write_dynamic_frame.from_options(frame=b, connection_type="s3",
    connection_options={"path": "s3://lake/clean/b/", "partitionKeys": ["id"]}, format="json")
c.write.insertInto("shop.c")
"#;
    let script = script(program);
    let job = script.job.expect("a job");
    let at = |span: Span| &program[span.range()];
    let reads: Vec<_> = job.reads.iter().map(|r| (at(r.span), r.reader, r.has_predicate, r.has_context)).collect();
    assert_eq!(
        reads,
        [
            ("\"orders\"", Reader::DynamicFrame, false, true),
            ("\"orders\"", Reader::DynamicFrame, true, false),
            ("\"s3://lake/raw/c/\"", Reader::DataFrame, false, false),
            ("\"s3://lake/raw/e/\"", Reader::Pandas, true, false),
        ]
    );
    let columns = |write: &JobWrite| write.partitioned_by.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let writes: Vec<_> = job.writes.iter().map(|w| (w.format, columns(w), w.one_file.map(at))).collect();
    assert_eq!(
        writes,
        [
            (Some(FileFormat::Csv), vec!["dt".to_string(), "hour".to_string()], Some("coalesce(1)")),
            (Some(FileFormat::Json), vec!["id".to_string()], None),
            (None, Vec::new(), None),
        ]
    );
    assert!(job.init.is_some() && !job.commits);
    assert!(job.mentions("x") && !job.mentions("hour") && !job.mentions("id"));
}

#[test]
fn what_is_done_to_a_frame_may_leave_most_of_its_table_out() {
    let is_narrowed = |line: &str| {
        let frame = script(&format!("import pyspark\n{}", line.replace("READ", "spark.table('shop.orders')")));
        let sql =
            script(&format!("import pyspark\n{}", line.replace("READ", "spark.sql('SELECT a FROM shop.orders')")));
        let narrowed = (frame.job.expect(line).reads[0].has_predicate, sql.statements[0].is_narrowed);
        assert_eq!(narrowed.0, narrowed.1, "{line}");
        narrowed.0
    };
    for line in [
        "x = READ.schema",
        "READ.printSchema()",
        "READ.show(5)",
        "x = READ.select('a').limit(10)",
        "e = spark.createDataFrame([], READ.schema)",
        "x = READ.isEmpty()",
        "x = READ.where(args['condition'])",
        "x = READ.filter(F.col(key) == value)",
        "x = (READ\n  .filter(f'{key} = 1'))",
        "x = READ.select('a').filter(condition)",
        "x = READ.where((F.col('a') > 1) & condition)",
        "x = READ.where(conditions.of(day))",
        "x = READ.join(days, on=list(set(a) & set(b)))",
        "x = READ.transform(only_last_days)",
        "x = only_last_days(READ, 7)",
        "x = self.only(READ)",
        "df = READ\ndef a(x):\n  return df.filter(x)",
        "df = READ\nb = df.select('a')\nc = b.where(x)",
        "df = READ\nb = df.join(days, on=common(df, days))",
    ] {
        assert!(is_narrowed(line), "{line}");
    }
    for line in [
        "df = READ",
        "READ.count()",
        "x = READ.filter('amount > 5')",
        "x = READ.filter(F.col('amount') > least)",
        "x = READ.filter(df['amount'] > args['least'])",
        "x = READ.filter(df.amount.isin(values) & ~F.col('b').isNull())",
        "x = READ.filter(col('amount') > 5).limit(10)",
        "x = READ.join(days, 'order_id')",
        "x = READ.join(days, ['a', 'b'], 'left')",
        "x = len(READ.collect())",
        "df = READ\nx = df.filter('amount > 5')",
        "df = READ\nx = other.filter(condition)",
        "df = READ\nx = ', '.join(columns)",
    ] {
        assert!(!is_narrowed(line), "{line}");
    }
    let read = &job("f = ctx.create_dynamic_frame.from_catalog('shop', 'orders').toDF().filter(x)").reads[0];
    assert!(!read.has_predicate, "a DynamicFrame is read before");
}

#[test]
fn only_some_modes_write_where_something_is_stored() {
    let is_added = |line: &str| job(line).writes[0].is_added;
    for line in [
        "df.write.mode('append').parquet('s3://b/t/')",
        "df.write.parquet('s3://b/t/', mode='Overwrite')",
        "df.write.insertInto('shop.t')",
        "wr.s3.to_parquet(df, 's3://b/t/', dataset=True)",
        "ctx.write_dynamic_frame.from_catalog(f, 'shop', 't')",
    ] {
        assert!(is_added(line), "{line}");
    }
    for line in [
        "df.write.parquet('s3://b/t/')",
        "df.write.mode('ignore').parquet('s3://b/t/')",
        "df.write.mode('errorifexists').save('s3://b/t/')",
        "df.write.mode(mode).parquet('s3://b/t/')",
    ] {
        assert!(!is_added(line), "{line}");
    }
}

#[test]
fn what_partitions_a_write_is_read_wherever_it_is_said() {
    let told = |line: &str| {
        let [write] = &job(line).writes[..] else { panic!("{line}") };
        let columns: Vec<&str> = write.partitioned_by.iter().map(|(name, _)| name.as_str()).collect();
        let replaces = if write.replaces { " replaces" } else { "" };
        let open = if write.may_be_partitioned { " open" } else { "" };
        let plain = if write.is_plain { "" } else { " other format" };
        format!("{}{replaces}{open}{plain}", columns.join(","))
    };
    for (line, expected) in [
        ("df.write.parquet('s3://b/t/')", ""),
        ("df.write.mode('overwrite').parquet('s3://b/t/')", " replaces"),
        ("df.write.parquet('s3://b/t/', 'overwrite', 'dt')", "dt replaces"),
        ("df.write.parquet('s3://b/t/', mode='append', partitionBy=['dt', 'Hour'])", "dt,hour"),
        ("df.write.partitionBy(['dt']).save('s3://b/t/', 'parquet', 'overwrite')", "dt replaces"),
        ("df.write.save('s3://b/t/', 'delta', 'append', 'dt')", "dt other format"),
        ("df.write.format('iceberg').save('s3://b/t/')", " other format"),
        ("df.write.format(kind).save('s3://b/t/')", " other format"),
        ("df.write.partitionBy(*columns).parquet('s3://b/t/')", " open"),
        ("df.write.partitionBy(columns).parquet('s3://b/t/')", " open"),
        ("df.write.partitionBy('dt', F.col('h')).parquet('s3://b/t/')", "dt open"),
        ("df.write.options(**options).parquet('s3://b/t/')", " open"),
        ("df.write.options(compression='zstd').parquet('s3://b/t/', **more)", " open"),
        ("write = df.write.partitionBy('dt')\nwrite.parquet('s3://b/t/')", " open"),
        ("self.write(df).parquet('s3://b/t/')", " open"),
        ("df.write.saveAsTable('shop.t', path='s3://b/t/', mode='overwrite')", " replaces"),
        ("df.write.saveAsTable('shop.t', partitionBy='dt')", "dt"),
        ("wr.s3.to_parquet(df, 's3://b/t/', dataset=True)", ""),
        (
            "wr.s3.to_parquet(df=df, path='s3://b/t/', dataset=True, partition_cols=['dt'], mode='overwrite')",
            "dt replaces",
        ),
        ("wr.s3.to_parquet(df=df, path='s3://b/t/', dataset=True, partition_cols=None)", ""),
        ("wr.s3.to_parquet(df=df, path='s3://b/t/', dataset=True, partition_cols=columns)", " open"),
        ("wr.s3.to_parquet(df, 's3://b/t/a.parquet')", " open"),
        ("wr.s3.to_parquet(df, dataset=True, database='shop', table='t')", ""),
        ("ctx.write_dynamic_frame.from_options(f, 's3', {'path': 's3://b/t/'}, 'parquet')", ""),
        ("ctx.write_dynamic_frame.from_options(f, 's3', {'path': 's3://b/t/', **more}, 'parquet')", " open"),
        ("ctx.write_dynamic_frame.from_catalog(f, 'shop', 't')", ""),
        ("ctx.write_dynamic_frame_from_catalog(f, 'shop', 't', additional_options={'partitionKeys': ['dt']})", "dt"),
        ("ctx.write_dynamic_frame_from_catalog(f, 'shop', 't', additional_options=options)", " open"),
        ("sink = ctx.getSink(path='s3://b/t/', connection_type='s3', partitionKeys=[])", ""),
        ("sink = ctx.getSink(path='s3://b/t/', connection_type='s3', partitionKeys=['dt'])", "dt"),
    ] {
        assert_eq!(told(line), expected, "{line}");
    }
    let [write] = &job("df.write.saveAsTable('shop.t', path='s3://b/t/')").writes[..] else { panic!("a write") };
    assert_eq!(write.target, Dataset::Table(TableName::parse("shop.t")));
}

#[test]
fn reads_are_found_in_all_their_spellings() {
    for line in [
        "df = ctx.create_dynamic_frame.from_catalog('shop', 'orders')",
        "df = ctx.create_data_frame_from_catalog(database='shop', table_name='orders')",
        "df = ctx.create_dynamic_frame.from_options('s3', {'paths': ['s3://b/t/']}, 'parquet')",
        "df = ctx.create_dynamic_frame_from_options(connection_type='s3', connection_options={'paths': ['s3://b/t/']})",
    ] {
        let [read] = &job(line).reads[..] else { panic!("{line}") };
        assert!(!read.has_predicate && !read.has_context, "{line}");
    }
    for line in [
        "df = ctx.create_dynamic_frame.from_catalog('shop', 'orders', '', 'orders', f\"dt = '{day}'\")",
        "df = ctx.create_data_frame.from_catalog('shop', 'orders', additional_options={'push_down_predicate': p})",
        "df = ctx.create_dynamic_frame.from_options('s3', {'paths': ['s3://b/t/'], 'exclusions': e}, 'parquet')",
        "df = ctx.create_dynamic_frame.from_options('s3', {'paths': ['s3://b/t/'], **more}, 'parquet')",
        "df = ctx.create_dynamic_frame.from_catalog('shop', 'orders', **more)",
    ] {
        assert!(job(line).reads[0].has_predicate, "{line}");
    }
    assert!(job("df = ctx.create_dynamic_frame.from_catalog('shop', 'orders', '', 'orders')").reads[0].has_context);
}

#[test]
fn a_job_that_is_an_attribute_keeps_bookmarks_too() {
    for line in ["job.init(n, a)", "self.job.init(n, a)", "Job(ctx).init(n, a)", "self.glue_job.init(n)"] {
        assert!(job(line).init.is_some(), "{line}");
    }
    assert!(script("import pyspark\nmodel.init(n)").job.is_none());
}

#[test]
fn names_of_frames_hide_tables_without_a_database() {
    let of = |lines: &str| {
        let job = job(lines);
        let hides = |name: &str| job.temporary.hides(&TableName::parse(name));
        (job.reads.len(), hides("orders"), hides("shop.orders"))
    };
    let read = "spark.table('orders')\nspark.table('shop.orders')\n";
    assert_eq!(of(read), (2, false, false));
    assert_eq!(of(&format!("{read}df.createOrReplaceTempView('Orders')")), (1, true, false));
    assert_eq!(of(&format!("{read}sqlContext.registerDataFrameAsTable(df, 'orders')")), (1, true, false));
    assert_eq!(of(&format!("{read}df.createTempView('o')")), (2, false, false));
    assert_eq!(of(&format!("{read}for n in frames: df.createTempView(n)")), (1, true, false));
    assert_eq!(of(&format!("{read}spark.sql('CREATE TEMP VIEW orders USING csv')")), (1, true, false));
}

#[test]
fn names_in_spark_sql_are_apart_from_those_around_it() {
    let program = "import pyspark\nq = f\"SELECT a FROM shop.orders WHERE dt = '{args['day']}'\"\nspark.sql(q).filter('hour = 1')\n";
    let script = script(program);
    let job = script.job.expect("a job");
    assert!(job.mentions("hour") && !job.mentions("dt") && !job.mentions("args"));
    let [statement] = &script.statements[..] else { panic!("one statement") };
    assert!(["dt", "args", "day"].iter().all(|name| statement.names.contains(*name)));
}
