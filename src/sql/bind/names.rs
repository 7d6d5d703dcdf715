//! Names in scope: CTEs, relations with their columns, and how a column reference finds its column.

use std::rc::Rc;

use sqlparser::ast;

use crate::expr::{Expr, Opaque};

use super::{Binder, Output};

/// A CTE and the CTEs that its own text may use.
#[derive(Debug)]
pub(super) struct Cte<'a> {
    pub name: String,
    /// `None` stands for the recursive reference inside a recursive CTE.
    pub query: Option<&'a ast::Query>,
    /// Column names of `WITH t (a, b) AS`.
    pub columns: Vec<String>,
    pub visible: Ctes<'a>,
}

/// The CTEs visible at a place, innermost last.
#[derive(Debug, Clone, Default)]
pub(super) struct Ctes<'a>(Option<Rc<(Rc<Cte<'a>>, Ctes<'a>)>>);

impl<'a> Ctes<'a> {
    pub fn with(&self, cte: Cte<'a>) -> Ctes<'a> {
        Ctes(Some(Rc::new((Rc::new(cte), self.clone()))))
    }

    pub fn find(&self, name: &str) -> Option<Rc<Cte<'a>>> {
        let mut at = self;
        while let Some(entry) = &at.0 {
            if entry.0.name == name {
                return Some(entry.0.clone());
            }
            at = &entry.1;
        }
        None
    }
}

/// A relation of a FROM clause.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// Lower-case name parts by which columns may be qualified: an alias, or the table's own name.
    pub qualifier: Vec<String>,
    pub output: Output,
}

/// FROM clauses around an expression, innermost last.
#[derive(Debug, Default)]
pub(super) struct Scopes(pub Vec<Vec<Relation>>);

impl Relation {
    pub(super) fn is_named(&self, parts: &[String]) -> bool {
        let n = parts.len();
        n > 0 && n <= self.qualifier.len() && self.qualifier[self.qualifier.len() - n..] == *parts
    }

    fn column(&self, name: &str) -> Option<&Expr> {
        self.output.columns.iter().find(|(n, _)| n == name).map(|(_, e)| e)
    }
}

impl Binder<'_> {
    /// What a possibly qualified column reference stands for.
    pub(super) fn resolve(&mut self, idents: &[ast::Ident]) -> Expr {
        let parts: Vec<String> = idents.iter().map(|i| i.value.to_lowercase()).collect();
        let not_found = Expr::Opaque { columns: Vec::new(), why: Opaque::RunTime };
        // `a.b.c` is a column `c` of `a.b`, or a field of column `b` of `a`, or of column `a`: longest qualifier first.
        for split in (0..parts.len()).rev() {
            if let Some(found) = self.resolve_in_scopes(&parts[..split], &parts[split]) {
                let path = &parts[split + 1..];
                return if path.is_empty() { found } else { self.field(&found, path) };
            }
        }
        not_found
    }

    fn resolve_in_scopes(&mut self, qualifier: &[String], name: &str) -> Option<Expr> {
        for level in (0..self.scopes.0.len()).rev() {
            if let Some(expr) = self.resolve_declared(level, qualifier, name) {
                return Some(expr);
            }
            if let Some(expr) = self.resolve_open(level, qualifier, name) {
                return Some(expr);
            }
        }
        None
    }

    fn resolve_declared(&self, level: usize, qualifier: &[String], name: &str) -> Option<Expr> {
        let relations = self.scopes.0[level].iter();
        relations.filter(|r| qualifier.is_empty() || r.is_named(qualifier)).find_map(|r| r.column(name)).cloned()
    }

    /// A column that no relation declares belongs to one whose columns are not all known.
    fn resolve_open(&mut self, level: usize, qualifier: &[String], name: &str) -> Option<Expr> {
        let relations = self.scopes.0[level].iter().filter(|r| qualifier.is_empty() || r.is_named(qualifier));
        let mut open: Vec<_> = relations.flat_map(|r| r.output.open.iter().copied()).collect();
        open.dedup();
        // A table whose columns are declared is the last to have an undeclared one.
        if open.iter().any(|id| !self.scans[id.0].closed) {
            open.retain(|id| !self.scans[id.0].closed);
        } else if qualifier.is_empty() && level > 0 {
            return None;
        }
        match open[..] {
            [] => None,
            [scan] => Some(Expr::Column(self.scan_column(scan, name))),
            // Several declared tables, and none declares it: it is nobody's.
            _ if open.iter().all(|id| self.scans[id.0].closed) => None,
            _ => {
                let columns = open.into_iter().map(|scan| self.scan_column(scan, name)).collect();
                Some(Expr::Opaque { columns, why: Opaque::NotModelled })
            }
        }
    }
}
