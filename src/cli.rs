//! Command line definitions.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::FailOn;
use crate::document::{Text, json, parse_yaml};
use crate::lake::{Bytes, FileId};
use crate::output::Format;

mod scan;

pub use scan::{Engine, FooterChoice, ReachArgs, ScanArgs};

const SCANS: &str = "Examples:
  lakelint scan s3://my-lake --glue sales,marketing --athena-history
  lakelint scan s3://my-lake=listing.txt glue.json
  lakelint scan s3://reports/my-lake/all/2025-01-05T01-00Z/manifest.json";

/// Cost and partitioning static analyzer for AWS data lakes
///
/// Exit status: 0 when nothing at or above `--fail-on` was found, 1 when something was, 2 when the job could not be done.
#[derive(Debug, Parser)]
#[command(name = "lakelint", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// When to use colour; `auto` also respects NO_COLOR
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 100)]
    pub color: ColorChoice,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read SQL, table definitions, state machines and the lake's layout, and report what wastes money
    ///
    /// Exit status: 0 when no finding is at or above `--fail-on`, 1 when one is, 2 when the job could not be done.
    Check(Box<CheckArgs>),
    /// Estimate the bytes and dollars of every query and state machine before it runs
    ///
    /// Exit status: 0, 1 when a budget is broken or cannot be evaluated, 2 when the job could not be done.
    Cost(Box<CostArgs>),
    /// Say what a change adds to the bill: the cost of every query and state machine at two revisions of the repository
    ///
    /// Compares with the commit where the branch left `--base`, from one and the same lake. The work tree is not touched.
    /// Exit status: 0, 1 when a limit is broken or cannot be evaluated, 2 when the job could not be done.
    Diff(Box<DiffArgs>),
    /// Join everything into one page: what the lake costs in a month, what is avoidable, and what to do first
    Audit(Box<AuditArgs>),
    /// Advise how to build a data product: a pattern for each part, what it costs, and how the repository compares
    ///
    /// PRODUCT is a TOML file of a page that says who reads it, how fresh and how right it has to be, and how much comes in:
    /// docs/advise.md lists its keys. What it does not say is not guessed.
    Advise(Box<AdviseArgs>),
    /// Write a snapshot of the lake, for `check` and `cost` to read offline: the only command that may use the network
    ///
    /// Files need no network. Buckets, and what options ask of AWS, are read with the credentials that the AWS tools find:
    /// `--print-policy` prints what these must allow, `--dry-run` what would be asked, and LAKELINT_OFFLINE=1 in the environment
    /// refuses every use of the network.
    #[command(after_help = SCANS)]
    Scan(Box<ScanArgs>),
    /// Print the page of a rule (why it matters, bad and good examples, settings), of a question of the checklist or of a pattern
    Explain {
        /// Its id, such as `missing-partition-filter`
        rule: String,
    },
    /// List every rule with its severity
    Rules,
    /// Look at a repository, and write a lakelint.toml that fits, a hook for pre-commit and a job for CI
    ///
    /// The configuration is written where you are, the hook and the job belong to the top of the git repository. A file that is there
    /// already stays as it is. Exit status: 0, 2 when a file could not be written.
    Init {
        /// Print what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Print the JSON Schema of lakelint.toml, for editors: see docs/configuration.md
    Schema,
    /// Print completions for a shell: `source <(lakelint completions bash)`
    Completions { shell: clap_complete::Shell },
    /// Write a manual page for every command into a folder
    Man {
        /// Made where it is missing
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

/// Arguments of `lakelint check`.
#[derive(Debug, Clone, Default, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// What to print on standard output: see docs/formats.md
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Also write the report to a file, as in `sarif=lakelint.sarif`; may be repeated
    #[arg(long, value_name = "FORMAT=PATH", value_parser = output_file)]
    pub output_file: Vec<(Format, PathBuf)>,
    /// Lowest severity that makes the exit status 1 [default: high]
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Run only these rules, separated by commas, also those that are off by default
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Leave these rules out, separated by commas
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Known findings, which do not count [default: the lakelint-baseline.json beside lakelint.toml, or at the top of the
    /// repository]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the findings of this run into the baseline: later runs fail on new ones only
    #[arg(long, conflicts_with_all = ["select", "ignore", "fix"])]
    pub write_baseline: bool,
    /// Look only at files that changed since the commit where the branch left REF, those that are not committed included
    #[arg(long, value_name = "REF")]
    pub changed_since: Option<String>,
    /// `exclude` of lakelint.toml counts for PATHS too, for hooks, which name the files
    #[arg(long, overrides_with = "force_exclude")]
    pub force_exclude: bool,
    /// Make the changes that are safe in the files under PATHS, and report what is left
    #[arg(long)]
    pub fix: bool,
    /// With `--fix`: also the changes that alter what runs. Prints them as a patch and makes none, unless `--yes` is given
    #[arg(long = "unsafe", requires = "fix")]
    pub unsafe_fixes: bool,
    /// Make the changes that `--fix --unsafe` shows
    #[arg(long, requires = "unsafe_fixes")]
    pub yes: bool,
    #[command(flatten)]
    pub budget: BudgetArgs,
    /// Print findings without the summary
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also print what was read: tables with their sources and sizes, rules that are off
    #[arg(short, long)]
    pub verbose: bool,
}

/// What a command reads, and as of when.
#[derive(Debug, Clone, Default, Args)]
pub struct ReadArgs {
    /// Files and folders to read; `-` is standard input [default: the working directory]
    #[arg(value_name = "PATHS")]
    pub paths: Vec<PathBuf>,
    /// Date at which relative dates such as `current_date` are evaluated [default: today, UTC]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub as_of: Option<NaiveDate>,
    /// Configuration file [default: the lakelint.toml in the folder that holds all PATHS, or above it in the repository]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What tells of the lake: a snapshot, a folder, a listing (`aws s3 ls --recursive`, `aws s3api list-objects-v2`), the
    /// manifest.json of an S3 Inventory, a Glue export, past runs (`aws athena batch-get-query-execution`, dbt's
    /// run_results.json); `s3://bucket/prefix=PATH` says where a folder or listing belongs; may be repeated, and adds to
    /// `[lake] sources` [default: the snapshot .lakelint/lake]
    #[arg(long, value_name = "SOURCE")]
    pub lake: Vec<String>,
    /// File that standard input stands for: its name is shown, and its folder says which configuration counts
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<String>,
    /// Target that models of dbt are rendered for, instead of `[dbt] target` [default: `prod`]
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// Variables of dbt as YAML or JSON, over those of `[dbt] vars` and dbt_project.yml: `--vars '{days: 3}'`
    #[arg(long, value_name = "YAML", value_parser = vars)]
    pub vars: Option<Vars>,
}

/// Variables of dbt by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vars(pub BTreeMap<String, serde_json::Value>);

/// Arguments of `lakelint cost`.
#[derive(Debug, Clone, Default, Args)]
pub struct CostArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: CostFormat,
    /// Also show, read by read, how each estimate came about
    #[arg(long)]
    pub explain: bool,
    /// Only these models of dbt, as dbt selects them (`orders+`, `+tag:daily`, `path:models/marts`), and their tests; may be
    /// repeated
    #[arg(long, value_name = "MODELS")]
    pub select: Vec<String>,
    #[command(flatten)]
    pub price: PriceArgs,
    #[command(flatten)]
    pub budget: BudgetArgs,
}

/// Arguments of `lakelint diff`.
#[derive(Debug, Clone, Default, Args)]
pub struct DiffArgs {
    /// Revision to compare with, such as `origin/main`
    #[arg(long, value_name = "REF")]
    pub base: String,
    /// Revision to look at [default: the work tree, changes that are not committed included]
    #[arg(long, value_name = "REF")]
    pub head: Option<String>,
    #[command(flatten)]
    pub read: ReadArgs,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: DiffFormat,
    /// Most US dollars that the change may add to a month, instead of `[budget] increase-usd-month`
    #[arg(long, value_name = "USD", allow_negative_numbers = true, value_parser = amount)]
    pub max_increase_usd_month: Option<f64>,
    /// The same in percent of what the month costs before it, instead of `[budget] increase-pct`
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = percentage)]
    pub max_increase_pct: Option<f64>,
    #[command(flatten)]
    pub price: PriceArgs,
    #[command(flatten)]
    pub budget: BudgetArgs,
}

