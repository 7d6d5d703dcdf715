//! One table of calls and their values. Rows marked "docs" are examples of Trino's documentation.

use chrono::NaiveDate;

use super::super::{BinaryOp, ColumnType, Evaluated, Expr, Interval, evaluate, fold};
use super::*;

/// Notation: `d'...'` date, `t'...'` timestamp, `i'3 day'` interval, `name(args)` a call; `+(a, b)` an operator,
/// `cast_date(x)` a cast. The value is written the same way, or `error`, or `unknown`.
const TABLE: &str = "
# docs: date and time operators
+(d'2012-08-08', i'2 day') = d'2012-08-10'
+(t'2012-08-08 01:00', i'29 hour') = t'2012-08-09 06:00:00'
+(t'2012-10-31 01:00', i'1 month') = t'2012-11-30 01:00:00'
-(d'2012-08-08', i'2 day') = d'2012-08-06'
-(t'2012-08-08 01:00', i'29 hour') = t'2012-08-06 20:00:00'
-(t'2012-10-31 01:00', i'1 month') = t'2012-09-30 01:00:00'
+(d'2012-08-08', -(i'2 day', i'1 day')) = d'2012-08-09'
# docs: date and time functions
from_iso8601_timestamp('2020-05-11') = t'2020-05-11 00:00:00'
from_iso8601_timestamp('2020-05-11T11:15:05') = t'2020-05-11 11:15:05'
from_iso8601_timestamp('2020-05-11T11:15:05.055+01:00') = t'2020-05-11 10:15:05.055'
from_iso8601_date('2020-05-11') = d'2020-05-11'
from_iso8601_date('2020-W10') = d'2020-03-02'
from_iso8601_date('2020-123') = d'2020-05-02'
date_trunc('millisecond', t'2001-08-22 03:04:05.3215') = t'2001-08-22 03:04:05.321'
date_trunc('second', t'2001-08-22 03:04:05.321') = t'2001-08-22 03:04:05'
date_trunc('minute', t'2001-08-22 03:04:05.321') = t'2001-08-22 03:04:00'
date_trunc('hour', t'2001-08-22 03:04:05.321') = t'2001-08-22 03:00:00'
date_trunc('day', t'2001-08-22 03:04:05.321') = t'2001-08-22 00:00:00'
date_trunc('week', t'2001-08-22 03:04:05.321') = t'2001-08-20 00:00:00'
date_trunc('month', t'2001-08-22 03:04:05.321') = t'2001-08-01 00:00:00'
date_trunc('quarter', t'2001-08-22 03:04:05.321') = t'2001-07-01 00:00:00'
date_trunc('year', t'2001-08-22 03:04:05.321') = t'2001-01-01 00:00:00'
date_add('second', 86, t'2020-03-01 00:00:00') = t'2020-03-01 00:01:26'
date_add('hour', 9, t'2020-03-01 00:00:00') = t'2020-03-01 09:00:00'
date_add('day', -1, t'2020-03-01 00:00:00 UTC') = t'2020-02-29 00:00:00'
date_diff('second', t'2020-03-01 00:00:00', t'2020-03-02 00:00:00') = 86400
date_diff('hour', t'2020-03-01 00:00:00 UTC', t'2020-03-02 00:00:00 UTC') = 24
date_diff('day', d'2020-03-01', d'2020-03-02') = 1
date_diff('millisecond', t'2020-06-01 12:30:45', t'2020-06-02 12:30:45.123456789') = 86400123
date_format(t'2022-10-20 05:10:00', '%m-%d-%Y %H') = '10-20-2022 05'
date_parse('2022/10/20/05', '%Y/%m/%d/%H') = t'2022-10-20 05:00:00'
# docs: regular expressions
regexp_extract('1a 2b 14m', '\\d+') = '1'
regexp_extract('1a 2b 14m', '(\\d+)([a-z]+)', 2) = 'a'
regexp_like('1a 2b 14m', '\\d+b') = true
regexp_replace('1a 2b 14m', '\\d+[ab] ') = '14m'
regexp_replace('1a 2b 14m', '(\\d+)([ab]) ', '3c$2 ') = '3ca 3cb 14m'
# docs: strings
translate('abcd', '', '') = 'abcd'
translate('abcda', 'a', 'z') = 'zbcdz'
translate('abcd', 'a', '') = 'bcd'
translate('abcd', 'ac', 'z') = 'zbd'
translate('abcd', 'aac', 'zq') = 'zbd'
trim('!foo!', '!') = 'foo'
# the clock
current_date() = d'2024-03-31'
now() = t'2024-03-31 12:30:00'
current_timestamp(3) = t'2024-03-31 12:30:00'
localtimestamp() = t'2024-03-31 12:30:00'
at_timezone(now(), 'UTC') = t'2024-03-31 12:30:00'
at_timezone(now(), 'Asia/Tokyo') = unknown
current_timezone() = unknown
# months end
date_add('month', -1, current_date()) = d'2024-02-29'
date_add('year', 1, d'2024-02-29') = d'2025-02-28'
date_add('quarter', 1, d'2023-11-30') = d'2024-02-29'
date_add('week', 2, d'2024-01-01') = d'2024-01-15'
add_months(d'2024-01-31', 1) = d'2024-02-29'
last_day_of_month(d'2024-02-03') = d'2024-02-29'
last_day_of_month(t'2023-12-31 23:00:00') = d'2023-12-31'
date_diff('month', d'2020-01-31', d'2020-02-29') = 1
date_diff('month', d'2020-01-31', d'2020-02-28') = 0
date_diff('month', d'2020-02-29', d'2020-01-31') = -1
date_diff('year', d'2019-06-02', d'2024-06-01') = 4
date_diff('quarter', d'2024-01-01', d'2024-12-31') = 3
date_diff('day', t'2024-01-01 12:00:00', t'2024-01-02 11:00:00') = 0
date_diff('week', d'2024-01-15', d'2024-01-01') = -2
# units that a date lacks, units that do not exist, overflow
date_add('hour', 1, d'2024-01-01') = error
date_trunc('hour', d'2024-01-01') = error
date_trunc('fortnight', d'2024-01-01') = error
+(d'2024-01-01', i'1 hour') = error
date_add('day', 9223372036854775807, d'2024-01-01') = error
date_add('year', 900000, d'2024-01-01') = error
date_add('day', 1, '2024-01-01') = unknown
# parts of a date
year(d'2024-12-30') = 2024
year_of_week(d'2024-12-30') = 2025
yow(d'2024-12-30') = 2025
week(d'2024-12-30') = 1
quarter(d'2024-12-30') = 4
month(t'2024-12-30 05:06:07') = 12
day(d'2024-12-30') = 30
day_of_month(d'2024-12-30') = 30
dow(d'2024-12-29') = 7
day_of_week(d'2024-12-30') = 1
doy(d'2024-12-31') = 366
hour(t'2024-12-30 05:06:07') = 5
minute(t'2024-12-30 05:06:07') = 6
second(t'2024-12-30 05:06:07') = 7
hour(d'2024-12-30') = unknown
year('2024-12-30') = unknown
# text and dates
date('2024-1-5') = d'2024-01-05'
date('20240105') = error
date(t'2024-01-05 23:59:59') = d'2024-01-05'
date_format(d'2024-01-05', '%Y/%c/%e') = '2024/1/5'
date_format(current_date(), 'yyyyMMdd') = '20240331'
date_format(d'2024-01-05', '%w') = unknown
date_parse('20240105', '%Y%m%d') = t'2024-01-05 00:00:00'
date_parse('2024-13-05', '%Y-%m-%d') = error
format_datetime(t'2024-01-05 06:07:08', 'yyyy-MM-dd HH') = '2024-01-05 06'
parse_datetime('2024-01-05 06', 'yyyy-MM-dd HH') = t'2024-01-05 06:00:00'
to_iso8601(d'2024-01-05') = '2024-01-05'
to_iso8601(now()) = unknown
from_unixtime(86400) = t'1970-01-02 00:00:00'
from_unixtime(1704067200, 'yyyy-MM-dd') = '2024-01-01'
to_unixtime(t'1970-01-02 00:00:00') = 86400.0
from_unixtime(9223372036854775807) = error
# Hive and Spark
date_sub('2024-03-01', 1) = d'2024-02-29'
date_sub(current_date(), 7) = d'2024-03-24'
date_add(current_date(), 1) = d'2024-04-01'
to_date('2024-03-01 10:00:00') = d'2024-03-01'
to_date('20240301', 'yyyyMMdd') = d'2024-03-01'
to_date('20240301', 'yyyymmdd') = unknown
datediff(d'2024-03-01', '2024-02-28') = 2
last_day(d'2024-03-01') = d'2024-03-31'
-(current_date(), 1) = d'2024-03-30'
nvl(null, 'x') = 'x'
unix_timestamp() = unknown
# strings
length('héé') = 3
substr('2024-01-05', 1, 4) = '2024'
substring('héllo', 2, 3) = 'éll'
substr('abc', -2) = 'bc'
substr('abc', -4, 2) = ''
substr('abc', 0) = ''
substr('abc', 4) = ''
substr('abc', 2, 99) = 'bc'
substr('abc', 2, -1) = ''
substr(cast_string(now()), 1, 10) = '2024-03-31'
substr(cast_string(now()), 1, 19) = '2024-03-31 12:30:00'
substr(cast_string(now()), 1, 23) = unknown
concat('a', 'b', 'c') = 'abc'
concat('a', null) = null
concat_ws('-', 'a', null, 'c') = 'a-c'
concat_ws('-', array('a', 'b')) = 'a-b'
||('a', 'b') = 'ab'
||('a', null) = null
lower('ÄB') = 'äb'
upper('straße') = 'STRAßE'
trim('  a ') = 'a'
ltrim('  a ') = 'a '
rtrim('  a ') = '  a'
lpad('7', 2, '0') = '07'
lpad('abc', 2, '0') = 'ab'
rpad('a', 4, 'xy') = 'axyx'
lpad('a', 3, '') = error
lpad('a', -1, 'x') = error
lpad('a', 999999999999, 'x') = unknown
replace('2024-01-05', '-', '') = '20240105'
replace('a-b', '-') = 'ab'
reverse('abc') = 'cba'
strpos('high', 'ig') = 2
strpos('é-', '-') = 2
strpos('a', 'x') = 0
position('b', 'abc') = 2
split_part('2024-01-05', '-', 2) = '01'
split_part('2024', '-', 2) = null
split_part('2024', '-', 0) = error
starts_with('abc', 'ab') = true
ends_with('abc', 'ab') = false
chr(65) = 'A'
codepoint('A') = 65
codepoint('AB') = error
format('%04d-%02d-%s', 2024, 1, 'x') = '2024-01-x'
format('100%%') = '100%'
format('%5.2f', 1.5) = unknown
format('%d') = unknown
regexp_extract('abc', 'x') = null
regexp_extract('abc', 'b', 1) = error
regexp_like('abc', '(?=a)b') = unknown
regexp_replace('a1', '([a-z])(\\d)', '$2$1') = '1a'
# numbers
+(1, 2) = 3
+(9223372036854775807, 1) = error
-(1, 2.5) = -1.5
*(4611686018427387904, 2) = error
/(7, 2) = 3
/(-7, 2) = -3
/(1, 0) = error
/(1.0, 0) = unknown
%(-7, 2) = -1
%(7, 0) = error
*(i'1 day', 3) = i'3 day'
abs(-3) = 3
abs(-9223372036854775808) = error
ceil(1.2) = 2.0
ceiling(-1.2) = -1.0
floor(-1.2) = -2.0
round(2.5) = 3.0
round(-2.5) = -3.0
round(1.005, 1) = 1.0
round(12, 1) = 12
mod(7, 3) = 1
power(2, 10) = 1024.0
sign(-5) = -1
sqrt(9) = 3.0
greatest('b', 'a', 'c') = 'c'
least(3, 1, 2) = 1
greatest(1, null) = null
least(1, 'a') = unknown
# casts
cast_int('42') = 42
cast_int('4x') = error
cast_int(2.5) = 3
cast_int(3000000000) = error
cast_bigint(3000000000) = 3000000000
cast_bigint(d'2024-01-01') = unknown
cast_double('1e3') = 1000.0
cast_double('inf') = error
cast_string(42) = '42'
cast_string(true) = 'true'
cast_string(d'2024-01-05') = '2024-01-05'
cast_string(1.5) = unknown
cast_boolean('T') = true
cast_boolean('yes') = error
cast_date('2024-01-05') = d'2024-01-05'
cast_date('2024-02-30') = error
cast_date('2024-01-05 10:00:00') = error
cast_timestamp('2024-01-05 10:00') = t'2024-01-05 10:00:00'
cast_timestamp('2024-01-05T10:00:00.5Z') = t'2024-01-05 10:00:00.500'
cast_timestamp('2024-01-05 10:00:00 +02:00') = t'2024-01-05 08:00:00'
cast_timestamp('2024-01-05 10:00:00 Europe/Paris') = unknown
cast_timestamp(d'2024-01-05') = t'2024-01-05 00:00:00'
cast_timestamp('noon') = error
# conditions
coalesce(null, 1, /(1, 0)) = 1
nullif('a', 'a') = null
nullif('a', 'b') = 'a'
if(true, 1, 2) = 1
if(null, 1, 2) = 2
if(false, 1) = null
try(/(1, 0)) = null
try(7) = 7
# arrays
contains(array(1, 2), 2) = true
contains(array(1, null), 2) = null
contains('abc', 'b') = true
cardinality(array(1, 2)) = 2
element_at(array('a', 'b'), -1) = 'b'
element_at(array('a'), 2) = null
element_at(array('a'), 0) = error
element_at(split('2024-01', '-'), 2) = '01'
# other names of the same
char_length('ab') = 2
character_length('ab') = 2
dayofmonth(d'2024-12-30') = 30
day_of_year(d'2024-12-31') = 366
week_of_year(d'2024-12-30') = 1
weekofyear(d'2024-12-30') = 1
with_timezone(t'2024-01-01 10:00:00', 'UTC') = t'2024-01-01 10:00:00'
instr('abc', 'c') = 3
locate('c', 'abc') = 3
pow(2, 3) = 8.0
truncate(-1.7) = -1.0
make_date(2024, 2, 29) = d'2024-02-29'
make_date(2023, 2, 29) = error
# NULL in, NULL out; what is not modelled stays unknown
substr(null, 1) = null
date_add('day', null, current_date()) = null
+(null, 1) = null
cast_date(null) = null
my_udf(null) = unknown
my_udf('x') = unknown
rand() = unknown
";

