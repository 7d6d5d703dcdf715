//! Date patterns of three dialects, read into one list of fields: MySQL's (`date_format`, `date_parse`), Joda's
//! (`format_datetime`, `parse_datetime`) and Java's `DateTimeFormatter` (Hive, Spark, partition projection).
//!
//! Sources: Trino, "Date and time functions" (MySQL date functions; Java date functions); Javadoc of
//! `java.time.format.DateTimeFormatter` and `org.joda.time.format.DateTimeFormat`. A letter that is not in the tables below
//! makes the pattern unreadable rather than wrong.

mod field;

use chrono::{NaiveDateTime, Timelike};

use field::{Field, Name, Parts};

/// A date pattern that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq)]
enum Item {
    Literal(String),
    /// A number: padded to `min` digits when written; read from `min_read` to `max` digits.
    Number {
        field: Field,
        min: usize,
        min_read: usize,
        max: usize,
        pad: char,
    },
    Name(Name),
    /// Digits after the decimal point, exactly this many when written.
    Fraction(usize),
    /// The UTC offset, written as this text: our times are UTC.
    Zone(&'static str),
}

/// How strictly numbers are read.
#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    Joda,
    Java,
}

impl Pattern {
    /// `%Y-%m-%d`. `None` for specifiers that Trino rejects (`%D %U %u %V %w %X`).
    pub(crate) fn mysql(pattern: &str) -> Option<Pattern> {
        use Field::*;
        let mut items = Vec::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                push_literal(&mut items, c);
                continue;
            }
            match chars.next()? {
                'Y' => items.push(number(Year, 4, 1, 4)),
                'y' => items.push(number(ShortYear, 2, 2, 2)),
                'm' => items.push(number(Month, 2, 1, 2)),
                'c' => items.push(number(Month, 1, 1, 2)),
                'd' => items.push(number(Day, 2, 1, 2)),
                'e' => items.push(number(Day, 1, 1, 2)),
                'j' => items.push(number(DayOfYear, 3, 1, 3)),
                'H' => items.push(number(Hour, 2, 1, 2)),
                'k' => items.push(number(Hour, 1, 1, 2)),
                'h' | 'I' => items.push(number(Hour12, 2, 1, 2)),
                'l' => items.push(number(Hour12, 1, 1, 2)),
                'i' => items.push(number(Minute, 2, 1, 2)),
                's' | 'S' => items.push(number(Second, 2, 1, 2)),
                'v' => items.push(number(Week, 2, 1, 2)),
                'x' => items.push(number(WeekYear, 4, 1, 4)),
                'f' => items.push(Item::Fraction(6)),
                'p' => items.push(Item::Name(Name::AmPm)),
                'M' => items.push(Item::Name(Name::Month)),
                'b' => items.push(Item::Name(Name::ShortMonth)),
                'W' => items.push(Item::Name(Name::Weekday)),
                'a' => items.push(Item::Name(Name::ShortWeekday)),
                'T' => items.extend(Pattern::mysql("%H:%i:%s")?.items),
                'r' => items.extend(Pattern::mysql("%h:%i:%s %p")?.items),
                'D' | 'U' | 'u' | 'V' | 'w' | 'X' => return None,
                other => push_literal(&mut items, other),
            }
        }
        Some(Pattern { items })
    }

    /// A pattern of `format_datetime` and `parse_datetime`.
    pub(crate) fn joda(pattern: &str) -> Option<Pattern> {
        Pattern::letters(pattern, Dialect::Joda)
    }

    /// A pattern of Java's `DateTimeFormatter`.
    pub(crate) fn java(pattern: &str) -> Option<Pattern> {
        Pattern::letters(pattern, Dialect::Java)
    }

    fn letters(pattern: &str, dialect: Dialect) -> Option<Pattern> {
        let mut items = Vec::new();
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\'' if chars.next_if_eq(&'\'').is_some() => push_literal(&mut items, '\''),
                '\'' => loop {
                    match chars.next()? {
                        '\'' if chars.next_if_eq(&'\'').is_some() => push_literal(&mut items, '\''),
                        '\'' => break,
                        quoted => push_literal(&mut items, quoted),
                    }
                },
                c if c.is_ascii_alphabetic() => {
                    let mut count = 1;
                    while chars.next_if_eq(&c).is_some() {
                        count += 1;
                    }
                    items.push(letter(c, count, dialect)?);
                }
                '[' | ']' | '{' | '}' | '#' if dialect == Dialect::Java => return None,
                c => push_literal(&mut items, c),
            }
        }
        limit_adjacent_years(&mut items);
        Some(Pattern { items })
    }

    /// Writes a UTC time; `None` when the pattern cannot express it.
    pub(crate) fn format(&self, time: NaiveDateTime) -> Option<String> {
        let mut out = String::new();
        for item in &self.items {
            match item {
                Item::Literal(text) => out.push_str(text),
                Item::Number { field, min, pad, .. } => {
                    let digits = u64::try_from(field.of(time)).ok()?.to_string();
                    out.extend(std::iter::repeat_n(*pad, min.saturating_sub(digits.len())));
                    out.push_str(&digits);
                }
                Item::Name(name) => out.push_str(&name.of(time)),
                Item::Fraction(width) => {
                    let nanos = format!("{:09}", time.nanosecond() % 1_000_000_000);
                    out.extend(nanos.chars().chain(std::iter::repeat('0')).take(*width));
                }
                Item::Zone(text) => out.push_str(text),
            }
        }
        Some(out)
    }

    /// Reads a whole text. Fields that the pattern lacks are those of 1970-01-01 00:00:00.
    pub(crate) fn parse(&self, text: &str) -> Option<NaiveDateTime> {
        let mut rest = text;
        let mut parts = Parts::default();
        for item in &self.items {
            rest = match item {
                Item::Literal(literal) => rest.strip_prefix(literal.as_str())?,
                Item::Number { field, min_read, max, .. } => {
                    let digits = rest.bytes().take(*max).take_while(u8::is_ascii_digit).count();
                    if digits < *min_read {
                        return None;
                    }
                    parts.set(*field, rest[..digits].parse().ok()?);
                    &rest[digits..]
                }
                Item::Name(name) => name.read(rest, &mut parts)?,
                Item::Fraction(_) => {
                    let digits = rest.bytes().take(9).take_while(u8::is_ascii_digit).count();
                    parts.nanosecond = Some(format!("{:0<9}", &rest[..digits]).parse().ok()?).filter(|_| digits > 0);
                    parts.nanosecond?;
                    &rest[digits..]
                }
                Item::Zone(_) => {
                    ["Z", "UTC", "GMT", "+00:00", "+0000", "+00"].iter().find_map(|z| rest.strip_prefix(z))?
                }
            };
        }
        if rest.is_empty() { parts.resolve() } else { None }
    }
}

