//! Scalar expressions: the part of SQL that decides whether a partition is read.
//!
//! One tree and one evaluator serve three uses: folding constants at `--as-of`, turning a predicate into [`Domain`]s, and
//! evaluating a plan-time predicate against the values of one partition. Nothing here knows tables or the SQL parser.

mod arithmetic;
mod cast;
mod column_type;
pub(crate) mod date_format;
mod domain;
mod eval;
mod extract;
mod functions;
mod like;
mod step;
mod value;

pub use column_type::ColumnType;
pub use domain::{Bound, Domain, Range};
pub use eval::{Env, Evaluated, evaluate, fold, is_deterministic};
pub use extract::{Extracted, extract, prefix_range};
pub use value::{AsOf, Interval, Value};

/// Identifies a column within one statement while it is bound; in a finished [`crate::lake::Conjunct`] it is the index of the
/// partition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub u32);

/// A scalar expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    Literal(Value),
    Column(ColumnId),
    /// A value that is fixed before the query runs but unknown to us: a placeholder or parameter.
    Placeholder,
    /// Anything whose value we cannot follow: run-time (subqueries, aggregates) or not understood. Keeps the columns that it
    /// names, so that classification still sees them.
    Opaque {
        columns: Vec<ColumnId>,
        why: Opaque,
    },
    /// Function name in lower case, without qualification.
    Call {
        function: String,
        args: Vec<Expr>,
    },
    /// `CAST`, and `TRY_CAST` where `attempt` is set: NULL instead of an error.
    Cast {
        expr: Box<Expr>,
        to: ColumnType,
        attempt: bool,
    },
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// Searched CASE; a simple CASE is rewritten to comparisons.
    Case {
        branches: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    InList {
        expr: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    Between {
        expr: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    Like {
        expr: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<char>,
        negated: bool,
    },
    IsNull {
        expr: Box<Expr>,
        negated: bool,
    },
}

/// Why an expression cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opaque {
    /// Comes from a subquery or another relation: known while the query runs.
    RunTime,
    /// `rand()`, `uuid()`: differs per row.
    NonDeterministic,
    /// A construct that the binder does not model; deterministic over the columns it names as far as we know.
    NotModelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    And,
    Or,
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
    /// `IS NOT DISTINCT FROM`.
    NotDistinct,
    /// `IS DISTINCT FROM`.
    Distinct,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Concat,
}

impl BinaryOp {
    pub fn is_comparison(self) -> bool {
        use BinaryOp::*;
        matches!(self, Eq | NotEq | Lt | LtEq | Gt | GtEq | NotDistinct | Distinct)
    }

    /// The operator with its operands exchanged: `a < b` is `b > a`. Only for comparisons.
    pub fn flipped(self) -> Self {
        use BinaryOp::*;
        match self {
            Lt => Gt,
            LtEq => GtEq,
            Gt => Lt,
            GtEq => LtEq,
            other => other,
        }
    }
}

impl Expr {
    pub fn string(text: impl Into<String>) -> Expr {
        Expr::Literal(Value::String(text.into()))
    }

    pub fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
        Expr::Binary { op, left: Box::new(left), right: Box::new(right) }
    }

    pub fn call(function: &str, args: Vec<Expr>) -> Expr {
        Expr::Call { function: function.to_string(), args }
    }

    /// Direct subexpressions, in text order.
    pub fn children(&self) -> Vec<&Expr> {
        match self {
            Expr::Literal(_) | Expr::Column(_) | Expr::Placeholder | Expr::Opaque { .. } => Vec::new(),
            Expr::Call { args, .. } => args.iter().collect(),
            Expr::Cast { expr, .. } | Expr::Not(expr) | Expr::Negate(expr) | Expr::IsNull { expr, .. } => vec![expr],
            Expr::Binary { left, right, .. } => vec![left, right],
            Expr::Case { branches, otherwise } => {
                let mut all: Vec<&Expr> = branches.iter().flat_map(|(when, then)| [when, then]).collect();
                all.extend(otherwise.as_deref());
                all
            }
            Expr::InList { expr, list, .. } => std::iter::once(&**expr).chain(list).collect(),
            Expr::Between { expr, low, high, .. } => vec![expr, low, high],
            Expr::Like { expr, pattern, .. } => vec![expr, pattern],
        }
    }

    /// Visits this expression and everything under it, parents first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// Whether it asks what time it is: not of one that is folded.
    pub fn reads_clock(&self) -> bool {
        let mut found = false;
        self.walk(&mut |e| {
            let Expr::Call { function, .. } = e else { return };
            let clocks = ["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "now"];
            found |= clocks.contains(&function.as_str());
        });
        found
    }

    /// Every column it names, sorted, once each.
    pub fn columns(&self) -> Vec<ColumnId> {
        let mut ids = Vec::new();
        self.walk(&mut |e| match e {
            Expr::Column(id) => ids.push(*id),
            Expr::Opaque { columns, .. } => ids.extend(columns),
            _ => {}
        });
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub fn has_placeholder(&self) -> bool {
        let mut found = false;
        self.walk(&mut |e| found |= matches!(e, Expr::Placeholder));
        found
    }

    /// `CAST(expr AS type)` as written. A length is kept: `varchar(n)` cuts its text, which the type alone does not say.
    pub fn cast(expr: Expr, type_text: &str, attempt: bool) -> Expr {
        let to = ColumnType::parse(type_text);
        let length =
            (to == ColumnType::String).then(|| type_text.split(['(', ')']).nth(1)?.trim().parse().ok()).flatten();
        let cast = Expr::Cast { expr: Box::new(expr), to, attempt };
        match length {
            Some(n) => Expr::call("substr", vec![cast, Expr::Literal(Value::Int(1)), Expr::Literal(Value::Int(n))]),
            None => cast,
        }
    }

    /// The operands of a chain of one operator, in text order: `a AND b AND c` has three, however they are nested.
    pub fn chain(&self, operator: BinaryOp) -> Vec<&Expr> {
        let mut operands = Vec::new();
        let mut pending = vec![self];
        while let Some(next) = pending.pop() {
            match next {
                Expr::Binary { op, left, right } if *op == operator => pending.extend([&**right, &**left]),
                operand => operands.push(operand),
            }
        }
        operands
    }

    /// The same expression with every column replaced by what `replace` gives for it.
    pub fn substitute(&self, replace: &impl Fn(ColumnId) -> Expr) -> Expr {
        match self {
            Expr::Column(id) => replace(*id),
            Expr::Opaque { columns, why } => {
                let columns = columns.iter().flat_map(|id| replace(*id).columns()).collect();
                Expr::Opaque { columns, why: *why }
            }
            other => other.map_children(&|child| child.substitute(replace)),
        }
    }

    /// The same expression with every direct subexpression replaced by what `again` gives for it.
    pub(crate) fn map_children(&self, again: &dyn Fn(&Expr) -> Expr) -> Expr {
        let boxed = |e: &Expr| Box::new(again(e));
        match self {
            Expr::Literal(_) | Expr::Column(_) | Expr::Placeholder | Expr::Opaque { .. } => self.clone(),
            Expr::Call { function, args } => {
                Expr::Call { function: function.clone(), args: args.iter().map(again).collect() }
            }
            Expr::Cast { expr, to, attempt } => Expr::Cast { expr: boxed(expr), to: to.clone(), attempt: *attempt },
            Expr::Not(expr) => Expr::Not(boxed(expr)),
            Expr::Negate(expr) => Expr::Negate(boxed(expr)),
            Expr::Binary { op, left, right } => Expr::Binary { op: *op, left: boxed(left), right: boxed(right) },
            Expr::Case { branches, otherwise } => Expr::Case {
                branches: branches.iter().map(|(when, then)| (again(when), again(then))).collect(),
                otherwise: otherwise.as_ref().map(|e| boxed(e)),
            },
            Expr::InList { expr, list, negated } => {
                Expr::InList { expr: boxed(expr), list: list.iter().map(again).collect(), negated: *negated }
            }
            Expr::Between { expr, low, high, negated } => {
                Expr::Between { expr: boxed(expr), low: boxed(low), high: boxed(high), negated: *negated }
            }
            Expr::Like { expr, pattern, escape, negated } => {
                Expr::Like { expr: boxed(expr), pattern: boxed(pattern), escape: *escape, negated: *negated }
            }
            Expr::IsNull { expr, negated } => Expr::IsNull { expr: boxed(expr), negated: *negated },
        }
    }
}
