//! From scans with the predicates that landed on them to [`TableRead`]s: classes, domains, columns, multiplicity.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::expr::{BinaryOp, ColumnId, ColumnType, Domain, Expr, Opaque, extract, fold, is_deterministic};
use crate::lake::{Class, ColumnsUsed, Conjunct, DeclaredBy, KeyFilter, Table, TableKind, TableRead, Transform};

use super::push::Landed;
use super::required::Required;
use super::tree::{Predicate, ScanId};
use super::undeclared::read_as_used;
use super::{Binder, Scan};

/// Reads, and which read each scan became.
pub(super) struct Reads {
    pub reads: Vec<TableRead>,
    pub of_scan: HashMap<ScanId, usize>,
}

/// A scan's columns seen from its table.
struct View<'a> {
    table: &'a Table,
    keys: HashMap<ColumnId, usize>,
    names: HashMap<ColumnId, &'a str>,
}

impl Binder<'_> {
    /// Reduces every scan of a described table; scans of one place with the same facts are counted as one read.
    pub(super) fn reads(&self, mut landed: Landed, required: &Required, stopped: &HashSet<ScanId>) -> Reads {
        let mut found: Vec<(TableRead, Vec<ScanId>)> = Vec::new();
        for (index, scan) in self.scans.iter().enumerate() {
            let id = ScanId(index);
            let Some(table) = scan.table else { continue };
            let predicates = landed.remove(&id).unwrap_or_default();
            let mut read = self.read_of(scan, self.around.catalog.get(table), predicates);
            read.table = table;
            read.stops_early = stopped.contains(&id);
            read.fields = self.fields_used(scan, required);
            read.columns = columns_used(id, scan, self.around.catalog.get(table), required, &read.fields);
            if let ColumnsUsed::All(_) = read.columns {
                read.fields.clear();
            }
            match found.iter_mut().find(|(other, _)| is_same(other, &read)) {
                Some((other, scans)) => {
                    other.scans += 1;
                    scans.push(id);
                }
                None => found.push((read, vec![id])),
            }
        }
        found.sort_by_key(|(read, _)| (read.span, read.through.clone()));
        let of_scan: HashMap<ScanId, usize> =
            found.iter().enumerate().flat_map(|(i, (_, scans))| scans.iter().map(move |s| (*s, i))).collect();
        let mut reads: Vec<TableRead> = found.into_iter().map(|(read, _)| read).collect();
        for (index, read) in reads.iter_mut().enumerate() {
            for conjunct in &mut read.conjuncts {
                let scans = std::mem::take(&mut conjunct.partners).into_iter().map(ScanId);
                let partners: BTreeSet<usize> = scans.filter_map(|scan| of_scan.get(&scan).copied()).collect();
                conjunct.partners = partners.into_iter().filter(|other| *other != index).collect();
            }
        }
        Reads { reads, of_scan }
    }

    /// The scans that columns come from, through computed columns too.
    fn scans_behind(&self, columns: impl Iterator<Item = ColumnId>) -> Vec<usize> {
        let (mut todo, mut seen): (Vec<ColumnId>, BTreeSet<ColumnId>) = (columns.collect(), BTreeSet::new());
        let mut scans = Vec::new();
        while let Some(id) = todo.pop() {
            if seen.insert(id) {
                let info = &self.columns[id.0 as usize];
                scans.extend(info.scan.map(|scan| scan.0));
                todo.extend(&info.depends);
            }
        }
        scans
    }

    fn read_of(&self, scan: &Scan, table: &Table, predicates: Vec<Predicate>) -> TableRead {
        let view = View {
            table,
            keys: scan.columns.iter().filter_map(|(name, id)| Some((*id, table.key_index(name)?))).collect(),
            names: scan.columns.iter().chain(&scan.fields).map(|(name, id)| (*id, name.as_str())).collect(),
        };
        let mut keys = vec![KeyFilter::all(); table.partition_keys.len()];
        let mut conjuncts: Vec<Conjunct> = Vec::new();
        let mut seen: HashMap<(crate::lake::Span, bool), Vec<Expr>> = HashMap::new();
        let mut domains = vec![Vec::new(); keys.len()];
        for predicate in predicates {
            let mut expr = fold(&predicate.expr, self.around.as_of);
            if table.declared_by == DeclaredBy::Layout {
                expr = read_as_used(&expr, &|id| view.is_text_key(id));
            }
            let same = seen.entry((predicate.span, predicate.run_time)).or_default();
            if same.contains(&expr) {
                continue;
            }
            same.push(expr.clone());
            if let Some(mut conjunct) = view.conjunct(&predicate, &expr, &mut keys, &mut domains) {
                let foreign = expr.columns().into_iter().filter(|id| !view.names.contains_key(id));
                // Scans until every scan has become a read.
                conjunct.partners = self.scans_behind(foreign);
                conjuncts.push(conjunct);
            }
        }
        for (key, domains) in keys.iter_mut().zip(domains) {
            key.domain = Domain::intersection(domains);
        }
        conjuncts.sort_by_key(|c| c.span);
        TableRead {
            table: scan.table.expect("only described tables are read"),
            name: scan.name.clone(),
            span: scan.span,
            through: scan.through.clone(),
            columns: ColumnsUsed::Some(BTreeSet::new()),
            fields: BTreeMap::new(),
            scans: 1,
            conjuncts,
            keys,
            bare_limit: scan.bare_limit,
            stops_early: false,
            splits_by: (0..table.partition_keys.len()).collect(),
            pruning: Default::default(),
            truncated: self.truncated,
        }
    }
}

