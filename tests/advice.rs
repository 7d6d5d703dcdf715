//! Every page of `advice/` is chosen and not chosen as its sections say, with what lakelint prints. `UPDATE=1 cargo test --test
//! advice` rewrites the `output` blocks.
#![allow(missing_docs, clippy::unwrap_used)]

mod pages;
mod program;

use std::path::Path;

use lakelint::advice::{PATTERNS, Pattern};
use lakelint::commands::Status;
use lakelint::rules::Page;
use program::lakelint;
use serde_json::Value;

const SECTIONS: [&str; 2] = ["Chosen", "Not chosen"];

#[test]
fn every_page_has_a_pattern_and_keeps_the_form() {
    let mut ids: Vec<&str> = PATTERNS.iter().map(|pattern| pattern.id).collect();
    ids.sort_unstable();
    let pages = pages::page_files("advice");
    assert_eq!(pages.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ids);
    for (id, text) in &pages {
        let page = Page::parse(text);
        assert!(!page.title.is_empty() && page.summary.ends_with('.'), "{id}");
        for section in ["Why", "When", "Cost"].iter().chain(&SECTIONS) {
            assert!(!page.section(section).unwrap_or("").is_empty(), "{id}: {section}");
        }
    }
    let map = std::fs::read_to_string(pages::folder("docs").join("advise.md")).unwrap();
    for id in ids {
        assert!(map.contains(&format!("(../advice/{id}.md)")), "docs/advise.md does not lead to {id}");
    }
}

#[test]
fn every_page_is_chosen_as_it_says() {
    pages::hold_to_outputs("advice", &SECTIONS, |id, section, files| {
        let folder = tempfile::tempdir().unwrap();
        pages::write_files(folder.path(), files);
        let document = document(folder.path());
        let pattern: &Pattern = PATTERNS.iter().find(|pattern| pattern.id == id).unwrap();
        let decisions = document["decisions"].as_array().unwrap();
        let decision = decisions.iter().find(|decision| decision["part"] == pattern.part.name()).unwrap();
        assert_eq!(decision["choice"] == id, section == "Chosen", "{id}: {decision:#}");
        printed(decision)
    });
}

/// What is printed as JSON, which fits its schema.
fn document(folder: &Path) -> Value {
    let ran = lakelint(folder, &["advise", "product.toml", "--as-of", "2025-06-30", "--format", "json"]);
    assert_eq!(ran.status, Status::Clean, "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let schema = std::fs::read_to_string(pages::folder("docs").join("advise.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    document
}

fn printed(decision: &Value) -> String {
    let amount = decision["usd_per_month"].as_f64().map(|usd| format!("{} a month", lakelint::lake::Usd(usd)));
    let amount = match (amount, decision["at_least"] == true, decision["at_most"] == true) {
        (Some(amount), true, _) => format!("{amount} or more"),
        (Some(amount), _, true) => format!("{amount} or less"),
        (Some(amount), ..) => amount,
        (None, ..) => "cost unknown".to_string(),
    };
    let mut out = format!("{}: {amount}\n", decision["title"].as_str().unwrap_or("not decided"));
    for reason in decision["reasons"].as_array().unwrap() {
        out.push_str(&format!("- {}\n", reason.as_str().unwrap()));
    }
    out.push_str(&format!("$ {}\n", decision["basis"].as_str().unwrap()));
    for missing in decision["missing"].as_array().unwrap() {
        out.push_str(&format!("? say {}\n", missing.as_str().unwrap()));
    }
    out
}

const TABLE: &str = "CREATE EXTERNAL TABLE curated.sales (shop int, amount decimal(12, 2)) PARTITIONED BY (dt string) \
    STORED AS PARQUET LOCATION 's3://lake/curated/sales/';\nINSERT INTO curated.sales SELECT 1, 2.5, '2025-06-29';\n";

/// A product of a lake that the test writes.
struct Shop(tempfile::TempDir);

impl Shop {
    fn new(files: &[(&str, &str)]) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| program::write(folder.path(), name, text));
        Shop(folder)
    }

    fn advised(&self, product: &str) -> Value {
        program::write(self.0.path(), "product.toml", product);
        document(self.0.path())
    }

    /// The comparison, line by line.
    fn compared(&self, product: &str) -> Vec<String> {
        let row = |row: &Value| {
            let place = row["line"].as_u64().map_or(String::new(), |line| format!(" :{line}"));
            let text = |key: &str| row[key].as_str().unwrap().to_string();
            format!("{} {}: {}{place}", text("what"), text("verdict"), text("text"))
        };
        self.advised(product)["repository"].as_array().unwrap().iter().map(row).collect()
    }
}