/// Reads the notation of the table.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn quoted(&mut self) -> String {
        let (inside, rest) = self.0[1..].split_once('\'').expect("a closing quote");
        self.0 = rest;
        inside.to_string()
    }

    fn expr(&mut self) -> Expr {
        let end = self.0.find(['(', ')', ',', '\'']).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        match (word, rest.chars().next()) {
            ("", Some('\'')) => Expr::string(self.quoted()),
            ("d", Some('\'')) => cast_to(Expr::string(self.quoted()), ColumnType::Date),
            ("t", Some('\'')) => cast_to(Expr::string(self.quoted()), ColumnType::Timestamp),
            ("i", Some('\'')) => {
                let text = self.quoted();
                let (n, unit) = text.split_once(' ').expect("number and unit");
                let interval: Interval =
                    Unit::parse(unit).expect("a unit").interval(n.parse().expect("a number")).expect("small");
                Expr::Literal(Value::Interval(interval))
            }
            (name, Some('(')) => self.call(name),
            (literal, _) => Expr::Literal(constant(literal)),
        }
    }

    fn call(&mut self, name: &str) -> Expr {
        let mut args = Vec::new();
        loop {
            self.0 = self.0[1..].trim_start();
            if self.0.starts_with(')') {
                break;
            }
            args.push(self.expr());
            if self.0.starts_with(')') {
                break;
            }
        }
        self.0 = &self.0[1..];
        let operator = match name {
            "+" => Some(BinaryOp::Add),
            "-" => Some(BinaryOp::Subtract),
            "*" => Some(BinaryOp::Multiply),
            "/" => Some(BinaryOp::Divide),
            "%" => Some(BinaryOp::Modulo),
            "||" => Some(BinaryOp::Concat),
            _ => None,
        };
        match (operator, name.strip_prefix("cast_")) {
            (Some(op), _) => Expr::binary(op, args[0].clone(), args[1].clone()),
            (_, Some(to)) => cast_to(args[0].clone(), ColumnType::parse(to)),
            _ => Expr::call(name, args),
        }
    }
}