fn is_same(a: &TableRead, b: &TableRead) -> bool {
    let filters = |r: &TableRead| -> Vec<_> { r.conjuncts.iter().map(|c| (c.span, c.class)).collect() };
    a.table == b.table
        && a.span == b.span
        && a.through == b.through
        && a.columns == b.columns
        && a.fields == b.fields
        && a.stops_early == b.stops_early
        && a.keys == b.keys
        && filters(a) == filters(b)
}

/// The columns that survive; `All` when a `*` handed on every column and every one is needed.
fn columns_used(
    id: ScanId,
    scan: &Scan,
    table: &Table,
    required: &Required,
    fields: &BTreeMap<String, BTreeSet<String>>,
) -> ColumnsUsed {
    let is_needed = |(_, column): &&(String, ColumnId)| required.columns.contains(column);
    if let Some(star) = scan.star {
        let mut declared = scan.columns.iter().filter(|(name, _)| table.columns.iter().any(|c| c.name == *name));
        let all_declared = scan.closed && declared.next().is_some() && scan.columns.iter().all(|c| is_needed(&c));
        if required.open.contains(&id) || all_declared {
            return ColumnsUsed::All(star);
        }
    }
    let whole = scan.columns.iter().filter(is_needed).map(|(name, _)| name);
    ColumnsUsed::Some(whole.chain(fields.keys()).cloned().collect())
}

