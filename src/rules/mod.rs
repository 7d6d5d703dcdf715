//! The rules: a page (`rules/<id>.md`) and a function each. This file is the list and the run.

mod context;
mod page;
mod params;
mod rule;

#[cfg(test)]
mod example;

mod archived_objects_in_table;
mod callback_without_heartbeat;
mod catch_loops_back;
mod compound_retries;
mod cross_join;
mod csv_in_analytics_layer;
mod ctas_too_many_partitions;
mod ctas_without_format;
mod empty_projected_partitions;
mod expired_ignore;
mod filter_on_event_time_only;
mod firehose_small_buffers;
mod freshness_not_checked;
mod full_rebuild_of_large_model;
mod glue_bookmark_not_committed;
mod glue_job_without_timeout;
mod huge_unsplittable_file;
mod iceberg_many_delete_files;
mod iceberg_old_snapshots;
mod inconsistent_partition_names;
mod incremental_without_filter;
mod injected_key_without_filter;
mod insert_overwrite_without_partitions;
mod job_partitions_by_unique_column;
mod job_reads_whole_table;
mod job_writes_one_file;
mod job_writes_text;
mod job_writes_without_partitions;
mod layer_skipped;
mod limit_without_filter;
mod long_retry_wait;
mod merge_without_predicates;
mod missing_partition_filter;
mod mixed_formats_in_table;
mod non_string_partition_key;
mod noncurrent_versions;
mod or_defeats_pruning;
mod over_budget;
mod over_partitioned_table;
mod overlapping_table_locations;
mod partition_filter_not_pruned;
mod quality_check_not_a_stage;
mod query_over_scan_limit;
mod query_without_workgroup;
mod repeated_scan;
mod retry_never_matches;
mod retry_repeats_side_effects;
mod runtime_only_partition_filter;
mod schedule_retry_policy_default;
mod select_star;
mod skewed_partitions;
mod small_files;
mod state_machine_without_failure_path;
mod stray_files_in_table;
mod sync_in_express_workflow;
mod task_without_timeout;
mod test_scans_full_table;
mod tiny_inserts;
mod too_many_partitions;
mod unbounded_date_range;
mod unbounded_polling_loop;
mod unbounded_retry;
mod uncompressed_text;
mod unfinished_multipart_uploads;
mod unknown_cost;
mod unlimited_map_into_athena;
mod unpartitioned_large_table;
mod unreadable_sql;
mod unreadable_state_machine;
mod unregistered_partitions;
mod unused_ignore;
mod view_fan_out;
mod wide_date_range;
mod workgroup_without_scan_limit;

pub use context::{Context, Report};
pub use page::{Block, Page, blocks};
pub use params::{Params, RuleSettings, Settings, SettingsError};
pub(crate) use quality_check_not_a_stage::{publishes_by_name, transforms as transforms_data};
pub use rule::{Check, IgnoreUse, Rule};

use rayon::prelude::*;

use crate::cost::{Bill, Estimator};
use crate::finding::Finding;