/// Java patterns (`yyyy-MM-dd`), as partition projection and Glue use them.
pub(crate) mod java_pattern {
    use super::{NaiveDateTime, Pattern};

    /// Reads a text; missing parts are those of 1970-01-01 00:00:00. `None` when text or pattern do not fit.
    pub(crate) fn parse(text: &str, pattern: &str) -> Option<NaiveDateTime> {
        Pattern::java(pattern)?.parse(text)
    }
}

/// The item of one run of a pattern letter.
fn letter(letter: char, count: usize, dialect: Dialect) -> Option<Item> {
    use Field::*;
    // Java reads `dd` as two digits exactly and `d` as one or two; Joda reads up to two in either case.
    let small = |field, max| {
        let min_read = if dialect == Dialect::Java { count } else { 1 };
        (count <= max).then(|| number(field, count, min_read, max))
    };
    match (letter, count) {
        ('y', 2) | ('u', 2) => Some(number(ShortYear, 2, 2, 2)),
        ('y', _) => Some(number(Year, count, if dialect == Dialect::Java { count } else { 1 }, 9)),
        ('u', _) if dialect == Dialect::Java => Some(number(Year, count, count, 9)),
        ('Y', n) if dialect == Dialect::Joda && n != 2 => Some(number(Year, count, 1, 9)),
        ('x', n) if dialect == Dialect::Joda && n != 2 => Some(number(WeekYear, count, 1, 9)),
        ('w', _) if dialect == Dialect::Joda => small(Week, 2),
        ('e', _) if dialect == Dialect::Joda => small(DayOfWeek, 1),
        ('Q' | 'q', _) if dialect == Dialect::Java => small(Quarter, 2),
        ('M' | 'L', 1 | 2) => small(Month, 2),
        ('M' | 'L', 3) => Some(Item::Name(Name::ShortMonth)),
        ('M' | 'L', 4) => Some(Item::Name(Name::Month)),
        ('d', _) => small(Day, 2),
        ('D', _) => small(DayOfYear, 3),
        ('E', 1..=3) => Some(Item::Name(Name::ShortWeekday)),
        ('E', 4) => Some(Item::Name(Name::Weekday)),
        ('a', 1) => Some(Item::Name(Name::AmPm)),
        ('H', _) => small(Hour, 2),
        ('k', _) => small(HourFrom1, 2),
        ('h', _) => small(Hour12, 2),
        ('K', _) => small(Hour12From0, 2),
        ('m', _) => small(Minute, 2),
        ('s', _) => small(Second, 2),
        ('S', 1..=9) => Some(Item::Fraction(count)),
        ('X', 1..=3) if dialect == Dialect::Java => Some(Item::Zone("Z")),
        ('Z', 1) => Some(Item::Zone("+0000")),
        ('Z', 2) if dialect == Dialect::Joda => Some(Item::Zone("+00:00")),
        ('z', 1..=3) => Some(Item::Zone("UTC")),
        _ => None,
    }
}

fn number(field: Field, min: usize, min_read: usize, max: usize) -> Item {
    Item::Number { field, min, min_read, max, pad: '0' }
}

