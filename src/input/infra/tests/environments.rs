//! Environments with a module each, and modules that others call.

use super::*;
use crate::lake::{FileFormat, Table};

/// A module with the table `lake.orders`.
fn orders(key: &str, bucket: &str, format: &str) -> String {
    format!(
        "resource \"aws_glue_catalog_table\" \"t\" {{\n  name = \"orders\"\n  database_name = \"lake\"\n  \
         parameters = {{ classification = \"{format}\" }}\n  partition_keys {{\n    name = \"{key}\"\n    type = \"string\"\n  }}\n  \
         storage_descriptor {{\n    location = \"s3://{bucket}/orders/\"\n    columns {{\n      name = \"v\"\n      type = \"string\"\n    }}\n  }}\n}}\n"
    )
}

fn tables(files: &[(&str, &str)], lake: &[&str]) -> Vec<Table> {
    let folder = folder(files);
    let mut sources = sources(folder.path(), &["env"]);
    sources.lake = lake.iter().map(|source| source.to_string()).collect();
    read(&sources).catalog.iter().map(|(_, table)| table.clone()).collect()
}

const LISTING: &str = "2025-06-30 00:00:00 1000 orders/dt=2025-06-30/part-0.parquet\n";

#[test]
fn environments_that_partition_a_table_by_different_keys_say_nothing_of_it() {
    let (dev, prod) = (orders("day", "acme-dev", "csv"), orders("dt", "acme-prod", "parquet"));
    assert!(tables(&[("env/dev/main.tf", &dev), ("env/prod/main.tf", &prod)], &[]).is_empty());
    let template = "Resources:\n  T:\n    Type: AWS::Glue::Table\n    Properties:\n      DatabaseName: lake\n      TableInput: {Name: orders}\n";
    assert!(tables(&[("env/dev/main.tf", &dev), ("env/t.yaml", template)], &[]).is_empty());
    assert_eq!(tables(&[("env/dev/main.tf", &dev)], &[]).len(), 1);
}

#[test]
fn what_environments_agree_on_is_known() {
    let (dev, prod) = (orders("dt", "acme-dev", "csv"), orders("dt", "acme-prod", "parquet"));
    let [table] = &tables(&[("env/dev/main.tf", &dev), ("env/prod/main.tf", &prod)], &[])[..] else { panic!("one") };
    assert_eq!((table.format, &table.location), (None, &None));
    assert_eq!((table.partition_keys[0].name.as_str(), table.columns[0].name.as_str()), ("dt", "v"));
    let same = orders("dt", "acme-prod", "parquet");
    let [table] = &tables(&[("env/dev/main.tf", &same), ("env/prod/main.tf", &prod)], &[])[..] else { panic!("one") };
    assert_eq!(table.format, Some(FileFormat::Parquet));
    assert_eq!(table.location.as_ref().map(ToString::to_string).as_deref(), Some("s3://acme-prod/orders/"));
}

#[test]
fn a_table_of_several_environments_is_where_the_sources_are() {
    let (dev, prod) = (orders("dt", "acme-dev", "parquet"), orders("dt", "acme-prod", "parquet"));
    let test = orders("dt", "acme-test", "parquet");
    let of = |lake: &[&str]| {
        let files = [
            ("env/dev/main.tf", dev.as_str()),
            ("env/prod/main.tf", &prod),
            ("env/test/main.tf", &test),
            ("listing.txt", LISTING),
            ("other.txt", LISTING),
        ];
        let tables = tables(&files, lake);
        let table = tables.iter().find(|table| table.name.to_string() == "lake.orders").expect("the table");
        (table.location.as_ref().map(ToString::to_string), table.layout.is_some())
    };
    assert_eq!(of(&["s3://acme-prod/=listing.txt"]), (Some("s3://acme-prod/orders/".to_string()), true));
    assert_eq!(of(&["s3://acme-prod/=listing.txt", "s3://x/=other.txt"]).0.as_deref(), Some("s3://acme-prod/orders/"));
    assert_eq!(of(&["listing.txt"]), (Some("orders/".to_string()), true));
    assert_eq!(of(&["s3://acme-prod/=listing.txt", "s3://acme-dev/=other.txt"]).0, None);
    assert_eq!(of(&[]).0, None);
}

