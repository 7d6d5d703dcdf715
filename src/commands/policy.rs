//! `lakelint scan --print-policy`: the least that a scan must be allowed to do, as an IAM policy.

use serde_json::{Value, json};

use crate::cli::{FooterChoice, ScanArgs};

const CATALOG: [&str; 4] = ["glue:GetDatabase", "glue:GetTables", "glue:GetPartitions", "glue:GetPartitionIndexes"];
/// To run a statement. Athena asks Glue with the rights of who asks it.
const STATEMENT: [&str; 7] = [
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:StopQueryExecution",
    "glue:GetDatabase",
    "glue:GetTable",
    "glue:GetPartitions",
];

/// The policy of a scan with these arguments. `buckets` are the listed ones: `s3://bucket/prefix/`.
pub(super) fn policy(args: &ScanArgs, sources: &[String], buckets: &[String]) -> Value {
    let mut allowed = Allowed::default();
    for (at, place) in buckets.iter().enumerate() {
        allowed.listing(at, place, args);
    }
    let is_report = |source: &&String| source.starts_with("s3://") && source.ends_with("/manifest.json");
    for (at, manifest) in sources.iter().filter(is_report).enumerate() {
        allowed.report(at, manifest);
    }
    if !args.glue.is_empty() {
        allowed.catalog(args);
    }
    if args.athena_history {
        let actions = [
            "athena:ListWorkGroups",
            "athena:GetWorkGroup",
            "athena:ListQueryExecutions",
            "athena:BatchGetQueryExecution",
        ];
        allowed.everywhere("ReadHistory", &actions);
    }
    if args.sfn {
        allowed.everywhere("ReadStateMachines", &["states:ListStateMachines", "states:DescribeStateMachine"]);
    }
    if args.on.is_some() {
        allowed.aggregation();
    }
    let is_place = |output: &&String| takes_results(args) && output.starts_with("s3://");
    for (at, output) in args.output.iter().filter(is_place).enumerate() {
        let (bucket, prefix) = split(output);
        let actions = ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject"];
        allowed.add(&format!("WriteResults{at}"), &actions, &[arn(bucket), arn(&format!("{bucket}/{prefix}*"))]);
    }
    json!({ "Version": "2012-10-17", "Statement": allowed.0 })
}

/// The statements of a policy, one for each thing that a scan does.
#[derive(Default)]
struct Allowed(Vec<Value>);

impl Allowed {
    fn add(&mut self, id: &str, actions: &[&str], resources: &[String]) {
        self.0.push(json!({ "Sid": id, "Effect": "Allow", "Action": actions, "Resource": resources }));
    }

    /// Only keys that are like a pattern.
    fn list(&mut self, id: &str, bucket: &str, prefix: &str) {
        let condition = json!({ "StringLike": { "s3:prefix": [prefix] } });
        self.0.push(json!({
            "Sid": id, "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [arn(bucket)], "Condition": condition,
        }));
    }

    /// On every resource of services whose names of resources hold the account.
    fn everywhere(&mut self, id: &str, actions: &[&str]) {
        self.add(id, actions, &["*".to_string()]);
    }

    fn listing(&mut self, at: usize, place: &str, args: &ScanArgs) {
        let (bucket, prefix) = split(place);
        match prefix {
            "" => self.add(&format!("List{at}"), &["s3:ListBucket"], &[arn(bucket)]),
            // Folders below the prefix are listed one by one.
            prefix => self.list(&format!("List{at}"), bucket, &format!("{prefix}*")),
        }
        let mut read = Vec::new();
        if args.footers != Some(FooterChoice::AtMost(0)) {
            read.push("s3:GetObject");
        }
        if args.uploads {
            self.add(&format!("ListUploads{at}"), &["s3:ListBucketMultipartUploads"], &[arn(bucket)]);
            read.push("s3:ListMultipartUploadParts");
        }
        if !read.is_empty() {
            self.add(&format!("Read{at}"), &read, &[arn(&format!("{bucket}/{prefix}*"))]);
        }
    }

    fn report(&mut self, at: usize, manifest: &str) {
        let (bucket, key) = split(manifest);
        // The manifest lies in a folder of its date, the lists beside that in `data/`.
        let folder = key.rsplitn(3, '/').nth(2).map(|folder| format!("{folder}/")).unwrap_or_default();
        self.add(&format!("ReadInventory{at}"), &["s3:GetObject"], &[arn(&format!("{bucket}/{folder}*"))]);
    }