const DAILY: &str = "[runs]\n\"sales.sql\" = \"1/day\"\n";

#[test]
fn the_repository_is_compared_with_what_the_product_wants() {
    let shop = Shop::new(&[("sales.sql", TABLE), ("lakelint.toml", DAILY)]);
    let product =
        "freshness = \"15 minutes\"\ntables = [\"curated.sales\", \"curated.gone\"]\nlogic = \"sql\"\nsteps = 2\n";
    let unseen = |what: &str| {
        format!(
            "{what} not seen: nothing that was read is seen to do it for the product's tables; what else does, name in `made-by`"
        )
    };
    assert_eq!(
        shop.compared(product),
        [
            "freshness differs: `curated.sales` is written every 24 hours, so its data gets 24 hours old and older by as long as a \
             run takes, and the product wants 15 minutes :2",
            "freshness not seen: nothing describes `curated.gone`",
            &unseen("ingestion"),
            "transforms as advised: a statement writes `curated.sales` :2",
            &unseen("orchestration"),
        ]
    );
    let wanting = |freshness: &str| {
        shop.compared(&format!("freshness = \"{freshness}\"\ntables = [\"curated.sales\"]\nlogic = \"code\"\n"))
    };
    assert_eq!(
        wanting("1 day")[..1],
        [
            "freshness differs: `curated.sales` is written every 24 hours, so its data gets 24 hours old and older by as long as a \
          run takes, and the product wants 24 hours :2"
        ]
    );
    assert_eq!(
        wanting("30 hours")[0],
        "freshness differs: `curated.sales` is written every 24 hours: its data is no older than 30 hours only while a run takes \
         6 hours at most :2"
    );
    assert_eq!(
        wanting("2 days")[0],
        "freshness as advised: `curated.sales` is written every 24 hours, and the product wants 2 days :2"
    );
    assert_eq!(wanting("2 days")[2], "transforms differs: a statement writes `curated.sales` :2");
    assert_eq!(
        shop.compared("freshness = \"1 day\"\nlogic = \"sql\"\nsteps = 2\n"),
        [
            "freshness not seen: which tables are the product's is not known: name them in `tables`, and in `made-by` what else \
          makes them"
        ]
    );
}

const OTHERS: &str = "CREATE EXTERNAL TABLE raw.clicks (a string) STORED AS PARQUET LOCATION 's3://lake/raw/clicks/';\n\
    CREATE EXTERNAL TABLE curated.clicks (a string) STORED AS PARQUET LOCATION 's3://lake/curated/clicks/';\n\
    INSERT INTO curated.clicks SELECT a FROM raw.clicks;\n";

const STREAM: &str = "Resources:\n  Clicks:\n    Type: AWS::KinesisFirehose::DeliveryStream\n    Properties:\n      \
    ExtendedS3DestinationConfiguration:\n        BucketARN: arn:aws:s3:::lake\n        Prefix: raw/clicks/\n        \
    BufferingHints: { SizeInMBs: 128, IntervalInSeconds: 300 }\n  \
    Load:\n    Type: AWS::Glue::Job\n    Properties:\n      Name: load\n      Role: r\n      \
    Command: { Name: glueetl, ScriptLocation: 's3://x/y.py' }\n  \
    Often:\n    Type: AWS::Scheduler::Schedule\n    Properties:\n      ScheduleExpression: rate(5 minutes)\n      \
    FlexibleTimeWindow: { Mode: 'OFF' }\n      Target: { Arn: !GetAtt Tell.Arn, RoleArn: r }\n  \
    Tell:\n    Type: AWS::Lambda::Function\n    Properties: { FunctionName: tell, Handler: h, Role: r, Runtime: python3.12 }\n";

