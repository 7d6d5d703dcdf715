//! Which names occur in SQL texts: a cheap look that may find too many, never too few.

use std::collections::HashSet;

use rayon::prelude::*;

/// Lower-case names to look for.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    /// Names that are one word.
    words: HashSet<&'a str>,
    /// Names with other characters, which only quotes allow.
    odd: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(names: impl IntoIterator<Item = &'a str>) -> Names<'a> {
        let (words, odd) = names.into_iter().partition(|name| !name.is_empty() && name.bytes().all(is_word));
        Names { words, odd }
    }

    /// Those that occur in any of the texts, in any case, quoted or not.
    pub(super) fn found(&self, texts: &[&str]) -> HashSet<&'a str> {
        texts.par_iter().map(|text| self.found_in(text)).reduce(HashSet::new, |mut all, more| {
            all.extend(more);
            all
        })
    }

    fn found_in(&self, text: &str) -> HashSet<&'a str> {
        let mut found = HashSet::new();
        let mut lower = String::new();
        for word in text.split(|c: char| c.is_ascii() && !is_word(c as u8)).filter(|word| !word.is_empty()) {
            lower.clear();
            match word.is_ascii() {
                true => lower.extend(word.bytes().map(|b| char::from(b.to_ascii_lowercase()))),
                false => lower.push_str(&word.to_lowercase()),
            }
            found.extend(self.words.get(lower.as_str()));
        }
        if !self.odd.is_empty() {
            // A quote in a name is written twice: such a name is not looked for but taken.
            let text = text.to_lowercase();
            let occurs = |name: &str| name.contains(['"', '`']) || text.contains(name);
            found.extend(self.odd.iter().filter(|name| occurs(name)));
        }
        found
    }
}

/// Letters of any script count as parts of words.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_words_in_any_case_and_quoting() {
        let names = Names::new(["sales", "orders", "größe", "my-table", "sa", "q\"t", "events"]);
        let found = |text: &str| {
            let mut found: Vec<_> = names.found(&[text]).into_iter().collect();
            found.sort_unstable();
            found.retain(|name| *name != "q\"t");
            found
        };
        assert_eq!(found("select * from Lake.SALES s"), ["sales"]);
        assert_eq!(found("select * from \"lake\".\"Sales\"; select 1 from `orders`"), ["orders", "sales"]);
        assert_eq!(found("from {{ ref('sales') }} join \"My-Table\""), ["my-table", "sales"]);
        assert_eq!(found("from GRÖßE, \"events$partitions\""), ["events", "größe"]);
        assert_eq!(found("from presales, sales_2024, ünsales"), [""; 0]);
        assert_eq!(names.found(&["from sales", "from orders"]).len(), 3, "a name with a quote is always taken");
    }
}