/// Every rule, sorted by id.
pub const RULES: &[&Rule] = &[
    &archived_objects_in_table::RULE,
    &callback_without_heartbeat::RULE,
    &catch_loops_back::RULE,
    &compound_retries::RULE,
    &cross_join::RULE,
    &csv_in_analytics_layer::RULE,
    &ctas_too_many_partitions::RULE,
    &ctas_without_format::RULE,
    &empty_projected_partitions::RULE,
    &expired_ignore::RULE,
    &filter_on_event_time_only::RULE,
    &firehose_small_buffers::RULE,
    &freshness_not_checked::RULE,
    &full_rebuild_of_large_model::RULE,
    &glue_bookmark_not_committed::RULE,
    &glue_job_without_timeout::RULE,
    &huge_unsplittable_file::RULE,
    &iceberg_many_delete_files::RULE,
    &iceberg_old_snapshots::RULE,
    &inconsistent_partition_names::RULE,
    &incremental_without_filter::RULE,
    &injected_key_without_filter::RULE,
    &insert_overwrite_without_partitions::RULE,
    &job_partitions_by_unique_column::RULE,
    &job_reads_whole_table::RULE,
    &job_writes_one_file::RULE,
    &job_writes_text::RULE,
    &job_writes_without_partitions::RULE,
    &layer_skipped::RULE,
    &limit_without_filter::RULE,
    &long_retry_wait::RULE,
    &merge_without_predicates::RULE,
    &missing_partition_filter::RULE,
    &mixed_formats_in_table::RULE,
    &non_string_partition_key::RULE,
    &noncurrent_versions::RULE,
    &or_defeats_pruning::RULE,
    &over_budget::RULE,
    &over_partitioned_table::RULE,
    &overlapping_table_locations::RULE,
    &partition_filter_not_pruned::RULE,
    &quality_check_not_a_stage::RULE,
    &query_over_scan_limit::RULE,
    &query_without_workgroup::RULE,
    &repeated_scan::RULE,
    &retry_never_matches::RULE,
    &retry_repeats_side_effects::RULE,
    &runtime_only_partition_filter::RULE,
    &schedule_retry_policy_default::RULE,
    &select_star::RULE,
    &skewed_partitions::RULE,
    &small_files::RULE,
    &state_machine_without_failure_path::RULE,
    &stray_files_in_table::RULE,
    &sync_in_express_workflow::RULE,
    &task_without_timeout::RULE,
    &test_scans_full_table::RULE,
    &tiny_inserts::RULE,
    &too_many_partitions::RULE,
    &unbounded_date_range::RULE,
    &unbounded_polling_loop::RULE,
    &unbounded_retry::RULE,
    &uncompressed_text::RULE,
    &unfinished_multipart_uploads::RULE,
    &unknown_cost::RULE,
    &unlimited_map_into_athena::RULE,
    &unpartitioned_large_table::RULE,
    &unreadable_sql::RULE,
    &unreadable_state_machine::RULE,
    &unregistered_partitions::RULE,
    &unused_ignore::RULE,
    &view_fan_out::RULE,
    &wide_date_range::RULE,
    &workgroup_without_scan_limit::RULE,
];

/// The rules about `[budget]`: they have nothing to say where it limits nothing.
pub const BUDGET_RULES: [&str; 2] = [over_budget::RULE.id, unknown_cost::RULE.id];

/// The rule of an id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

/// Runs every rule that is switched on, in parallel over statements; findings come in no particular order.
pub fn run(estimator: &Estimator<'_>, settings: &Settings) -> Vec<Finding> {
    let lake = estimator.lake;
    let active = || RULES.iter().filter_map(|rule| Some((*rule, settings.get(rule.id)?)));
    let mut findings: Vec<Finding> = lake
        .queries
        .par_chunks(64)
        .flat_map_iter(|queries| {
            let mut found = Vec::new();
            for (rule, settings) in active() {
                if let Check::Query(check) = rule.check {
                    let mut cx = Context::new(rule, settings, estimator);
                    for query in queries {
                        let before = cx.count();
                        check(query, &mut cx);
                        cx.bring_home(query, before);
                        cx.soften(query, before);
                    }
                    found.extend(cx.into_findings());
                }
            }
            found
        })
        .collect();
    for (rule, settings) in active() {
        let mut cx = Context::new(rule, settings, estimator);
        match rule.check {
            Check::Table(check) => lake.catalog.iter().for_each(|(_, table)| check(table, &mut cx)),
            Check::Workflow(check) => lake.asked_workflows().for_each(|workflow| check(workflow, &mut cx)),
            Check::Resource(check) => lake.asked_resources().for_each(|resource| check(resource, &mut cx)),
            Check::Job(check) => lake.asked_jobs().for_each(|job| check(job, &mut cx)),
            Check::Lake(check) => check(lake, &mut cx),
            Check::Query(_) | Check::Bill(_) | Check::Ignores(_) => {}
        }
        findings.extend(cx.into_findings());
    }
    if active().any(|(rule, _)| matches!(rule.check, Check::Bill(_))) {
        findings.extend(run_on_bill(&Bill::of(estimator), estimator, settings));
    }
    findings
}

/// Runs the rules about what all statements cost.
pub fn run_on_bill(bill: &Bill<'_>, estimator: &Estimator<'_>, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        if let (Check::Bill(check), Some(settings)) = (&rule.check, settings.get(rule.id)) {
            let mut cx = Context::new(rule, settings, estimator);
            check(bill, &mut cx);
            findings.extend(cx.into_findings());
        }
    }
    findings
}

/// Runs the rules about ignores, once triage knows what each ignore silenced.
pub fn run_on_ignores(uses: &[IgnoreUse<'_>], estimator: &Estimator<'_>, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        if let (Check::Ignores(check), Some(settings)) = (&rule.check, settings.get(rule.id)) {
            let mut cx = Context::new(rule, settings, estimator);
            check(uses, &mut cx);
            findings.extend(cx.into_findings());
        }
    }
    findings
}
