//! Predicate pushdown: every conjunct travels down the tree as far as SQL's semantics let it, and lands at scans.
//!
//! Rules follow Trino's PredicatePushDown and EffectivePredicateExtractor (facts on which node stops what are in the node
//! types); <https://trino.io/docs/current/optimizer/pushdown.html>.

use std::collections::HashMap;

use crate::expr::{BinaryOp, ColumnId, Expr};
use crate::lake::Span;

use super::Binder;
use super::facts::{infer, is_fact};
use super::tree::{JoinKind, Node, Places, Predicate, ScanId, Subquery};

/// What reached each scan.
pub(super) type Landed = HashMap<ScanId, Vec<Predicate>>;

/// One inner join of a cluster, or its operand.
struct Leaf<'t> {
    node: &'t Node,
    places: Places,
    span: Option<(Span, bool)>,
}

impl Binder<'_> {
    /// Pushes predicates from above into a tree. `known` holds what is true of columns outside it (correlated subqueries).
    pub(super) fn push(&mut self, node: &Node, above: Vec<Predicate>, known: &[Predicate], landed: &mut Landed) {
        match node {
            Node::Empty { .. } => {}
            Node::Scan(id) => landed.entry(*id).or_default().extend(above),
            Node::Filter { input, predicates } => {
                let mut all = above;
                all.extend(infer(predicates, known));
                all.extend(predicates.iter().cloned());
                self.push(input, all, known, landed);
            }
            Node::Project { input, computed } => {
                let all = above.iter().map(|p| substituted(p, computed)).collect();
                self.push(input, all, known, landed);
            }
            Node::Aggregate { input, keys } => {
                let all = above.into_iter().filter(|p| is_built_of(&p.expr, keys)).collect();
                self.push(input, all, known, landed);
            }
            Node::Window { input, partitions } => {
                let all =
                    above.into_iter().filter(|p| partitions.iter().all(|keys| is_built_of(&p.expr, keys))).collect();
                self.push(input, all, known, landed);
            }
            Node::Barrier { input } | Node::Limit { input } => self.push(input, Vec::new(), known, landed),
            Node::Whole { input } => self.push(input, above, known, landed),
            Node::SetOperation { branches, .. } => {
                for (branch, columns) in branches {
                    let all = above.iter().map(|p| substituted(p, columns)).collect();
                    self.push(branch, all, known, landed);
                }
            }
            Node::Subqueries { input, subqueries } => {
                let mut facts = known.to_vec();
                facts.extend(above.iter().filter(|p| is_fact(p)).cloned());
                facts.extend(known_of(input));
                self.push(input, above, known, landed);
                for Subquery { node, equal } in subqueries {
                    let equalities: Vec<Predicate> =
                        equal.iter().filter_map(|(o, i)| equality(o, *i, &facts)).collect();
                    let inferred = infer(&equalities, &facts);
                    self.push(node, inferred, &facts, landed);
                }
            }
            Node::Join { .. } => self.push_join(node, above, known, landed, false),
        }
    }

    fn push_join(
        &mut self,
        node: &Node,
        above: Vec<Predicate>,
        known: &[Predicate],
        landed: &mut Landed,
        inside: bool,
    ) {
        let Node::Join { kind, left, right, on, left_places, right_places, .. } = node else { return };
        let kind = self.effective_kind(*kind, &above, left_places, right_places);
        if kind == JoinKind::Inner && !inside {
            self.note_cross_joins(node, &above);
        }
        let facts: Vec<Predicate> = match kind {
            JoinKind::Full => Vec::new(),
            _ => known_of(left).into_iter().chain(known_of(right)).collect(),
        };
        let (mut to_left, mut to_right) = (Vec::new(), Vec::new());
        let sides = |p: &Predicate| {
            let places: Vec<u32> = p.expr.columns().into_iter().map(|id| self.place_of(id)).collect();
            let is_in = |side: &Places| places.iter().any(|place| side.contains(place));
            (is_in(left_places), is_in(right_places))
        };
        let (keeps_left, keeps_right) = match kind {
            JoinKind::Inner => (true, true),
            JoinKind::Left => (true, false),
            JoinKind::Right => (false, true),
            JoinKind::Full => (false, false),
        };
        for p in &above {
            match sides(p) {
                (true, false) if keeps_left => to_left.push(p.clone()),
                (false, true) if keeps_right => to_right.push(p.clone()),
                (true, true) if kind == JoinKind::Inner => {
                    to_left.push(at_run_time(p));
                    to_right.push(at_run_time(p));
                }
                (false, false) => {
                    to_left.extend(keeps_left.then(|| p.clone()));
                    to_right.extend(keeps_right.then(|| p.clone()));
                }
                _ => {}
            }
        }
        // A join condition filters a side unless that side is preserved.
        let (filters_left, filters_right) =
            (matches!(kind, JoinKind::Inner | JoinKind::Right), matches!(kind, JoinKind::Inner | JoinKind::Left));
        for p in on {
            match sides(p) {
                (true, false) if filters_left => to_left.push(p.clone()),
                (false, true) if filters_right => to_right.push(p.clone()),
                (true, true) => {
                    to_left.extend(filters_left.then(|| at_run_time(p)));
                    to_right.extend(filters_right.then(|| at_run_time(p)));
                }
                _ => {}
            }
        }
        let mut equalities: Vec<Predicate> = on.clone();
        if kind == JoinKind::Inner {
            equalities.extend(above.iter().cloned());
        }
        let mut facts: Vec<Predicate> = facts;
        // What holds above for the null side need not hold for the rows that are joined.
        let is_joined = |p: &&Predicate| {
            let (left, right) = sides(p);
            (keeps_left || !left) && (keeps_right || !right)
        };
        facts.extend(above.iter().filter(is_joined).chain(on).filter(|p| is_fact(p)).cloned());
        for p in infer(&equalities, &facts) {
            match sides(&p) {
                (true, false) if filters_left => to_left.push(p),
                (false, true) if filters_right => to_right.push(p),
                _ => {}
            }
        }
        for (side, predicates) in [(left, to_left), (right, to_right)] {
            match &**side {
                join @ Node::Join { .. } if kind == JoinKind::Inner => {
                    self.push_join(join, predicates, known, landed, true)
                }
                other => self.push(other, predicates, known, landed),
            }
        }
    }

    /// A predicate above that no NULL row survives turns an outer join into a stricter one.
    fn effective_kind(&self, kind: JoinKind, above: &[Predicate], left: &Places, right: &Places) -> JoinKind {
        let rejects =
            |places: &Places| above.iter().any(|p| rejects_null(&p.expr, &|id| places.contains(&self.place_of(id))));
        match kind {
            JoinKind::Left if rejects(right) => JoinKind::Inner,
            JoinKind::Right if rejects(left) => JoinKind::Inner,
            JoinKind::Full => match (rejects(left), rejects(right)) {
                (true, true) => JoinKind::Inner,
                (true, false) => JoinKind::Left,
                (false, true) => JoinKind::Right,
                (false, false) => JoinKind::Full,
            },
            other => other,
        }
    }

    fn touches(&self, predicate: &Predicate, places: &Places) -> bool {
        predicate.expr.columns().iter().any(|id| places.contains(&self.place_of(*id)))
    }

    /// Operands of a tree of inner joins that no predicate links, directly or through others, to the first ones.
    fn note_cross_joins(&mut self, root: &Node, above: &[Predicate]) {
        let mut leaves = Vec::new();
        let mut predicates: Vec<&Predicate> = above.iter().collect();
        flatten(root, 0..0, None, &mut leaves, &mut predicates);
        let mut group: Vec<usize> = (0..leaves.len()).collect();
        for p in predicates {
            let touched: Vec<usize> = (0..leaves.len()).filter(|i| self.touches(p, &leaves[*i].places)).collect();
            let Some(first) = touched.first().map(|i| group[*i]) else { continue };
            for other in touched.iter().map(|i| group[*i]).collect::<Vec<_>>() {
                group.iter_mut().filter(|g| **g == other).for_each(|g| *g = first);
            }
        }
        let scans_of = |leaf: &Leaf<'_>| {
            let mut scans = Vec::new();
            if !leaf.node.is_single_row() {
                leaf.node.scans(&mut scans);
            }
            scans
        };
        let (mut seen, mut left): (Vec<usize>, Vec<ScanId>) = (Vec::new(), Vec::new());
        for (leaf, group) in leaves.iter().zip(group) {
            let scans = scans_of(leaf);
            if scans.is_empty() {
                continue;
            }
            if let (false, false, Some((span, explicit))) = (seen.contains(&group), seen.is_empty(), leaf.span) {
                self.cross_joins.push((span, explicit, left.clone(), scans.clone()));
            }
            seen.push(group);
            left.extend(scans);
        }
    }
}

