//! What is made of models outside of dbt: a dashboard, a notebook, an application.

use super::{Query, Span};

/// As a YAML file of a dbt project declares it (<https://docs.getdbt.com/docs/build/exposures>). How often somebody looks at it nobody
/// says.
#[derive(Debug, Clone)]
pub struct Exposure {
    pub name: String,
    /// Its name for people.
    pub label: Option<String>,
    /// `dashboard`, `notebook`, `analysis`, `ml` or `application`.
    pub kind: Option<String>,
    /// Who answers for it: a name, else an address.
    pub owner: Option<String>,
    /// Its name, where it is declared.
    pub span: Span,
    /// Models, seeds and snapshots that it reads, by name, with the places that say so.
    pub refs: Vec<(String, Span)>,
    /// Tables of sources that it reads, by the names of source and table.
    pub sources: Vec<(String, String)>,
    /// What a look at it reads of each view: all columns and rows, for what it takes of them nobody says.
    pub looks: Vec<Query>,
}

impl Exposure {
    /// For people: ``the dashboard `Revenue` of Ada``.
    pub fn shown(&self) -> String {
        let kind = match self.kind.as_deref() {
            Some("ml") => "machine learning",
            Some(kind) => kind,
            None => "exposure",
        };
        let name = self.label.as_ref().unwrap_or(&self.name);
        let owner = self.owner.as_ref().map_or(String::new(), |owner| format!(" of {owner}"));
        format!("the {kind} `{name}`{owner}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::FileId;

    #[test]
    fn an_exposure_is_called_by_what_it_is_and_whose() {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_string());
        let shown = |label: &str, kind: &str, owner: &str| {
            let (label, kind, owner) = (text(label), text(kind), text(owner));
            let span = Span::new(FileId(0), 0..0);
            let name = "board".to_string();
            Exposure { name, label, kind, owner, span, refs: Vec::new(), sources: Vec::new(), looks: Vec::new() }
                .shown()
        };
        assert_eq!(shown("", "", ""), "the exposure `board`");
        assert_eq!(shown("The board", "dashboard", "Ada"), "the dashboard `The board` of Ada");
        assert_eq!(shown("", "ml", ""), "the machine learning `board`");
    }
}
