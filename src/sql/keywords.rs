//! The parser's keywords, found by a hash of the word: its own search takes ten comparisons for every word of a text.

use std::sync::LazyLock;

use sqlparser::keywords::{ALL_KEYWORDS, ALL_KEYWORDS_INDEX, Keyword};

/// Places of the table: a power of two, several times the number of keywords.
const PLACES: usize = 8_192;
const _: () = assert!(ALL_KEYWORDS.len() * 4 < PLACES, "an empty place ends every search");

/// Positions in the list of keywords plus one; 0 where there is none.
static TABLE: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut table = vec![0; PLACES];
    for (i, keyword) in ALL_KEYWORDS.iter().enumerate() {
        let mut place = place(keyword);
        while table[place] != 0 {
            place = (place + 1) % PLACES;
        }
        table[place] = i as u16 + 1;
    }
    table
});

fn place(word: &str) -> usize {
    let hash = word
        .bytes()
        .fold(0x811c_9dc5u32, |hash, b| (hash ^ u32::from(b.to_ascii_uppercase())).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 15) as usize % PLACES
}

/// The keyword that a bare word is, in any case.
pub(super) fn lookup(word: &str) -> Keyword {
    let table = &*TABLE;
    let mut place = place(word);
    loop {
        let Some(i) = usize::from(table[place]).checked_sub(1) else { return Keyword::NoKeyword };
        if ALL_KEYWORDS[i].eq_ignore_ascii_case(word) {
            return ALL_KEYWORDS_INDEX[i];
        }
        place = (place + 1) % PLACES;
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::tokenizer::Token;

    use super::*;

    #[test]
    fn words_are_the_keywords_that_the_parser_takes_them_for() {
        let words =
            ALL_KEYWORDS.iter().flat_map(|w| [w.to_string(), w.to_lowercase(), format!("{w}_"), w[1..].to_string()]);
        for word in words.chain(["order_id".to_string(), "größe".to_string()]) {
            let Token::Word(parsed) = Token::make_word(&word, None) else { panic!("a word") };
            assert_eq!(lookup(&word), parsed.keyword, "{word}");
        }
    }
}