/// How `lakelint diff` prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people: a row per query and state machine whose cost changes
    #[default]
    Table,
    /// For programs: see docs/json.md
    Json,
    /// For a comment on a pull request
    Markdown,
}

/// Arguments of `lakelint audit`.
#[derive(Debug, Clone, Default, Args)]
pub struct AuditArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// Also write it as a page to forward: one file with tables and charts that loads nothing
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Also write it for a wiki or a pull request
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Also write it for programs: see docs/json.md
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub price: PriceArgs,
}

/// Arguments of `lakelint advise`.
#[derive(Debug, Clone, Default, Args)]
pub struct AdviseArgs {
    /// Description of the product
    #[arg(value_name = "PRODUCT")]
    pub product: PathBuf,
    #[command(flatten)]
    pub read: ReadArgs,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: AdviseFormat,
    #[command(flatten)]
    pub price: PriceArgs,
}

/// How `lakelint advise` prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AdviseFormat {
    /// For people
    #[default]
    Text,
    /// For programs: see docs/advise.md
    Json,
}

/// What one run of a query may cost.
#[derive(Debug, Clone, Default, Args)]
pub struct BudgetArgs {
    /// Most US dollars that one run of a query may cost, instead of `[budget] query-usd`
    #[arg(long, value_name = "USD", allow_negative_numbers = true, value_parser = amount)]
    pub max_query_usd: Option<f64>,
    /// Most bytes that one run of a query may scan, as in `100GB`, instead of `[budget] query-bytes`
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    pub max_query_bytes: Option<Bytes>,
}

