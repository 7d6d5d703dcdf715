//! Bytes of SQL text: what they may be part of, and where characters begin.

/// Whether a byte is part of a bare name.
pub(super) fn is_word_byte(b: u8) -> bool {
    IS_WORD[usize::from(b)]
}

static IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = (b as u8).is_ascii_alphanumeric() || b as u8 == b'_';
        b += 1;
    }
    table
};

/// The last character boundary up to a place.
pub(super) fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