const NIGHTLY: &str = r#"{"StartAt": "Ingest", "States": {
  "Ingest": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "load"}, "Next": "Make"},
  "Make": {"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
    "Parameters": {"QueryString": "INSERT INTO curated.sales SELECT shop, amount, dt FROM raw.orders"}, "End": true}}}"#;

const TABLES: &str = "CREATE EXTERNAL TABLE curated.sales (shop int, amount decimal(12, 2)) PARTITIONED BY (dt string) \
    STORED AS PARQUET LOCATION 's3://lake/curated/sales/';\nCREATE EXTERNAL TABLE raw.orders (shop int, amount decimal(12, 2), \
    dt string) STORED AS PARQUET LOCATION 's3://lake/raw/orders/';\n";

/// Only what makes the product's own tables counts: not the stream, statements and schedules of others.
#[test]
fn what_makes_other_tables_is_not_compared() {
    let shop = Shop::new(&[("others.sql", OTHERS), ("stack.yaml", STREAM), ("tables.sql", TABLES)]);
    let rows = shop.compared("freshness = \"15 minutes\"\ntables = [\"curated.sales\"]\nlogic = \"sql\"\nsteps = 2\n");
    assert!(rows.len() == 4 && rows.iter().all(|row| row.contains(" not seen: ")), "{rows:#?}");
    let rows = shop.compared("freshness = \"15 minutes\"\ntables = [\"curated.clicks\"]\nlogic = \"sql\"\nsteps = 2\n");
    assert_eq!(rows[1], "ingestion as advised: the delivery stream `Clicks` writes into `raw.clicks` :2");
    assert_eq!(rows[2], "transforms as advised: a statement writes `curated.clicks` :3");
    assert!(rows[3].starts_with("orchestration not seen"), "{rows:#?}");
}

#[test]
fn a_batch_a_machine_and_a_job_can_be_as_advised() {
    let shop = Shop::new(&[
        ("nightly.asl.json", NIGHTLY),
        ("tables.sql", TABLES),
        ("stack.yaml", STREAM),
        ("lakelint.toml", "[runs]\nnightly = \"4/day\"\n"),
    ]);
    let rows = shop.compared("freshness = \"1 day\"\ntables = [\"curated.sales\"]\nlogic = \"sql\"\nsteps = 1\n");
    assert_eq!(
        rows,
        [
            "freshness as advised: `curated.sales` is written every 6 hours, and the product wants 24 hours :4",
            "ingestion as advised: `nightly` starts the Glue job `load` before it writes the product's tables :2",
            "transforms as advised: a statement writes `curated.sales` :4",
            "orchestration as advised: the state machine `nightly` runs what writes the product's tables :1",
        ]
    );
    // What a job writes is in its code.
    let rows = shop.compared("freshness = \"1 day\"\nmade-by = [\"load\", \"gone\"]\nlogic = \"code\"\nsteps = 1\n");
    assert_eq!(
        rows,
        [
            "freshness not seen: which tables are the product's is not known: name them in `tables`, and in `made-by` what else \
             makes them",
            "made-by not seen: nothing that was read is called `gone`",
            "ingestion as advised: the Glue job `load` :9",
            "transforms as advised: the Glue job `load` :9",
            "orchestration not seen: nothing that was read is seen to do it for the product's tables; what else does, name in \
             `made-by`",
        ]
    );
    let rows = shop.compared(
        "freshness = \"15 minutes\"\nmade-by = [\"tell\"]\nlogic = \"code\"\nsteps = 1\ncorrectness = \"low\"\n",
    );
    assert_eq!(rows.last().unwrap(), "orchestration as advised: the schedule `Often` starts `tell` :15");
}

#[test]
fn models_of_dbt_can_be_as_advised() {
    let shop = Shop::new(&[
        ("dbt_project.yml", "name: shop\n"),
        ("models/marts/sales.sql", "SELECT shop, sum(amount) AS amount FROM {{ ref('orders') }} GROUP BY shop\n"),
        ("tables.sql", TABLES),
    ]);
    let rows = shop.compared("freshness = \"1 day\"\ntables = [\"curated.sales\"]\nlogic = \"sql\"\nsteps = 7\n");
    assert_eq!(rows[2], "transforms as advised: the dbt model `sales` makes `curated.sales` :1");
}