/// What scanned bytes cost.
#[derive(Debug, Clone, Default, Args)]
pub struct PriceArgs {
    /// Region whose price counts [default: `[price] region`, else us-east-1]
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// US dollars for a terabyte of scanned bytes, instead of the listed price; 0 where capacity is provisioned
    #[arg(long, value_name = "USD", allow_negative_numbers = true, value_parser = amount)]
    pub usd_per_tb: Option<f64>,
}

/// How `lakelint cost` prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CostFormat {
    /// For people: a row per query; one line per query for standard input
    #[default]
    Table,
    /// For programs: see docs/json.md
    Json,
    /// For spreadsheets
    Csv,
    /// For pull requests
    Markdown,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

fn output_file(text: &str) -> Result<(Format, PathBuf), String> {
    let Some((format, path)) = text.split_once('=') else {
        return Err("expected FORMAT=PATH, as in `json=report.json`".to_string());
    };
    let format = Format::from_str(format, true).map_err(|_| {
        let known: Vec<&str> = Format::NAMES.to_vec();
        format!("unknown format `{format}`{}", crate::config::did_you_mean(format, &known))
    })?;
    match path {
        "" => Err("the path is missing".to_string()),
        path => Ok((format, PathBuf::from(path))),
    }
}

fn amount(text: &str) -> Result<f64, String> {
    at_least_0(text).ok_or("expected an amount in US dollars such as 5.0".to_string())
}

fn percentage(text: &str) -> Result<f64, String> {
    at_least_0(text).ok_or("expected a percentage such as 10".to_string())
}

fn at_least_0(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
}

fn vars(text: &str) -> Result<Vars, String> {
    let expected = "expected YAML such as `{days: 3}`";
    let document = parse_yaml(&Text::of_file(FileId(0), &text.into())).map_err(|problem| problem.message)?;
    let vars = serde_json::from_str(&json(&document.root)).map_err(|_| expected.to_string())?;
    Ok(Vars(vars))
}

fn date(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "expected a date such as 2025-06-30".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn negative_limits_are_told_what_is_expected() {
        let expected = [
            ("--max-increase-usd-month", "expected an amount in US dollars"),
            ("--max-increase-pct", "expected a percentage"),
            ("--max-query-usd", "expected an amount in US dollars"),
            ("--max-query-bytes", "expected a size such as"),
        ];
        for (flag, why) in expected {
            let error = Cli::try_parse_from(["lakelint", "diff", "--base", "main", flag, "-1"]).expect_err("negative");
            assert!(error.to_string().contains(why), "{error}");
            assert!(!error.to_string().contains("-- -1"), "{error}");
        }
    }

    #[test]
    fn output_files_name_their_format() {
        assert_eq!(output_file("sarif=a=b.json"), Ok((Format::Sarif, PathBuf::from("a=b.json"))));
        assert_eq!(output_file("serif=x"), Err("unknown format `serif`, did you mean `sarif`?".to_string()));
        assert!(output_file("json=").is_err());
        assert!(output_file("report.json").is_err());
    }

    #[test]
    fn dates_are_whole_days() {
        assert!(date("2025-02-29").is_err());
        assert_eq!(date("2024-02-29").map(|d| d.to_string()), Ok("2024-02-29".to_string()));
    }
}
