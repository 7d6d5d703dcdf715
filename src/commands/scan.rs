//! `lakelint scan`: a snapshot of the lake, for runs without it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::policy;
use super::progress::Progress;
use super::reading::SNAPSHOT;
use super::{Env, Status, print, say};
use crate::cli::{FooterChoice, ScanArgs};
use crate::config;
use crate::controls::visible_name;
use crate::cost::prices;
use crate::expr::AsOf;
use crate::input::{self, FooterLimit, InventoryPlan, InventoryRequest, Reach, ScanRequest, Scanned};
use crate::lake::{Count, Gap, Usd};
use crate::shown_path::shown_path;

/// Tables without files that are named.
const NAMED: usize = 5;
/// Days of history that are read when nobody says how many.
const HISTORY_DAYS: u32 = 30;

/// Reads the sources and writes the snapshot. Fails without writing when a source cannot be read as a whole.
pub fn run(args: &ScanArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let progress = Progress::start(env.progress);
    let loaded = config::load(&env.base, args.config.as_deref(), &[], &[], &[])?;
    let lake = match args.sources.is_empty() {
        // What the configuration lists, the inventory holds.
        true if args.inventory.is_some() => Vec::new(),
        true => loaded.lake_sources().filter(|source| !input::is_snapshot(&env.base, source)).collect(),
        false => args.sources.clone(),
    };
    let request = ScanRequest { inventory: inventory(args, &loaded)?, ..request(args, env.offline) };
    let asks_services = args.athena_history || args.sfn || !args.glue.is_empty();
    if lake.is_empty() && request.inventory.is_none() && !asks_services {
        bail!(
            "there is nothing to scan: name a bucket (`s3://bucket/prefix`), the `manifest.json` of an S3 Inventory, a folder or a \
             listing, write it to `[lake] sources` in lakelint.toml, or use `--glue`, `--athena-history` or `--sfn`"
        );
    }
    let buckets = input::buckets(&env.base, &lake);
    refuse_unused(args, &buckets)?;
    if args.print_policy {
        let policy = policy::policy(args, &lake, &buckets);
        print(env, &format!("{policy:#}\n")).context("standard output")?;
        return Ok(Status::Clean);
    }
    let plan = input::plan_inventory(&request)?;
    for bucket in &buckets {
        say(env, &format!("{}\n", announcement(bucket)));
    }
    if args.dry_run {
        print(env, &dry_run(args, &lake, &buckets, plan.as_ref())).context("standard output")?;
        return Ok(Status::Clean);
    }
    if let Some(plan) = &plan {
        say(env, &format!("{}\n", plan.estimate()));
    }
    let sources = input::Sources {
        project: loaded.project.clone(),
        lake,
        config_file: loaded.file.as_ref().map(|file| (file.path.clone(), file.text.clone())),
        ..input::Sources::of(&env.base, AsOf(chrono::DateTime::UNIX_EPOCH.naive_utc()))
    };
    progress.phase("scanning");
    let output = args.output.iter().find(|output| !output.starts_with("s3://"));
    let output = output.map_or_else(|| PathBuf::from(SNAPSHOT), PathBuf::from);
    let scanned = input::scan(&sources, &request, plan, &loaded.config, &output)?;
    drop(progress);
    // Keys and names of tables are whatever somebody has written: each message stays on its line.
    for note in &scanned.notes {
        say(env, &format!("{}\n", visible_name(note)));
    }
    for Gap { prefix, reason } in &scanned.gaps {
        let gap = format!("warning: `{prefix}` is missing from the snapshot: {reason}");
        say(env, &format!("{}\n", visible_name(&gap)));
    }
    for warning in &scanned.warnings {
        say(env, &format!("warning: {}\n", visible_name(warning)));
    }
    print(env, &summary(&scanned)).context("standard output")?;
    if output == Path::new(SNAPSHOT)
        && let Some(warning) = unnamed(&env.base, &loaded)
    {
        say(env, &format!("warning: {}\n", visible_name(&warning)));
    }
    Ok(Status::Clean)
}

/// Sources in a configuration take the place of the snapshot that is found by itself.
fn unnamed(base: &Path, loaded: &config::Loaded) -> Option<String> {
    let file = loaded.file.as_ref().filter(|_| !loaded.config.lake.sources.is_empty())?;
    let snapshot = base.join(SNAPSHOT).canonicalize().ok()?;
    let is_snapshot = |source: String| base.join(source).canonicalize().is_ok_and(|path| path == snapshot);
    let folder = file.path.parent()?.canonicalize().ok()?;
    let name = shown_path(&folder, &snapshot);
    let shown = shown_path(base, &file.path);
    (!loaded.lake_sources().any(is_snapshot)).then(|| {
        format!(
            "nothing reads this snapshot: `[lake] sources` in `{shown}` does not name it: add `{name}`, or take the line out"
        )
    })
}

