//! `lakelint scan --print-policy`: the least that a scan must be allowed to do, as an IAM policy.

use serde_json::{Value, json};

use crate::cli::{FooterChoice, ScanArgs};

/// Athena asks Glue with the rights of who asks it.
const CATALOG_THROUGH_ATHENA: [&str; 9] = [
    "athena:ListTableMetadata",
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:StopQueryExecution",
    "glue:GetDatabase",
    "glue:GetTable",
    "glue:GetTables",
    "glue:GetPartitions",
];
const STATEMENT: [&str; 8] = [
    "athena:GetTableMetadata",
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
    let mut statements = Vec::new();
    let mut allow = |id: &str, actions: &[&str], resources: Vec<String>, condition: Option<Value>| {
        let mut statement = json!({ "Sid": id, "Effect": "Allow", "Action": actions, "Resource": resources });
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        statements.push(statement);
    };
    for (at, place) in buckets.iter().enumerate() {
        let (bucket, prefix) = split(place);
        // Folders below the prefix are listed one by one.
        let within = (!prefix.is_empty()).then(|| json!({ "StringLike": { "s3:prefix": [format!("{prefix}*")] } }));
        allow(&format!("List{at}"), &["s3:ListBucket"], vec![format!("arn:aws:s3:::{bucket}")], within);
        if args.uploads {
            let uploads = &["s3:ListBucketMultipartUploads"];
            allow(&format!("ListUploads{at}"), uploads, vec![format!("arn:aws:s3:::{bucket}")], None);
        }
        let mut read = Vec::new();
        if args.footers != Some(FooterChoice::AtMost(0)) {
            read.push("s3:GetObject");
        }
        if args.uploads {
            read.push("s3:ListMultipartUploadParts");
        }
        if !read.is_empty() {
            allow(&format!("Read{at}"), &read, vec![format!("arn:aws:s3:::{bucket}/{prefix}*")], None);
        }
    }
    let is_object = |source: &&String| source.starts_with("s3://") && source.ends_with("/manifest.json");
    for (at, manifest) in sources.iter().filter(is_object).enumerate() {
        let (bucket, key) = split(manifest);
        // The manifest lies in a folder of its date, the lists beside that in `data/`.
        let folder = key.rsplitn(3, '/').nth(2).map(|folder| format!("{folder}/")).unwrap_or_default();
        let objects = vec![format!("arn:aws:s3:::{bucket}/{folder}*")];
        allow(&format!("ReadInventory{at}"), &["s3:GetObject"], objects, None);
    }
    if !args.glue.is_empty() {
        match asks_athena_for_the_catalog(args) {
            true => allow("ReadCatalog", &CATALOG_THROUGH_ATHENA, all(), None),
            false => allow("ReadCatalog", &["glue:GetDatabase", "glue:GetTables", "glue:GetPartitions"], all(), None),
        }
        // Iceberg tables lie anywhere, and what describes them in a folder of this name.
        allow("ReadIceberg", &["s3:GetObject"], vec!["arn:aws:s3:::*/metadata/*".to_string()], None);
    }
    if args.athena_history {
        let actions = [
            "athena:ListWorkGroups",
            "athena:GetWorkGroup",
            "athena:ListQueryExecutions",
            "athena:BatchGetQueryExecution",
        ];
        allow("ReadHistory", &actions, all(), None);
    }
    if args.sfn {
        let actions = ["states:ListStateMachines", "states:DescribeStateMachine"];
        allow("ReadStateMachines", &actions, all(), None);
    }
    if args.on.is_some() {
        allow("RunStatement", &STATEMENT, all(), None);
        // Where the inventory lies is known when its table is read; its folders have these names.
        let lists = ["manifest.json", "hive/*", "data/*"].map(|part| format!("arn:aws:s3:::*/{part}"));
        allow("ReadInventory", &["s3:GetObject"], lists.to_vec(), None);
        let within = json!({ "StringLike": { "s3:prefix": ["*/hive/*"] } });
        allow("ListInventory", &["s3:ListBucket"], vec!["arn:aws:s3:::*".to_string()], Some(within));
    }
    let is_place = |output: &&String| takes_results(args) && output.starts_with("s3://");
    for (at, output) in args.output.iter().filter(is_place).enumerate() {
        let (bucket, prefix) = split(output);
        let actions = ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject"];
        let resources = vec![format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/{prefix}*")];
        allow(&format!("WriteResults{at}"), &actions, resources, None);
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Whether statements are run whose results need a place.
pub(super) fn takes_results(args: &ScanArgs) -> bool {
    args.on.is_some() || asks_athena_for_the_catalog(args)
}

fn asks_athena_for_the_catalog(args: &ScanArgs) -> bool {
    !args.glue.is_empty() && (args.workgroup.is_some() || !cfg!(feature = "glue"))
}

/// Every resource of services whose names of resources hold the account.
fn all() -> Vec<String> {
    vec!["*".to_string()]
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