fn cast_to(expr: Expr, to: ColumnType) -> Expr {
    Expr::Cast { expr: Box::new(expr), to, attempt: false }
}

fn constant(text: &str) -> Value {
    match text {
        "null" => Value::Null,
        "true" | "false" => Value::Bool(text == "true"),
        number => match number.parse() {
            Ok(n) => Value::Int(n),
            Err(_) => Value::Float(number.parse().expect("a number")),
        },
    }
}

fn as_of() -> AsOf {
    AsOf(NaiveDate::from_ymd_opt(2024, 3, 31).expect("a date").and_hms_opt(12, 30, 0).expect("a time"))
}

fn evaluated(text: &str) -> Evaluated {
    evaluate(&Reader(text).expr(), &|_| None, as_of())
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| line.rsplit_once(" = ").expect("a value"))
}

#[test]
fn calls_have_their_values() {
    assert!(rows().count() > 200);
    for (call, value) in rows() {
        let expected = match value {
            "error" => Evaluated::Error,
            "unknown" => Evaluated::Unknown,
            value => evaluated(value),
        };
        assert_eq!(evaluated(call), expected, "{call}");
    }
}

#[test]
fn folding_gives_what_evaluation_gives() {
    for (call, _) in rows() {
        let expr = Reader(call).expr();
        match evaluated(call) {
            Evaluated::Value(value) => assert_eq!(fold(&expr, as_of()), Expr::Literal(value), "{call}"),
            _ => assert!(!matches!(fold(&expr, as_of()), Expr::Literal(_)), "{call}"),
        }
    }
}

#[test]
fn strict_functions_are_listed_once_each_and_exist() {
    let names = [date::NAMES, string::NAMES, regular::NAMES, math::NAMES].concat();
    for (i, name) in names.iter().enumerate() {
        assert!(!names[i + 1..].contains(name), "{name} twice");
        let used = rows().any(|(call, _)| call.contains(&format!("{name}(")));
        assert!(used, "{name} is in no row");
    }
}
