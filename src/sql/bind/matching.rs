//! MATCH_RECOGNIZE: patterns over the rows of a relation.
//!
//! Source: Trino, "MATCH_RECOGNIZE" (<https://trino.io/docs/current/sql/match-recognize.html>).

use sqlparser::ast;

use crate::expr::{Expr, Opaque};

use super::names::Relation;
use super::tree::Node;
use super::{Binder, Output};

impl<'a> Binder<'a> {
    /// Rows of one partition are matched with each other only: predicates on its columns pass, as with windows.
    pub(super) fn match_recognize(&mut self, factor: &'a ast::TableFactor) -> (Node, Output) {
        let ast::TableFactor::MatchRecognize {
            table, partition_by, order_by, measures, rows_per_match, symbols, ..
        } = factor
        else {
            return (Node::Empty { single_row: false }, Output::default());
        };
        self.scopes.0.push(Vec::new());
        let node = self.factor(table).node;
        let input: Vec<Relation> = self.scopes.0.pop().unwrap_or_default();
        let mut scope = input.clone();
        // `A.price` is the price of the row that A stands for.
        let named = symbols.iter().map(|definition| definition.symbol.value.to_lowercase());
        for (name, relation) in named.flat_map(|name| input.iter().map(move |relation| (name.clone(), relation))) {
            scope.push(Relation { qualifier: vec![name], output: relation.output.clone() });
        }
        self.scopes.0.push(scope);
        let partition = self.exprs(partition_by);
        self.always.extend(partition.iter().flat_map(Expr::columns));
        for read in order_by.iter().map(|item| &item.expr).chain(symbols.iter().map(|symbol| &symbol.definition)) {
            self.used(read);
        }
        let mut output = Output::default();
        if !matches!(rows_per_match, None | Some(ast::RowsPerMatch::OneRow)) {
            for relation in &input {
                output.columns.extend(relation.output.columns.iter().cloned());
                output.open.extend(&relation.output.open);
            }
        } else {
            let names = partition_by.iter().map(super::select::implied_name);
            output.columns.extend(names.zip(partition.iter().cloned()));
        }
        for measure in measures {
            let depends = self.used(&measure.expr).columns();
            let id = self.computed(&Expr::Opaque { columns: depends, why: Opaque::RunTime });
            output.columns.push((measure.alias.value.to_lowercase(), Expr::Column(id)));
        }
        self.scopes.0.pop();
        (Node::Window { input: Box::new(node), partitions: vec![partition] }, output)
    }
}