fn flatten<'t>(
    node: &'t Node,
    places: Places,
    span: Option<(Span, bool)>,
    leaves: &mut Vec<Leaf<'t>>,
    predicates: &mut Vec<&'t Predicate>,
) {
    match node {
        Node::Join { kind: JoinKind::Inner, left, right, on, left_places, right_places, span: at, cross } => {
            flatten(left, left_places.clone(), span, leaves, predicates);
            flatten(right, right_places.clone(), at.map(|at| (at, *cross)), leaves, predicates);
            predicates.extend(on);
        }
        other => leaves.push(Leaf { node: other, places, span }),
    }
}

fn at_run_time(predicate: &Predicate) -> Predicate {
    Predicate { run_time: true, ..predicate.clone() }
}

fn substituted(predicate: &Predicate, columns: &HashMap<ColumnId, Expr>) -> Predicate {
    let replace = |id: ColumnId| columns.get(&id).cloned().unwrap_or(Expr::Column(id));
    Predicate { expr: predicate.expr.substitute(&replace), ..predicate.clone() }
}

/// Whether an expression names nothing but the given key expressions.
fn is_built_of(expr: &Expr, keys: &[Expr]) -> bool {
    keys.contains(expr)
        || match expr {
            Expr::Column(_) => false,
            Expr::Opaque { columns, .. } => columns.is_empty(),
            other => other.children().into_iter().all(|child| is_built_of(child, keys)),
        }
}

