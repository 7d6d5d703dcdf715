//! `lakelint init`: a commented `lakelint.toml` made from the pages' defaults.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};

use anyhow::{Context as _, bail};

use super::{Env, Status, print};
use crate::config::FILE_NAME;
use crate::rules::RULES;

/// What the file says about the sections that belong to no rule.
const HEAD: &str = include_str!("init.toml");

/// Never overwrites a file.
pub fn run(env: &mut Env<'_>) -> anyhow::Result<Status> {
    let path = env.base.join(FILE_NAME);
    match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("`{FILE_NAME}` already exists and is left as it is")
        }
        Err(error) => return Err(error).context(format!("`{FILE_NAME}` cannot be written")),
        Ok(mut file) => {
            file.write_all(template().as_bytes()).with_context(|| format!("`{FILE_NAME}` cannot be written"))?;
        }
    }
    print(env, &format!("wrote `{FILE_NAME}`: every setting with its default, commented out\n"))?;
    Ok(Status::Clean)
}

/// The head, then every rule's stanza, each line of it a comment.
fn template() -> String {
    let mut text = HEAD.to_string();
    for rule in RULES {
        let page = rule.page();
        let _ = write!(text, "\n# {}\n", page.summary);
        for line in page.defaults.lines() {
            let _ = writeln!(text, "{}", format!("# {line}").trim_end());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    /// Takes `# ` off every line that is a setting once it is gone.
    fn uncommented(text: &str) -> String {
        let setting = |line: &str| line.starts_with('[') || line.contains(" = ") && !line.starts_with('#');
        text.lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if setting(rest) => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect()
    }

    #[test]
    fn the_file_changes_nothing_as_written_and_is_valid_when_uncommented() {
        let text = template();
        assert_eq!(text.parse::<toml::Table>().expect("valid"), toml::Table::new());
        let whole = uncommented(&text);
        let config = config::parse(FILE_NAME, &whole).expect("valid when uncommented");
        assert_eq!(config.rules.len(), RULES.len());
        assert!(config.runs.len() == 3 && config.budget.month_usd.is_some() && config.price.usd_per_tb.is_some());
        assert!(!config.tables.is_empty() && !config.layers.is_empty() && !config.ignore.is_empty());
    }
}
