//! The target of a run: the part of a profile that templates and the names of schemas depend on.

use super::values::UNKNOWN;
use crate::document::Node;

/// Where a run builds its relations (<https://docs.getdbt.com/reference/dbt-jinja-functions/target>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub name: String,
    pub schema: Option<String>,
    pub database: Option<String>,
}

/// Names of the target whose bill counts, the usual one first.
const PRODUCTION: [&str; 2] = ["prod", "production"];

impl Default for Target {
    /// What is asked about is what production pays.
    fn default() -> Self {
        Target { name: PRODUCTION[0].to_string(), schema: None, database: None }
    }
}

impl Target {
    /// The target of that name, else that of production, as far as `profiles.yml` tells.
    pub fn of(name: Option<&str>, profiles: Option<&Node>, profile: Option<&str>) -> Target {
        let outputs = profiles.zip(profile).and_then(|(root, profile)| root.at(&[profile, "outputs"]));
        let has = |name: &&str| outputs.is_some_and(|outputs| outputs.get(name).is_some());
        let name = name.or_else(|| PRODUCTION.into_iter().find(has)).unwrap_or(PRODUCTION[0]);
        let output = outputs.and_then(|outputs| outputs.get(name));
        let text = |key: &str| {
            let text = output?.get(key)?.as_str()?;
            (!text.contains("{{") && !text.contains(UNKNOWN)).then(|| text.to_string())
        };
        Target { name: name.to_string(), schema: text("schema"), database: text("database") }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Text, parse_yaml};
    use crate::lake::FileId;

    #[test]
    fn production_counts_unless_somebody_names_another_target() {
        let text = "shop:\n  outputs:\n    dev: {schema: \"dev_{{ env_var('USER') }}\"}\n    production: {schema: shop, database: lake}\n";
        let root = parse_yaml(&Text::of_file(FileId(0), &Arc::from(text))).expect("YAML").root;
        let of = |name| {
            let target = Target::of(name, Some(&root), Some("shop"));
            (target.name, target.schema, target.database)
        };
        let known = |text: &str| Some(text.to_string());
        assert_eq!(of(None), ("production".to_string(), known("shop"), known("lake")));
        assert_eq!(of(Some("dev")), ("dev".to_string(), None, None));
        assert_eq!(of(Some("x")), ("x".to_string(), None, None));
        assert_eq!(Target::of(None, None, None), Target::default());
    }
}