/// What is known of the columns that a tree gives.
fn known_of(node: &Node) -> Vec<Predicate> {
    match node {
        Node::Empty { .. } | Node::Scan(_) | Node::SetOperation { .. } => Vec::new(),
        Node::Filter { input, predicates } => {
            let mut facts = known_of(input);
            facts.extend(predicates.iter().filter(|p| is_fact(p)).cloned());
            facts
        }
        Node::Project { input, .. }
        | Node::Window { input, .. }
        | Node::Barrier { input }
        | Node::Limit { input }
        | Node::Whole { input }
        | Node::Subqueries { input, .. } => known_of(input),
        Node::Aggregate { input, keys } => known_of(input).into_iter().filter(|p| is_built_of(&p.expr, keys)).collect(),
        Node::Join { kind, left, right, on, .. } => {
            let mut facts = Vec::new();
            if matches!(kind, JoinKind::Inner | JoinKind::Left) {
                facts.extend(known_of(left));
            }
            if matches!(kind, JoinKind::Inner | JoinKind::Right) {
                facts.extend(known_of(right));
            }
            if *kind == JoinKind::Inner {
                facts.extend(on.iter().filter(|p| is_fact(p)).cloned());
            }
            facts
        }
    }
}

/// The equality of an outer expression with a subquery's column, where the outer side is a column that facts are about.
fn equality(outer: &Expr, inner: ColumnId, facts: &[Predicate]) -> Option<Predicate> {
    let Expr::Column(outer) = outer else { return None };
    let about = facts.iter().find(|p| p.expr.columns() == [*outer])?;
    let expr = Expr::binary(BinaryOp::Eq, Expr::Column(*outer), Expr::Column(inner));
    Some(Predicate { expr, ..about.clone() })
}

/// Whether a condition is never true while the chosen columns are NULL.
fn rejects_null(expr: &Expr, chosen: &dyn Fn(ColumnId) -> bool) -> bool {
    let strict = |e: &Expr| is_strict(e, chosen);
    match expr {
        Expr::Column(id) => chosen(*id),
        Expr::Binary { op: BinaryOp::And, left, right } => rejects_null(left, chosen) || rejects_null(right, chosen),
        Expr::Binary { op: BinaryOp::Or, left, right } => rejects_null(left, chosen) && rejects_null(right, chosen),
        Expr::Binary { op: BinaryOp::Distinct | BinaryOp::NotDistinct, .. } => false,
        Expr::Binary { left, right, .. } => strict(left) || strict(right),
        Expr::Between { expr, negated: false, low, high } => strict(expr) || strict(low) || strict(high),
        Expr::Between { expr, .. } | Expr::InList { expr, .. } | Expr::Like { expr, .. } => strict(expr),
        Expr::IsNull { expr, negated } => *negated && strict(expr),
        Expr::Not(inner) => match &**inner {
            Expr::IsNull { expr, negated: false } => strict(expr),
            Expr::Binary { op, left, right } if op.is_comparison() => {
                !matches!(op, BinaryOp::Distinct | BinaryOp::NotDistinct) && (strict(left) || strict(right))
            }
            Expr::InList { expr, .. } | Expr::Between { expr, .. } | Expr::Like { expr, .. } => strict(expr),
            _ => false,
        },
        _ => false,
    }
}

/// Whether an expression is NULL whenever the chosen columns are.
fn is_strict(expr: &Expr, chosen: &dyn Fn(ColumnId) -> bool) -> bool {
    match expr {
        Expr::Column(id) => chosen(*id),
        Expr::Cast { expr, .. } | Expr::Negate(expr) => is_strict(expr, chosen),
        Expr::Binary { op, left, right } if !op.is_comparison() && !matches!(op, BinaryOp::And | BinaryOp::Or) => {
            is_strict(left, chosen) || is_strict(right, chosen)
        }
        Expr::Call { function, args } => {
            !matches!(
                function.as_str(),
                "coalesce" | "if" | "try" | "nullif" | "concat_ws" | "nvl" | "ifnull" | "array"
            ) && args.iter().any(|arg| is_strict(arg, chosen))
        }
        _ => false,
    }
}
