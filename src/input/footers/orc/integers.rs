//! Runs of integers, bytes and bits of ORC's streams
//! (<https://orc.apache.org/specification/ORCv1/>, "Run Length Encoding"). `None` is a damaged stream.

/// Reads a stream from its start.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    /// A number of so many bytes, the highest first.
    fn big_endian(&mut self, length: usize) -> Option<u64> {
        Some(self.take(length)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// A number of seven bits a byte, the lowest first.
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.next()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// So many numbers of so many bits, the highest bit first.
    fn packed(&mut self, count: usize, width: u32) -> Option<Vec<u64>> {
        let bytes = self.take((count * width as usize).div_ceil(8))?;
        let mut values = Vec::with_capacity(count);
        let (mut bits, mut held) = (0_u128, 0);
        let mut bytes = bytes.iter();
        for _ in 0..count {
            while held < width {
                bits = bits << 8 | u128::from(*bytes.next()?);
                held += 8;
            }
            held -= width;
            values.push((bits >> held) as u64 & (u64::MAX >> (64 - width.clamp(1, 64))));
            bits &= (1 << held) - 1;
        }
        Some(values)
    }
}

fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// The first so many integers of a stream, in version 1 or 2 of the encoding.
pub(super) fn integers(stream: &[u8], count: usize, is_signed: bool, is_version_2: bool) -> Option<Vec<i64>> {
    let mut bytes = Bytes(stream);
    let mut values = Vec::with_capacity(count.min(stream.len().saturating_mul(8)));
    while values.len() < count {
        match is_version_2 {
            true => run_2(&mut bytes, is_signed, &mut values)?,
            false => run_1(&mut bytes, is_signed, &mut values)?,
        }
    }
    values.truncate(count);
    Some(values)
}

fn run_1(bytes: &mut Bytes<'_>, is_signed: bool, values: &mut Vec<i64>) -> Option<()> {
    let signed = |value: u64| if is_signed { zigzag(value) } else { value as i64 };
    let control = bytes.next()? as i8;
    if control < 0 {
        for _ in 0..-i32::from(control) {
            values.push(signed(bytes.varint()?));
        }
        return Some(());
    }
    let (delta, base) = (i64::from(bytes.next()? as i8), signed(bytes.varint()?));
    values.extend((0..i64::from(control) + 3).map(|step| base.wrapping_add(delta.wrapping_mul(step))));
    Some(())
}

fn run_2(bytes: &mut Bytes<'_>, is_signed: bool, values: &mut Vec<i64>) -> Option<()> {
    let signed = |value: u64| if is_signed { zigzag(value) } else { value as i64 };
    let first = bytes.next()?;
    if first >> 6 == 0 {
        let value = signed(bytes.big_endian(usize::from(first >> 3 & 7) + 1)?);
        values.extend(std::iter::repeat_n(value, usize::from(first & 7) + 3));
        return Some(());
    }
    let code = first >> 1 & 0x1f;
    let count = (usize::from(first & 1) << 8 | usize::from(bytes.next()?)) + 1;
    match first >> 6 {
        1 => values.extend(bytes.packed(count, width(code))?.into_iter().map(signed)),
        2 => values.extend(patched(bytes, count, width(code))?),
        _ => {
            let base = signed(bytes.varint()?);
            let delta = zigzag(bytes.varint()?);
            values.push(base);
            let mut last = base;
            let mut step = |delta: i64| {
                last = last.wrapping_add(delta);
                values.push(last);
            };
            if code == 0 {
                (1..count).for_each(|_| step(delta));
            } else if count > 1 {
                step(delta);
                let steps = bytes.packed(count - 2, width(code))?;
                steps
                    .into_iter()
                    .for_each(|size| step(if delta < 0 { (size as i64).wrapping_neg() } else { size as i64 }));
            }
        }
    }
    Some(())
}

/// Small numbers over a base, a few of them with higher bits that are listed apart.
fn patched(bytes: &mut Bytes<'_>, count: usize, value_width: u32) -> Option<Vec<i64>> {
    let (third, fourth) = (bytes.next()?, bytes.next()?);
    let base_length = usize::from(third >> 5) + 1;
    let patch_width = width(third & 0x1f);
    let gap_width = u32::from(fourth >> 5) + 1;
    let patches = usize::from(fourth & 0x1f);
    let base = bytes.big_endian(base_length)?;
    let sign = 1_u64 << (base_length * 8 - 1);
    let base = if base & sign != 0 { -((base & !sign) as i64) } else { base as i64 };
    let mut values = bytes.packed(count, value_width)?;
    let mut at = 0_usize;
    for entry in bytes.packed(patches, rounded(patch_width + gap_width))? {
        let patch = entry & (u64::MAX >> (64 - patch_width));
        at += entry.checked_shr(patch_width).unwrap_or(0) as usize;
        *values.get_mut(at)? |= patch.checked_shl(value_width).unwrap_or(0);
    }
    Some(values.into_iter().map(|value| base.wrapping_add(value as i64)).collect())
}

/// Bits that a code of five bits stands for.
fn width(code: u8) -> u32 {
    match code {
        0..=23 => u32::from(code) + 1,
        24..=27 => 26 + 2 * u32::from(code - 24),
        _ => 40 + 8 * u32::from(code - 28),
    }
}

/// The next number of bits that has a code.
fn rounded(bits: u32) -> u32 {
    (0..32).map(width).find(|width| *width >= bits).unwrap_or(64)
}

/// The first so many bits of a stream of bytes.
pub(super) fn bits(stream: &[u8], count: usize) -> Option<Vec<bool>> {
    let mut bytes = Bytes(stream);
    let mut values = Vec::with_capacity(count.min(stream.len().saturating_mul(8 * 65)));
    while values.len() < count {
        let control = bytes.next()? as i8;
        let mut push = |byte: u8| values.extend((0..8).rev().map(|bit| byte >> bit & 1 == 1));
        if control < 0 {
            for _ in 0..-i32::from(control) {
                push(bytes.next()?);
            }
        } else {
            let byte = bytes.next()?;
            (0..i32::from(control) + 3).for_each(|_| push(byte));
        }
    }
    values.truncate(count);
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the specification.
    #[test]
    fn integers_are_read_in_all_encodings() {
        let unsigned = |bytes: &[u8], count| integers(bytes, count, false, true).expect("integers");
        assert_eq!(unsigned(&[0x0a, 0x27, 0x10], 5), [10000; 5]);
        assert_eq!(
            unsigned(&[0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef], 4),
            [23713, 43806, 57005, 48879]
        );
        let primes = [0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46];
        assert_eq!(unsigned(&primes, 10), [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
        let patched = [
            0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46, 0x50, 0x5a, 0x64, 0x6e,
            0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8,
        ];
        let mut expected: Vec<i64> = (0..20).map(|i| 2030 + 10 * (i - 3)).collect();
        expected[..5].copy_from_slice(&[2030, 2000, 2020, 1_000_000, 2040]);
        assert_eq!(unsigned(&patched, 20), expected);
        let version_1 = |bytes: &[u8], count, signed| integers(bytes, count, signed, false).expect("integers");
        assert_eq!(version_1(&[0x61, 0x00, 0x07], 100, false), [7; 100]);
        assert_eq!(version_1(&[0x61, 0xff, 0x64], 100, false), (1..=100).rev().collect::<Vec<i64>>());
        assert_eq!(version_1(&[0xfb, 0x02, 0x03, 0x06, 0x07, 0x0b], 5, false), [2, 3, 6, 7, 11]);
        assert_eq!(version_1(&[0xfd, 0x01, 0x02, 0x03], 3, true), [-1, 1, -2]);
        assert_eq!(integers(&[0x0a, 0x27], 5, false, true), None);
    }

    #[test]
    fn bits_are_read() {
        assert_eq!(bits(&[0xff, 0x80], 8).expect("bits"), [true, false, false, false, false, false, false, false]);
        assert_eq!(bits(&[0x00, 0xf0], 20).expect("bits").iter().filter(|bit| **bit).count(), 12);
        assert_eq!(bits(&[0xfe, 0x80], 9), None);
    }

    proptest::proptest! {
        #[test]
        fn damaged_streams_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60), count in 0usize..2000) {
            for (is_signed, is_version_2) in [(false, false), (true, false), (false, true), (true, true)] {
                integers(&bytes, count, is_signed, is_version_2);
            }
            bits(&bytes, count);
        }
    }
}
