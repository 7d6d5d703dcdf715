//! The bound relational tree: what predicates travel through on their way to the scans.
//!
//! Column ids are unique in a statement, so a column that a relation merely hands on keeps its id; only computed columns get
//! new ones. A node therefore says what it *computes* and what it *stops*, nothing else.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::expr::{ColumnId, Expr};
use crate::lake::Span;

/// Index of a scan in the binder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::sql) struct ScanId(pub usize);

/// Positions in binding order. Every scan and computed column takes one, so a subtree owns an interval of them and "does this
/// column come from the left side" is a comparison.
pub(super) type Places = Range<u32>;

/// One conjunct.
#[derive(Debug, Clone)]
pub(super) struct Predicate {
    pub expr: Expr,
    /// As written.
    pub span: Span,
    /// Known only while the query runs, whatever the expression looks like: it came across a join.
    pub run_time: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

#[derive(Debug)]
pub(super) enum Node {
    /// No rows of a table: VALUES, UNNEST, a SELECT without FROM, a relation that could not be opened.
    Empty {
        single_row: bool,
    },
    Scan(ScanId),
    Filter {
        input: Box<Node>,
        predicates: Vec<Predicate>,
    },
    /// Computed columns; all others pass.
    Project {
        input: Box<Node>,
        computed: HashMap<ColumnId, Expr>,
    },
    /// GROUP BY: a predicate passes when it is built of key expressions only.
    Aggregate {
        input: Box<Node>,
        keys: Vec<Expr>,
    },
    /// A predicate passes when it is built of PARTITION BY expressions of every window.
    Window {
        input: Box<Node>,
        partitions: Vec<Vec<Expr>>,
    },
    Join {
        kind: JoinKind,
        left: Box<Node>,
        right: Box<Node>,
        on: Vec<Predicate>,
        left_places: Places,
        right_places: Places,
        /// The right-hand relation as written; `None` for a LATERAL subquery, which is no cross join.
        span: Option<Span>,
        /// Written as CROSS JOIN.
        cross: bool,
    },
    /// UNION, INTERSECT, EXCEPT: per branch, what each output column is there.
    SetOperation {
        branches: Vec<(Node, HashMap<ColumnId, Expr>)>,
        /// Rows pass one by one: UNION ALL.
        streams: bool,
    },
    /// What no predicate passes: a global aggregate, OFFSET, recursion.
    Barrier {
        input: Box<Node>,
    },
    /// LIMIT: no predicate passes, and few rows of the input may do.
    Limit {
        input: Box<Node>,
    },
    /// ORDER BY under a LIMIT, DISTINCT: predicates pass, but no row before all rows are read.
    Whole {
        input: Box<Node>,
    },
    /// Subqueries of the input's expressions. They see what is known about the input's columns.
    Subqueries {
        input: Box<Node>,
        subqueries: Vec<Subquery>,
    },
}

/// A subquery used in an expression.
#[derive(Debug)]
pub(super) struct Subquery {
    pub node: Node,
    /// Pairs that must be equal for a row to matter: (outer expression, the subquery's output column), from IN.
    pub equal: Vec<(Expr, ColumnId)>,
}

impl Node {
    /// Whether it gives at most one row, so that a join with it multiplies nothing.
    pub fn is_single_row(&self) -> bool {
        match self {
            Node::Empty { single_row } => *single_row,
            Node::Aggregate { keys, .. } => keys.is_empty(),
            Node::Filter { input, .. }
            | Node::Project { input, .. }
            | Node::Window { input, .. }
            | Node::Barrier { input }
            | Node::Limit { input }
            | Node::Whole { input }
            | Node::Subqueries { input, .. } => input.is_single_row(),
            Node::Join { left, right, .. } => left.is_single_row() && right.is_single_row(),
            Node::Scan(_) | Node::SetOperation { .. } => false,
        }
    }

    /// The scan under projections alone.
    pub fn bare_scan(&self) -> Option<ScanId> {
        match self {
            Node::Scan(id) => Some(*id),
            Node::Project { input, .. } => input.bare_scan(),
            _ => None,
        }
    }

    /// The scans under a LIMIT with nothing between that needs all rows.
    pub fn stopped_early(&self, is_limited: bool, found: &mut HashSet<ScanId>) {
        match self {
            Node::Empty { .. } => {}
            Node::Scan(id) => found.extend(is_limited.then_some(*id)),
            Node::Filter { input, .. } | Node::Project { input, .. } => input.stopped_early(is_limited, found),
            Node::Limit { input } => input.stopped_early(true, found),
            Node::Aggregate { input, .. }
            | Node::Window { input, .. }
            | Node::Barrier { input }
            | Node::Whole { input } => input.stopped_early(false, found),
            Node::Join { left, right, .. } => {
                left.stopped_early(is_limited, found);
                right.stopped_early(is_limited, found);
            }
            Node::SetOperation { branches, streams } => {
                branches.iter().for_each(|(node, _)| node.stopped_early(is_limited && *streams, found));
            }
            Node::Subqueries { input, subqueries } => {
                input.stopped_early(is_limited, found);
                subqueries.iter().for_each(|subquery| subquery.node.stopped_early(false, found));
            }
        }
    }

    /// Every scan of the tree, subqueries included, in binding order.
    pub fn scans(&self, found: &mut Vec<ScanId>) {
        match self {
            Node::Empty { .. } => {}
            Node::Scan(id) => found.push(*id),
            Node::Filter { input, .. }
            | Node::Project { input, .. }
            | Node::Aggregate { input, .. }
            | Node::Window { input, .. }
            | Node::Barrier { input }
            | Node::Limit { input }
            | Node::Whole { input } => input.scans(found),
            Node::Join { left, right, .. } => {
                left.scans(found);
                right.scans(found);
            }
            Node::SetOperation { branches, .. } => branches.iter().for_each(|(node, _)| node.scans(found)),
            Node::Subqueries { input, subqueries } => {
                input.scans(found);
                subqueries.iter().for_each(|s| s.node.scans(found));
            }
        }
    }
}

/// Splits an AND tree into its terms.
pub(super) fn conjuncts_of(expr: Expr) -> Vec<Expr> {
    match expr {
        Expr::Binary { op: crate::expr::BinaryOp::And, left, right } => {
            let mut all = conjuncts_of(*left);
            all.extend(conjuncts_of(*right));
            all
        }
        other => vec![other],
    }
}
