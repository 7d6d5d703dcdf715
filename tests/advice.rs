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

fn document(folder: &Path) -> Value {
    let ran = lakelint(folder, &["advise", "product.toml", "--as-of", "2025-06-30", "--format", "json"]);
    assert_eq!(ran.status, Status::Clean, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn printed(decision: &Value) -> String {
    let amount = match (decision["usd_per_month"].as_f64(), decision["at_least"] == true) {
        (Some(usd), true) => format!("{} a month or more", lakelint::lake::Usd(usd)),
        (Some(usd), false) => format!("{} a month", lakelint::lake::Usd(usd)),
        (None, _) => "cost unknown".to_string(),
    };
    let mut out = format!("{}: {amount}\n", decision["title"].as_str().unwrap_or("not decided"));
    for reason in decision["reasons"].as_array().unwrap() {
        out.push_str(&format!("- {}\n", reason.as_str().unwrap()));
    }
    for missing in decision["missing"].as_array().unwrap() {
        out.push_str(&format!("? say {}\n", missing.as_str().unwrap()));
    }
    out
}

const TABLE: &str = "CREATE EXTERNAL TABLE curated.sales (shop int, amount decimal(12, 2)) PARTITIONED BY (dt string) \
    STORED AS PARQUET LOCATION 's3://lake/curated/sales/';\nINSERT INTO curated.sales SELECT 1, 2.5, '2025-06-29';\n";

#[test]
fn the_repository_is_compared_with_what_the_product_wants() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("sales.sql", TABLE);
    write("lakelint.toml", "[runs]\n\"sales.sql\" = \"1/day\"\n");
    let compared = |product: &str| {
        write("product.toml", product);
        let document = document(folder.path());
        let rows = document["repository"].as_array().unwrap().clone();
        let row = |row: &Value| {
            let place = row["line"].as_u64().map_or(String::new(), |line| format!(" :{line}"));
            format!(
                "{} {}: {}{place}",
                row["what"].as_str().unwrap(),
                row["verdict"].as_str().unwrap(),
                row["text"].as_str().unwrap()
            )
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(
        compared(
            "freshness = \"15 minutes\"\ntables = [\"curated.sales\", \"curated.gone\"]\nlogic = \"sql\"\nsteps = 2\n"
        ),
        [
            "freshness differs: `curated.sales` is written every 24 hours, and the product wants 15 minutes :2",
            "freshness not seen: nothing describes `curated.gone`",
            "ingestion not seen: nothing that was read does the ingestion",
            "transforms as advised: a statement writes `curated.sales` :2",
            "orchestration not seen: nothing that was read does the orchestration",
        ]
    );
    assert_eq!(
        compared("freshness = \"1 day\"\ntables = [\"curated.sales\"]\nlogic = \"code\"\n")[..],
        [
            "freshness as advised: `curated.sales` is written every 24 hours, and the product wants 24 hours :2",
            "ingestion not seen: nothing that was read does the ingestion",
            "transforms differs: a statement writes `curated.sales` :2",
        ]
    );
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