fn push_literal(items: &mut Vec<Item>, c: char) {
    match items.last_mut() {
        Some(Item::Literal(text)) => text.push(c),
        _ => items.push(Item::Literal(c.to_string())),
    }
}

/// A number directly followed by another one ends after its own digits: `yyyyMMdd`.
fn limit_adjacent_years(items: &mut [Item]) {
    for i in 1..items.len() {
        let next_is_digits = matches!(items[i], Item::Number { .. } | Item::Fraction(_));
        if let Item::Number { min, max, .. } = &mut items[i - 1]
            && next_is_digits
            && *min > 1
        {
            *max = *min;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").expect("valid")
    }

    #[test]
    fn mysql_patterns_write_what_trino_writes() {
        // Trino, "MySQL date functions": SELECT date_format(TIMESTAMP '2022-10-20 05:10:00', '%m-%d-%Y %H').
        let at = time("2022-10-20 05:10:00");
        for (pattern, text) in [
            ("%m-%d-%Y %H", "10-20-2022 05"),
            ("%Y%m%d", "20221020"),
            ("%y/%c/%e %k:%i:%S", "22/10/20 5:10:00"),
            ("%a %b %W %M %j", "Thu Oct Thursday October 293"),
            ("%r|%T|%p|%l", "05:10:00 AM|05:10:00|AM|5"),
            ("%x-W%v", "2022-W42"),
            ("%f%%", "000000%"),
        ] {
            assert_eq!(Pattern::mysql(pattern).expect("valid").format(at).as_deref(), Some(text), "{pattern}");
        }
        assert_eq!(Pattern::mysql("%D"), None);
        assert_eq!(Pattern::mysql("50%"), None);
    }

    #[test]
    fn mysql_patterns_read_what_trino_reads() {
        for (pattern, text, expected) in [
            // Trino, "MySQL date functions": date_parse('2022/10/20/05', '%Y/%m/%d/%H').
            ("%Y/%m/%d/%H", "2022/10/20/05", Some("2022-10-20 05:00:00")),
            ("%Y-%m-%d", "2022-1-5", Some("2022-01-05 00:00:00")),
            ("%Y%m%d", "20220105", Some("2022-01-05 00:00:00")),
            ("%d %b %Y %h:%i %p", "05 jan 2022 12:30 am", Some("2022-01-05 00:30:00")),
            ("%Y-%m-%d %H:%i:%s.%f", "2022-01-05 01:02:03.25", Some("2022-01-05 01:02:03.25")),
            ("%Y-%m-%d", "2022-02-30", None),
            ("%Y-%m-%d", "2022-02-03 10", None),
        ] {
            assert_eq!(Pattern::mysql(pattern).expect("valid").parse(text), expected.map(time), "{pattern} {text}");
        }
    }

    #[test]
    fn java_patterns_of_projected_keys_go_both_ways() {
        let at = time("2024-03-07 09:00:00");
        for (pattern, text) in [
            ("yyyy-MM-dd-HH", "2024-03-07-09"),
            ("yyyyMMddHH", "2024030709"),
            ("yyyy/MM/dd/HH", "2024/03/07/09"),
            ("'dt='yyyy-MM-dd'T'HH", "dt=2024-03-07T09"),
            ("d MMM yyyy h a", "7 Mar 2024 9 AM"),
            ("yyyy-M-d H ''", "2024-3-7 9 '"),
            ("uuuu-DDD HH:mm:ss.SSS", "2024-067 09:00:00.000"),
        ] {
            assert_eq!(Pattern::java(pattern).and_then(|p| p.format(at)).as_deref(), Some(text), "{pattern}");
            assert_eq!(java_pattern::parse(text, pattern), Some(at), "{pattern}");
        }
        assert_eq!(java_pattern::parse("2024", "yyyy"), Some(time("2024-01-01 00:00:00")));
        assert_eq!(java_pattern::parse("2024-3-7", "yyyy-MM-dd"), None);
        assert_eq!(java_pattern::parse("20240307x", "yyyyMMdd"), None);
        assert_eq!(java_pattern::parse("2024-03-07", "YYYY-MM-dd"), None, "week years depend on the locale");
        assert_eq!(java_pattern::parse("é", "yyyy"), None);
        assert_eq!(Pattern::java("yyyy 'open"), None);
    }

    #[test]
    fn joda_patterns_are_lenient_about_digits() {
        let read = |text, pattern| Pattern::joda(pattern).expect("valid").parse(text);
        assert_eq!(read("2024-3-7", "yyyy-MM-dd"), Some(time("2024-03-07 00:00:00")));
        assert_eq!(read("20240307", "yyyyMMdd"), Some(time("2024-03-07 00:00:00")));
        assert_eq!(read("2024 10 1", "xxxx ww e"), Some(time("2024-03-04 00:00:00")));
        assert_eq!(
            Pattern::joda("YYYY-MM-dd HH:mm:ss Z").expect("valid").format(time("2024-03-07 09:00:00")).expect("valid"),
            "2024-03-07 09:00:00 +0000"
        );
    }
}