fn decision(document: &Value, part: &str) -> Value {
    let decisions = document["decisions"].as_array().unwrap();
    decisions.iter().find(|decision| decision["part"] == part).unwrap().clone()
}

/// A batch that starts every `freshness` leaves data that old, and a run older.
#[test]
fn what_is_started_leaves_time_to_run() {
    let shop = Shop::new(&[]);
    let batch = shop.advised(
        "freshness = \"1 day\"\nvolume-per-day = \"20 GB\"\nlogic = \"sql\"\nsteps = 2\ncorrectness = \"low\"\n",
    );
    let text = batch.to_string();
    assert!(text.contains("a batch every 12 hours"), "{text}");
    for part in ["ingestion", "transforms", "orchestration"] {
        let basis = decision(&batch, part)["basis"].to_string();
        assert!(basis.contains("60.9 runs a month"), "{part}: {basis}");
    }
    let stream = shop.advised(
        "freshness = \"15 minutes\"\nvolume-per-day = \"20 GB\"\nlogic = \"sql\"\nsteps = 1\ncorrectness = \"low\"\n",
    );
    assert!(decision(&stream, "ingestion").to_string().contains("a delivery every 5 minutes"), "{stream:#}");
    assert!(decision(&stream, "transforms")["basis"].to_string().contains("8,766 runs a month"), "{stream:#}");
    let instant = decision(&shop.advised("freshness = \"5 s\"\nvolume-per-day = \"20 GB\"\n"), "ingestion");
    assert!(instant["reasons"].to_string().contains("collects for 0 s delivers within a few seconds"), "{instant:#}");
}

#[test]
fn a_schedule_alone_starts_one_thing() {
    let shop = Shop::new(&[]);
    let choice = |product: &str| decision(&shop.advised(product), "orchestration")["choice"].clone();
    assert_eq!(choice("freshness = \"1 day\"\ncorrectness = \"low\"\nsteps = 1\n"), "step-functions-orchestration");
    assert_eq!(
        choice("freshness = \"15 minutes\"\ncorrectness = \"medium\"\nsteps = 1\n"),
        "step-functions-orchestration"
    );
    assert_eq!(choice("freshness = \"15 minutes\"\ncorrectness = \"low\"\nsteps = 1\n"), "scheduler-orchestration");
    // dbt runs its models in order.
    let dbt = shop.advised("freshness = \"15 minutes\"\ncorrectness = \"low\"\nlogic = \"sql\"\nsteps = 9\nvolume-per-day = \"20 GB\"\nchanges = \"append-only\"\n");
    assert_eq!(decision(&dbt, "orchestration")["choice"], "scheduler-orchestration");
    assert!(decision(&dbt, "orchestration")["reasons"].to_string().contains("not of runs that failed"), "{dbt:#}");
    let made = decision(&dbt, "transforms");
    assert!(made["at_least"] == true && made["basis"].to_string().contains("what runs dbt itself"), "{made:#}");
    assert!(!dbt.to_string().contains("insert each day"), "{dbt:#}");
}

