//! Arguments of `lakelint scan`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::amount;

/// Arguments of `lakelint scan`.
#[derive(Debug, Clone, Default, Args)]
pub struct ScanArgs {
    /// Buckets (`s3://bucket/prefix`), S3 Inventory manifests, folders, listings, Glue and Athena exports;
    /// `s3://bucket/prefix=PATH` says where a listing or folder belongs [default: `[lake] sources` of the configuration]
    #[arg(value_name = "SOURCES")]
    pub sources: Vec<String>,
    /// Folder of the snapshot, which is replaced [default: .lakelint/lake]; with `--on athena` also the `s3://` place of results
    #[arg(short, long, value_name = "FOLDER")]
    pub output: Vec<String>,
    /// Configuration file [default: the lakelint.toml in the working directory, or above it in the repository]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read tables, views and registered partitions of these databases from the Glue Data Catalog
    #[arg(long, value_name = "DATABASES", value_delimiter = ',')]
    pub glue: Vec<String>,
    /// Read what queries have really scanned from Athena's history
    #[arg(long)]
    pub athena_history: bool,
    /// Days of history, of which Athena keeps 45 [default: 30]
    #[arg(long, value_name = "N", requires = "athena_history", value_parser = clap::value_parser!(u32).range(1..=45))]
    pub days: Option<u32>,
    /// Keep the texts of the queries of the history, literal values included
    #[arg(long)]
    pub keep_sql: bool,
    /// Write the definitions of Step Functions state machines, for checks without a network
    #[arg(long)]
    pub sfn: bool,
    /// Columnar files of each table whose footers are read: a number, `all` or `none` [default: 1000 of objects, 10000 of local files]
    #[arg(long, value_name = "N")]
    pub footers: Option<FooterChoice>,
    /// Also look for multipart uploads that were never completed
    #[arg(long)]
    pub uploads: bool,
    /// Name of an S3 Inventory table whose objects are added up where it lies
    #[arg(long, value_name = "TABLE", requires = "on")]
    pub inventory: Option<String>,
    /// Engine that adds up the inventory
    #[arg(long, value_enum, value_name = "ENGINE", requires = "inventory")]
    pub on: Option<Engine>,
    /// Athena workgroup that runs statements [default: primary]
    #[arg(long, value_name = "NAME")]
    pub workgroup: Option<String>,
    /// Most US dollars that the statement may cost
    #[arg(long, value_name = "USD", requires = "on", value_parser = amount)]
    pub max_usd: Option<f64>,
    /// Print what would be asked and what it would cost, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Print the IAM policy that this scan needs, and stop
    #[arg(long)]
    pub print_policy: bool,
    /// Forget what an interrupted scan has listed, and start again
    #[arg(long)]
    pub restart: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// How AWS is reached.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct ReachArgs {
    /// Region [default: that of the environment or the profile]
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
    /// Stop before more requests than this are made
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