const MODULE: &str = "variable \"name\" { default = \"table\" }\nvariable \"format\" { default = \"csv\" }\n\
    resource \"aws_glue_catalog_table\" \"t\" {\n  name = var.name\n  database_name = \"curated\"\n  \
    parameters = { classification = var.format }\n}\n";

/// Names and formats of the tables of the module in `env/t`, beside other files.
fn given(files: &[(&str, &str)]) -> Vec<(String, Option<FileFormat>)> {
    let files: Vec<_> = [("env/t/main.tf", MODULE)].into_iter().chain(files.iter().copied()).collect();
    let tables = tables(&files, &[]);
    tables.into_iter().map(|table| (table.name.to_string(), table.format)).collect()
}

fn called(name: &str, arguments: &str) -> String {
    format!("module \"{name}\" {{\n  source = \"../t\"\n  {arguments}\n}}\n")
}

#[test]
fn a_caller_says_what_the_variables_of_a_module_are() {
    let one = |name: &str, format| vec![(format!("curated.{name}"), format)];
    assert_eq!(given(&[]), one("table", Some(FileFormat::Csv)));
    let call = called("a", "name = \"orders\"\n  format = \"parquet\"");
    assert_eq!(given(&[("env/app/main.tf", &call)]), one("orders", Some(FileFormat::Parquet)));
    assert_eq!(given(&[("env/app/main.tf", &called("a", "name = \"orders\""))]), one("orders", Some(FileFormat::Csv)));
    assert_eq!(given(&[("env/app/main.tf", &called("a", "format = var.format"))]), one("table", None));
    let elsewhere = call.replace("../t", "../other");
    assert_eq!(given(&[("env/app/main.tf", &elsewhere)]), one("table", Some(FileFormat::Csv)));
    let several = |b: &str| called("a", "name = \"orders\"\n  format = \"parquet\"") + &called("b", b);
    assert_eq!(given(&[("env/app/main.tf", &several("name = \"clicks\"\n  format = \"parquet\""))]), []);
    assert_eq!(given(&[("env/app/main.tf", &several("name = \"orders\""))]), one("orders", None));
}

#[test]
fn values_of_a_folder_go_before_defaults() {
    let one = |name: &str, format| vec![(format!("curated.{name}"), format)];
    let values = ("env/t/terraform.tfvars", "name = \"orders\"\nformat = \"parquet\"\n");
    assert_eq!(given(&[values]), one("orders", Some(FileFormat::Parquet)));
    let later = ("env/t/a.auto.tfvars", "name = \"clicks\"\n");
    assert_eq!(given(&[values, later]), one("clicks", Some(FileFormat::Parquet)));
    assert_eq!(given(&[("env/t/prod.tfvars", values.1)]), one("table", Some(FileFormat::Csv)));
    let call = called("a", "format = \"json\"");
    assert_eq!(given(&[values, ("env/app/main.tf", &call)]), one("table", Some(FileFormat::Json)));
}

#[test]
fn a_query_alone_knows_the_callers_of_a_module() {
    let call = called("a", "name = \"orders\"\n  format = \"parquet\"");
    let folder =
        folder(&[("t/main.tf", MODULE), ("app/main.tf", &call), ("q.sql", "SELECT 1 FROM curated.orders WHERE 1 = 1")]);
    let mut sources = sources(folder.path(), &["q.sql"]);
    sources.project = Some(folder.path().to_path_buf());
    let lake = read(&sources);
    assert_eq!((lake.files, lake.queries[0].reads.len()), (1, 1));
}