#[test]
fn amounts_say_what_they_are_and_so_does_their_sum() {
    let shop = Shop::new(&[]);
    let product = "freshness = \"15 minutes\"\nvolume-per-day = \"2 GB\"\nlatency = \"1 minute\"\nqueries-per-day = 400\ndays-per-query = 7\n";
    let document = shop.advised(product);
    let of = |document: &Value, part: &str| {
        let decision = decision(document, part);
        (decision["usd_per_month"].as_f64().unwrap(), decision["at_least"] == true, decision["at_most"] == true)
    };
    let (streamed, at_least, _) = of(&document, "ingestion");
    let (served, _, at_most) = of(&document, "serving");
    assert!(at_least && at_most);
    assert_eq!(document["usd_per_month"], streamed + served);
    assert_eq!((document["usd_at_least"].as_f64(), document["usd_at_most"].as_f64()), (Some(streamed), Some(served)));
    assert_eq!(document["unknown"], serde_json::json!(["transforms", "orchestration", "storage"]));
    let gigabytes = 2e9 * 365.25 / 12.0 / f64::from(1u32 << 30);
    assert!((streamed - gigabytes * (0.029 + 0.018)).abs() < 1e-9, "{streamed}");
    // A record of 1 kB counts as 5 kB.
    let sized = shop.advised(&format!("{product}record-size = \"1024 B\"\n"));
    let (usd, at_least, _) = of(&sized, "ingestion");
    assert!((usd - 5.0 * streamed).abs() < 1e-9 && !at_least, "{usd}");
    let ran = lakelint(shop.0.path(), &["advise", "product.toml", "--region", "eu-west-1"]);
    let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("of it at most, $13.32 about; ") && text.contains("storage not known"), "{text}");
    assert!(text.contains("are those of us-east-1, not of `eu-west-1`"), "{text}");
}

#[test]
fn a_huge_amount_does_not_come_without_a_remark() {
    let shop = Shop::new(&[]);
    let huge = "volume-per-day = \"2 TB\"\nlatency = \"1 minute\"\nqueries-per-day = 30000\ndays-per-query = 1\n";
    let serving = decision(&shop.advised(huge), "serving");
    assert!(serving["reasons"].to_string().contains("over $10,000 a month"), "{serving:#}");
}

/// The Python shell is billed for a sixteenth of a unit, Spark for two units.
#[test]
fn the_least_of_a_job_is_that_of_the_python_shell() {
    let product = "freshness = \"1 day\"\nlogic = \"code\"\nsteps = 1\n";
    let job = decision(&Shop::new(&[]).advised(product), "transforms");
    let runs = 2.0 * 365.25 / 12.0;
    assert!((job["usd_per_month"].as_f64().unwrap() - runs * 0.0625 / 60.0 * 0.44).abs() < 1e-9, "{job:#}");
    assert!(job["basis"].to_string().contains("2 DPU as Spark"), "{job:#}");
}

#[test]
fn a_description_that_cannot_be_read_is_a_failure_that_names_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let error = |text: &str| {
        std::fs::write(folder.path().join("product.toml"), text).unwrap();
        let ran = lakelint(folder.path(), &["advise", "product.toml"]);
        assert_eq!(ran.status, Status::Failed);
        ran.stderr
    };
    assert_eq!(
        error("name = \"x\"\nfresness = \"1 day\"\n"),
        "error: product.toml:2:1: unknown key `fresness`, did you mean `freshness`?\n"
    );
    assert!(error("freshness = ").starts_with("error: product.toml:1:"));
    let ran = lakelint(folder.path(), &["advise", "gone.toml"]);
    assert_eq!(ran.status, Status::Failed);
    assert!(ran.stderr.starts_with("error: the product `gone.toml` cannot be read"), "{}", ran.stderr);
}

#[test]
fn the_text_of_the_documentation_is_what_is_printed() {
    let path = pages::folder("docs").join("advise.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut blocks = lakelint::rules::blocks(&text).into_iter();
    let product = blocks.find(|block| block.info == "toml").unwrap().content;
    let shown = blocks.find(|block| block.info == "output").unwrap().content;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("product.toml"), product).unwrap();
    std::fs::write(folder.path().join("sales.sql"), TABLE).unwrap();
    std::fs::write(folder.path().join("lakelint.toml"), "[runs]\n\"sales.sql\" = \"1/day\"\n").unwrap();
    let ran = lakelint(folder.path(), &["advise", "product.toml", "--as-of", "2025-06-30"]);
    assert_eq!(ran.status, Status::Clean, "{}", ran.stderr);
    if pages::updating() && ran.stdout != shown {
        std::fs::write(&path, text.replacen(&format!("```output\n{shown}"), &format!("```output\n{}", ran.stdout), 1))
            .unwrap();
    } else {
        assert_eq!(ran.stdout, shown, "`UPDATE=1 cargo test --test advice` rewrites it");
    }
}