impl View<'_> {
    /// Classifies a folded predicate, and notes what it says of the keys and the domains that it leaves them; `None` when it
    /// says nothing about this table.
    fn conjunct(
        &self,
        predicate: &Predicate,
        expr: &Expr,
        keys: &mut [KeyFilter],
        left: &mut [Vec<Domain>],
    ) -> Option<Conjunct> {
        let ids = expr.columns();
        let mut named: Vec<usize> = ids.iter().filter_map(|id| self.keys.get(id).copied()).collect();
        named.sort_unstable();
        let data: BTreeSet<String> = ids
            .iter()
            .filter(|id| !self.keys.contains_key(id))
            .filter_map(|id| self.names.get(id).map(|n| n.to_string()))
            .collect();
        let is_foreign = ids.iter().any(|id| !self.names.contains_key(id));
        let placeholder = expr.has_placeholder();
        // `having count(*) > ?` limits groups, not rows.
        let is_parameter = placeholder && !has_opaque(expr, Opaque::RunTime);
        if named.is_empty() && data.is_empty() && !is_parameter && !is_constant_false(expr) {
            return None;
        }
        let domains = self.domains(expr);
        let mut conjunct = Conjunct {
            span: predicate.span,
            class: Class::None,
            keys: named,
            columns: data,
            data_domains: self.data_domains(expr),
            alternatives: self.alternatives(expr),
            partners: Vec::new(),
            expr: None,
            placeholder,
            moves: predicate.expr.reads_clock(),
            or_with_unfiltered_branch: self.is_half_filtered(expr),
        };
        if is_constant_false(expr) {
            conjunct.class = Class::Metastore;
            conjunct.keys = (0..keys.len()).collect();
            conjunct.expr = Some(expr.clone());
            keys.iter_mut().for_each(|key| key.filtered = true);
            left.iter_mut().for_each(|domains| domains.push(Domain::none()));
            return Some(conjunct);
        }
        conjunct.class = self.class(&conjunct, expr, predicate.run_time || is_foreign, &domains);
        match conjunct.class {
            Class::Metastore | Class::PlanTime => {
                let may_narrow = may_narrow(expr, true);
                for index in &conjunct.keys {
                    let domain = domains.get(index);
                    let is_limited = domain.is_some_and(limits);
                    let by_evaluation = conjunct.class == Class::PlanTime && domain.is_none();
                    left[*index].extend(domain.cloned());
                    keys[*index].filtered |= is_limited || (may_narrow && (by_evaluation || placeholder));
                    keys[*index].placeholder |= placeholder;
                }
            }
            Class::RunTime => conjunct.keys.iter().for_each(|index| keys[*index].run_time = true),
            Class::None => {}
        }
        let says_nothing = conjunct.keys.is_empty() && (!conjunct.columns.is_empty() || is_foreign);
        conjunct.expr = (!says_nothing).then(|| self.on_keys(expr));
        Some(conjunct)
    }

    fn class(&self, conjunct: &Conjunct, expr: &Expr, is_run_time: bool, domains: &HashMap<usize, Domain>) -> Class {
        if conjunct.keys.is_empty() {
            return Class::None;
        }
        // Across a join nothing is derived for one side, whatever the branches of an OR say.
        if is_run_time {
            return Class::RunTime;
        }
        let is_limited = domains.values().any(limits);
        if has_opaque(expr, Opaque::RunTime) && !is_limited {
            return Class::RunTime;
        }
        // Iceberg prunes by domains of the source column; other expressions only over identity columns.
        let is_iceberg = self.table.kind == TableKind::Iceberg;
        let is_hidden = |index: &usize| self.table.partition_keys[*index].transform != Transform::Identity;
        if is_limited || (domains.len() == conjunct.keys.len() && !conjunct.placeholder) {
            return if self.is_computed(expr) && !is_iceberg { Class::PlanTime } else { Class::Metastore };
        }
        if !is_deterministic(expr) || !conjunct.columns.is_empty() {
            return Class::None;
        }
        match self.is_computed(expr) || !conjunct.placeholder {
            true if conjunct.keys.iter().any(is_hidden) => Class::None,
            true => Class::PlanTime,
            false => Class::Metastore,
        }
    }

    fn is_text_key(&self, id: ColumnId) -> bool {
        self.keys.get(&id).is_some_and(|index| self.table.partition_keys[*index].data_type == ColumnType::String)
    }

    /// An expression over keys by index, and over other columns by numbers beyond them.
    fn on_keys(&self, expr: &Expr) -> Expr {
        let beyond = self.table.partition_keys.len() as u32;
        expr.substitute(&|id| {
            let index = self.keys.get(&id).map_or(beyond.saturating_add(id.0), |index| *index as u32);
            Expr::Column(ColumnId(index))
        })
    }

    /// Domains per key index; only those that say something.
    fn domains(&self, expr: &Expr) -> HashMap<usize, Domain> {
        let extracted = extract(expr, &|id| self.column_type(id));
        let of_key = |(id, domain): (ColumnId, Domain)| {
            let index = *self.keys.get(&id)?;
            let domain = through_transform(self.table.partition_keys[index].transform, domain);
            (!domain.is_all()).then_some((index, domain))
        };
        extracted.domains.into_iter().filter_map(of_key).collect()
    }

    /// Domains per column that lies in the files; only those that say something. The source columns of Iceberg's keys do.
    fn data_domains(&self, expr: &Expr) -> BTreeMap<String, Domain> {
        let extracted = extract(expr, &|id| self.column_type(id));
        let of_column = |(id, domain): (ColumnId, Domain)| {
            let is_stored = self.table.kind == TableKind::Iceberg || !self.keys.contains_key(&id);
            let name = self.names.get(&id).filter(|_| is_stored)?;
            (!domain.is_all()).then(|| (name.to_string(), domain))
        };
        extracted.domains.into_iter().filter_map(of_column).collect()
    }

    /// What each branch of an OR leaves of columns that lie in the files; none when some branch leaves all.
    fn alternatives(&self, expr: &Expr) -> Vec<BTreeMap<String, Domain>> {
        let mut branches = Vec::new();
        or_branches(expr, &mut branches);
        if branches.len() < 2 {
            return Vec::new();
        }
        let possible = branches.into_iter().filter(|branch| !extract(branch, &|id| self.column_type(id)).never);
        let limited: Vec<_> = possible.map(|branch| self.data_domains(branch)).collect();
        if limited.iter().any(BTreeMap::is_empty) { Vec::new() } else { limited }
    }

    fn column_type(&self, id: ColumnId) -> Option<ColumnType> {
        let data_type = match self.keys.get(&id) {
            Some(index) => &self.table.partition_keys[*index].data_type,
            None => {
                let name = self.names.get(&id)?;
                &self.table.columns.iter().find(|c| c.name == *name)?.data_type
            }
        };
        (!data_type.is_unknown()).then(|| data_type.clone())
    }

    /// Whether a key stands under a function or cast: its partitions are told apart by evaluating, not by the metastore.
    fn is_computed(&self, expr: &Expr) -> bool {
        let mut found = false;
        expr.walk(&mut |e| {
            let is_computation = match e {
                Expr::Call { .. } | Expr::Cast { .. } | Expr::Case { .. } => true,
                Expr::Binary { op, .. } => !op.is_comparison() && !matches!(op, BinaryOp::And | BinaryOp::Or),
                _ => false,
            };
            found |= is_computation && e.columns().iter().any(|id| self.keys.contains_key(id));
        });
        found
    }

    /// An OR of which one branch limits a key and another names none.
    fn is_half_filtered(&self, expr: &Expr) -> bool {
        let mut branches = Vec::new();
        or_branches(expr, &mut branches);
        let limited = |e: &&Expr| {
            self.domains(e).values().any(limits)
                || (e.has_placeholder() && e.columns().iter().any(|id| self.keys.contains_key(id)))
        };
        branches.len() > 1 && branches.iter().any(&limited) && !branches.iter().all(&limited)
    }
}

