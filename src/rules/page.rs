//! A rule's page: Markdown that is documentation, defaults, explanation, SARIF help and test fixture in one.

/// The parts of a `rules/<id>.md` page.
///
/// `# Title`, a one-sentence summary, the first `toml` block (severity and thresholds, the stanza that a user pastes), then
/// `## Why`, `## Bad`, `## Good`, `## Fix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<'a> {
    pub title: &'a str,
    pub summary: &'a str,
    /// The first `toml` block, `[rules.<id>]` header included.
    pub defaults: &'a str,
    pub text: &'a str,
}

/// A fenced block: its info string and its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block<'a> {
    pub info: &'a str,
    pub content: &'a str,
}

impl<'a> Page<'a> {
    /// Reads a page; parts that are missing are empty (a test holds every shipped page to the form).
    pub fn parse(text: &'a str) -> Self {
        let title = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or("").trim();
        let summary = text
            .lines()
            .skip_while(|line| !line.starts_with("# "))
            .skip(1)
            .map(str::trim)
            .find(|line| !line.is_empty())
            .unwrap_or("");
        let defaults = blocks(text).into_iter().find(|b| b.info == "toml").map_or("", |b| b.content);
        Page { title, summary, defaults, text }
    }

    /// The text under a `## ` heading, up to the next one.
    pub fn section(&self, heading: &str) -> Option<&'a str> {
        let mut fenced = false;
        let (mut start, mut offset) = (None, 0);
        for line in self.text.split_inclusive('\n') {
            if line.starts_with("```") {
                fenced = !fenced;
            } else if !fenced && line.starts_with("## ") {
                if let Some(start) = start {
                    return Some(self.text[start..offset].trim());
                }
                if line[3..].trim() == heading {
                    start = Some(offset + line.len());
                }
            }
            offset += line.len();
        }
        start.map(|start| self.text[start..].trim())
    }
}

/// The fenced blocks of a Markdown text, in order.
pub fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let (mut open, mut offset) = (None, 0);
    for line in text.split_inclusive('\n') {
        if let Some(info) = line.strip_prefix("```") {
            match open.take() {
                None => open = Some((info.trim(), offset + line.len())),
                Some((info, start)) => found.push(Block { info, content: &text[start..offset] }),
            }
        }
        offset += line.len();
    }
    found
}
