//! Arguments of `lakelint scan`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::amount;

/// Arguments of `lakelint scan`.
#[derive(Debug, Clone, Default, Args)]
pub struct ScanArgs {
    /// Buckets (`s3://bucket/prefix`), manifests of S3 Inventory (`manifest.json`, also `s3://.../manifest.json`), folders,
    /// listings, Glue, Athena and dbt exports; `s3://bucket/prefix=PATH` says where a folder or listing belongs
    /// [default: `[lake] sources` of the configuration]
    #[arg(value_name = "SOURCES")]
    pub sources: Vec<String>,
    /// Folder of the snapshot, which is replaced [default: .lakelint/lake]; where Athena runs statements also the `s3://` place
    /// of their results, so it may be given twice
    #[arg(short, long, value_name = "FOLDER")]
    pub output: Vec<String>,
    /// Configuration file [default: the lakelint.toml in the working directory, or above it in the repository]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Also read tables, views and registered partitions of these databases, separated by commas, from the Glue Data Catalog
    #[arg(long, value_name = "DATABASES", value_delimiter = ',')]
    pub glue: Vec<String>,
    /// Also read how often queries have run, and what they really scanned, from Athena's history
    #[arg(long)]
    pub athena_history: bool,
    /// Days of history, of which Athena keeps 45 [default: 30]
    #[arg(long, value_name = "N", requires = "athena_history", value_parser = clap::value_parser!(u32).range(1..=45))]
    pub days: Option<u32>,
    /// Write the texts of queries that have run into the snapshot, literal values included
    #[arg(long)]
    pub keep_sql: bool,
    /// Also read the definitions of Step Functions state machines
    #[arg(long)]
    pub sfn: bool,
    /// Parquet and ORC files of each table whose footers are read: a number, `all` or `none` [default: 1000 in a bucket, 10000 in a folder]
    #[arg(long, value_name = "N")]
    pub footers: Option<FooterChoice>,
    /// Also look for multipart uploads that were never completed, in the buckets that are listed
    #[arg(long)]
    pub uploads: bool,
    /// Athena table over an S3 Inventory: a statement adds its objects up there, and only the sums are fetched
    #[arg(long, value_name = "DATABASE.TABLE", requires = "on")]
    pub inventory: Option<String>,
    /// Engine that adds up the table of `--inventory`
    #[arg(long, value_enum, value_name = "ENGINE", requires = "inventory")]
    pub on: Option<Engine>,
    /// Athena workgroup that runs the statement of `--inventory`; with `--glue`, reads the catalog through Athena [default: primary]
    #[arg(long, value_name = "NAME")]
    pub workgroup: Option<String>,
    /// Most US dollars that the statement of `--inventory` may cost: it is not run when it may cost more, or an unknown amount
    #[arg(long, value_name = "USD", requires = "on", allow_negative_numbers = true, value_parser = amount)]
    pub max_usd: Option<f64>,
    /// Print what would be asked of AWS and what it would cost, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Print the IAM policy that a scan with these arguments needs, and stop
    #[arg(long)]
    pub print_policy: bool,
    /// Forget what an interrupted scan has listed, and list everything again
    #[arg(long)]
    pub restart: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// How AWS is reached.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct ReachArgs {
    /// AWS region [default: that of the environment or the profile]
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Profile of the AWS configuration files
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Endpoint of all services, for servers that speak like AWS
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Put the bucket into the path of requests, not into the host name
    #[arg(long)]
    pub path_style: bool,
    /// Pay for requests to buckets whose requester pays
    #[arg(long)]
    pub requester_pays: bool,
    /// End the scan with an error rather than make more requests than this
    #[arg(long, value_name = "N")]
    pub max_requests: Option<u64>,
    /// Requests that may be under way at once
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1000))]
    pub concurrency: usize,
}

/// How many footers of each table are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FooterChoice {
    /// A stratified sample of at most so many files; 0 is none.
    AtMost(usize),
    All,
}

impl FromStr for FooterChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<FooterChoice, String> {
        match text {
            "all" => Ok(FooterChoice::All),
            "none" => Ok(FooterChoice::AtMost(0)),
            number => match number.parse() {
                Ok(most) => Ok(FooterChoice::AtMost(most)),
                Err(_) => Err("expected a number of files, `all` or `none`".to_string()),
            },
        }
    }
}

/// What adds up an inventory that is too large to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// One statement on Athena; only partition rows come back
    Athena,
}