    fn catalog(&mut self, args: &ScanArgs) {
        match asks_athena_for_the_catalog(args) {
            true => {
                let actions = [&["athena:ListTableMetadata", "glue:GetTables"], &STATEMENT[..]].concat();
                self.everywhere("ReadCatalog", &actions);
            }
            false => self.everywhere("ReadCatalog", &CATALOG),
        }
        // Iceberg tables lie anywhere, and what describes them in a folder of this name.
        self.add("ReadIceberg", &["s3:GetObject"], &[arn("*/metadata/*")]);
    }

    fn aggregation(&mut self) {
        self.everywhere("RunStatement", &[&["athena:GetTableMetadata"], &STATEMENT[..]].concat());
        // Where the inventory lies is known when its table is read; its folders have these names.
        let lists = ["manifest.json", "hive/*", "data/*"].map(|part| arn(&format!("*/{part}")));
        self.add("ReadInventory", &["s3:GetObject"], &lists);
        self.list("ListInventory", "*", "*/hive/*");
    }
}

/// A bucket, or objects of one.
fn arn(place: &str) -> String {
    format!("arn:aws:s3:::{place}")
}

/// Whether statements are run whose results need a place.
pub(super) fn takes_results(args: &ScanArgs) -> bool {
    args.on.is_some() || asks_athena_for_the_catalog(args)
}

fn asks_athena_for_the_catalog(args: &ScanArgs) -> bool {
    !args.glue.is_empty() && (args.workgroup.is_some() || !cfg!(feature = "glue"))
}

/// Bucket and prefix of `s3://bucket/prefix`.
fn split(place: &str) -> (&str, &str) {
    let rest = place.strip_prefix("s3://").unwrap_or(place);
    rest.split_once('/').unwrap_or((rest, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(policy: &Value) -> Vec<String> {
        let statements = policy["Statement"].as_array().expect("statements");
        let named = statements.iter().flat_map(|statement| statement["Action"].as_array().expect("actions"));
        named.map(|action| action.as_str().expect("name").to_string()).collect()
    }

    #[test]
    fn a_listing_needs_its_prefix_alone() {
        let args = ScanArgs { footers: Some(FooterChoice::AtMost(0)), ..ScanArgs::default() };
        let policy = policy(&args, &[], &["s3://lake/curated/".to_string()]);
        let expected = json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "List0", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::lake"],
            "Condition": { "StringLike": { "s3:prefix": ["curated/*"] } },
        }] });
        assert_eq!(policy, expected);
    }

    #[test]
    fn each_source_adds_its_actions() {
        let args = ScanArgs { uploads: true, sfn: true, athena_history: true, ..ScanArgs::default() };
        let manifest = "s3://inv/lake/daily/2026-01-01T00-00Z/manifest.json".to_string();
        let policy = policy(&args, std::slice::from_ref(&manifest), &["s3://lake/".to_string()]);
        let actions = actions(&policy);
        for needed in [
            "s3:ListBucket",
            "s3:ListBucketMultipartUploads",
            "s3:GetObject",
            "states:DescribeStateMachine",
            "athena:BatchGetQueryExecution",
        ] {
            assert!(actions.iter().any(|action| action == needed), "{needed}");
        }
        assert!(policy.to_string().contains("arn:aws:s3:::inv/lake/daily/*"), "{policy}");
        assert!(!policy.to_string().contains("glue:"));
    }

    #[test]
    fn what_runs_on_athena_may_do_so_and_write_its_results() {
        let glue = vec!["shop".to_string()];
        let workgroup = Some("ops".to_string());
        let output = vec!["s3://results/lakelint".to_string()];
        let through_athena = ScanArgs { glue, workgroup, output: output.clone(), ..ScanArgs::default() };
        let aggregated = ScanArgs { on: Some(crate::cli::Engine::Athena), output, ..ScanArgs::default() };
        for (args, needed) in [(&through_athena, "athena:ListTableMetadata"), (&aggregated, "athena:GetTableMetadata")]
        {
            let actions = actions(&policy(args, &[], &[]));
            for needed in [needed, "athena:StartQueryExecution", "s3:PutObject"] {
                assert!(actions.iter().any(|action| action == needed), "{needed}");
            }
        }
    }
}