fn or_branches<'e>(expr: &'e Expr, branches: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Binary { op: BinaryOp::Or, left, right } => {
            or_branches(left, branches);
            or_branches(right, branches);
        }
        other => branches.push(other),
    }
}

/// A bucket or truncated prefix is told only by single values (for truncate: by ranges too).
fn through_transform(transform: Transform, domain: Domain) -> Domain {
    match transform {
        Transform::Bucket(_) if domain.discrete().is_none() => Domain::all(),
        _ => domain,
    }
}

/// Whether a domain narrows a key in practice: it has an end. `<> 'x'` and IS NOT NULL do not.
fn limits(domain: &Domain) -> bool {
    use crate::expr::Bound::Unbounded;
    match (domain.low(), domain.high()) {
        (Some(low), Some(high)) => *low != Unbounded || *high != Unbounded,
        _ => true,
    }
}

/// Whether the rows for which a predicate has this truth may be few: `key <> ?` leaves almost all.
fn may_narrow(expr: &Expr, truth: bool) -> bool {
    match expr {
        Expr::Not(inner) => may_narrow(inner, !truth),
        Expr::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), .. } => {
            let mut parts = expr.chain(*op).into_iter().map(|part| may_narrow(part, truth));
            if (*op == BinaryOp::And) == truth { parts.any(|narrows| narrows) } else { parts.all(|narrows| narrows) }
        }
        Expr::Binary { op: BinaryOp::Eq | BinaryOp::NotDistinct, .. } => truth,
        Expr::Binary { op: BinaryOp::NotEq | BinaryOp::Distinct, .. } => !truth,
        Expr::InList { negated, .. }
        | Expr::Between { negated, .. }
        | Expr::Like { negated, .. }
        | Expr::IsNull { negated, .. } => truth != *negated,
        _ => true,
    }
}

fn is_constant_false(expr: &Expr) -> bool {
    use crate::expr::Value;
    matches!(expr, Expr::Literal(Value::Bool(false) | Value::Null))
}

fn has_opaque(expr: &Expr, kind: Opaque) -> bool {
    let mut found = false;
    expr.walk(&mut |e| found |= matches!(e, Expr::Opaque { why, .. } if *why == kind));
    found
}