/// Flags that would change nothing are a misunderstanding.
fn refuse_unused(args: &ScanArgs, buckets: &[String]) -> anyhow::Result<()> {
    let (places, folders): (Vec<_>, Vec<_>) = args.output.iter().partition(|output| output.starts_with("s3://"));
    if let [first, second, ..] = folders[..] {
        bail!("a snapshot is written to one folder, and `--output` names `{first}` and `{second}`");
    }
    if let Some(place) = places.first().filter(|_| !policy::takes_results(args)) {
        bail!(
            "`--output {place}` is a place for results of Athena, and none of its statements are run: name a local folder, \
             or add `--on athena`"
        );
    }
    if args.glue.iter().any(|database| database.trim().is_empty()) {
        bail!("`--glue` names a database that is empty: expected `--glue sales,marketing`");
    }
    if args.workgroup.is_some() && !policy::takes_results(args) {
        bail!("`--workgroup` runs statements, and there are none: add `--glue` or `--on athena`");
    }
    if args.uploads && buckets.is_empty() {
        bail!("`--uploads` looks into buckets, and no source is one: name `s3://bucket/prefix`");
    }
    Ok(())
}

/// What a scan would ask. With an inventory table that is a statement, and the rest are comments of it.
fn dry_run(args: &ScanArgs, lake: &[String], buckets: &[String], plan: Option<&InventoryPlan>) -> String {
    let mut lines = Vec::new();
    if let Some(plan) = plan {
        let (requests, usd) = plan.requests();
        lines.extend([plan.estimate(), format!("{}, to find that out", made(requests, usd))]);
    }
    lines.extend(buckets.iter().map(|bucket| format!("would list `{bucket}`")));
    let manifests = lake.iter().filter(|source| source.starts_with("s3://") && source.ends_with("/manifest.json"));
    lines.extend(manifests.map(|manifest| format!("would fetch `{manifest}` and its files")));
    if !args.glue.is_empty() {
        lines.push(format!("would read the Glue Data Catalog: `{}`", args.glue.join("`, `")));
    }
    if args.athena_history {
        lines.push(format!("would read {} days of Athena's history", args.days.unwrap_or(HISTORY_DAYS)));
    }
    if args.sfn {
        lines.push("would read the definitions of state machines".to_string());
    }
    if lines.is_empty() {
        lines.push("would read files only, and use no network".to_string());
    }
    match plan {
        Some(plan) => format!("{};\n\n-- {}\n", plan.statement(), lines.join("\n-- ")),
        None => lines.join("\n") + "\n",
    }
}

/// `made 12 requests for $0.000060`.
fn made(requests: u64, usd: Usd) -> String {
    format!("made {} request{} for ${:.6}", Count(requests), if requests == 1 { "" } else { "s" }, usd.0)
}

/// What a listing costs, as far as it can be known before.
fn announcement(bucket: &str) -> String {
    let price = prices().requests.list;
    format!("`{bucket}` is listed with requests of up to 1,000 objects each, ${price} per 1,000 requests")
}

/// The inventory table that is added up where it lies.
fn inventory(args: &ScanArgs, loaded: &config::Loaded) -> anyhow::Result<Option<InventoryRequest>> {
    let Some(table) = &args.inventory else { return Ok(None) };
    let pricing = loaded.pricing(args.reach.region.as_deref(), None)?;
    Ok(Some(InventoryRequest { table: table.clone(), max_usd: args.max_usd, pricing }))
}

fn request(args: &ScanArgs, offline: bool) -> ScanRequest {
    let reach = &args.reach;
    ScanRequest {
        reach: Reach {
            offline,
            region: reach.region.clone(),
            profile: reach.profile.clone(),
            endpoint_url: reach.endpoint_url.clone(),
            path_style: reach.path_style,
            requester_pays: reach.requester_pays,
            max_requests: reach.max_requests,
            concurrency: reach.concurrency,
        },
        glue: args.glue.clone(),
        inventory: None,
        workgroup: args.workgroup.clone(),
        results: args.output.iter().find(|output| output.starts_with("s3://")).cloned(),
        history_days: args.athena_history.then(|| args.days.unwrap_or(HISTORY_DAYS)),
        keep_sql: args.keep_sql,
        sfn: args.sfn,
        footers: args.footers.map_or(FooterLimit::Usual, |choice| match choice {
            FooterChoice::All => FooterLimit::All,
            FooterChoice::AtMost(most) => FooterLimit::AtMost(most),
        }),
        uploads: args.uploads,
        restart: args.restart,
    }
}

fn summary(scanned: &Scanned) -> String {
    let count = |n: u64, one: &str| format!("{} {one}{}", Count(n), if n == 1 { "" } else { "s" });
    let mut text = format!(
        "wrote `{}`: {}, {}, {}, {}\n",
        scanned.output,
        count(scanned.tables as u64, "table"),
        count(scanned.partitions, "partition"),
        count(scanned.files, "file"),
        scanned.bytes
    );
    if scanned.footers_read + scanned.footers_reused > 0 {
        let (read, reused) = (count(scanned.footers_read, "footer"), Count(scanned.footers_reused));
        let _ = writeln!(text, "read {read}, knew {reused} from the last scan");
    }
    for read in &scanned.history {
        let (runs, statements) = (count(read.runs, "run"), count(read.statements, "statement"));
        let _ = writeln!(text, "read {runs} of {statements}: {}", read.source);
    }
    if let Some(requests) = scanned.requests {
        let _ = writeln!(text, "{}", made(requests, scanned.requests_usd.unwrap_or_default()));
    }
    let names: Vec<String> = scanned.without_layout.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = scanned.without_layout.len() - names.len();
    if !names.is_empty() {
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(text, "no source holds files of {}{more}", names.join(", "));
    }
    text
}
