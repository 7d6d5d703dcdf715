//! MD5 sums of several files at once. Each step of a sum waits for the one before it, so a processor has time for eight sums, step
//! by step beside each other, while it works out one (RFC 1321).

use std::io::{self, Read};

use wide::u32x4;

use super::checksum::{Summed, hex};

/// Files that are summed at once: two registers of four words.
pub(super) const LANES: usize = 8;
/// Fewer are summed sooner one by one.
const FEW: usize = 4;
/// Bytes that a step takes of every file.
const BLOCK: usize = 64;
const BUFFER: usize = 512 * BLOCK;

const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The whole parts of 2³² times the sines of 1 to 64.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// The sums of up to [`LANES`] inputs, as in a manifest.
pub(super) fn of_all<R: Read>(inputs: Vec<R>) -> Vec<io::Result<String>> {
    if inputs.len() < FEW {
        return inputs.into_iter().map(|input| Summed::new(input).finish()).collect();
    }
    assert!(inputs.len() <= LANES, "one lane for each input");
    let mut lanes: Vec<Lane<R>> = inputs.into_iter().map(Lane::new).collect();
    let mut state = START.map(|word| [u32x4::splat(word); 2]);
    loop {
        lanes.iter_mut().for_each(Lane::fill);
        let open = || lanes.iter().filter(|lane| lane.sum.is_none());
        let Some(blocks) = open().map(Lane::blocks).min() else { break };
        for block in 0..blocks {
            let at = |number: usize| lanes.get(number).map_or(&[0; BLOCK], |lane| lane.block(block));
            add(&mut state, std::array::from_fn(at));
        }
        for (number, lane) in lanes.iter_mut().enumerate().filter(|(_, lane)| lane.sum.is_none()) {
            lane.start += blocks * BLOCK;
            if lane.is_padded && lane.blocks() == 0 {
                let words = state.iter().flat_map(|word| word[number / 4].to_array()[number % 4].to_le_bytes());
                lane.sum = Some(Ok(hex(&words.collect::<Vec<u8>>())));
            }
        }
    }
    lanes.into_iter().filter_map(|lane| lane.sum).collect()
}

/// One input.
struct Lane<R> {
    input: R,
    /// What was read and not added yet lies from `start` to `end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    bytes: u64,
    /// Its end was met, and its length follows in the buffer.
    is_padded: bool,
    sum: Option<io::Result<String>>,
}

impl<R: Read> Lane<R> {
    fn new(input: R) -> Lane<R> {
        Lane { input, buffer: vec![0; BUFFER + 2 * BLOCK], start: 0, end: 0, bytes: 0, is_padded: false, sum: None }
    }

    fn blocks(&self) -> usize {
        (self.end - self.start) / BLOCK
    }

    /// A block that was read; of a lane that has ended any bytes.
    fn block(&self, number: usize) -> &[u8; BLOCK] {
        let from = if self.sum.is_none() { self.start } else { 0 } + number * BLOCK;
        self.buffer[from..].first_chunk().expect("a lane has room for as many blocks as any other")
    }

    /// Reads on where no whole block is left.
    fn fill(&mut self) {
        if self.sum.is_some() || self.is_padded || self.blocks() > 0 {
            return;
        }
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        while self.end < BUFFER && !self.is_padded {
            match self.input.read(&mut self.buffer[self.end..BUFFER]) {
                Ok(0) => self.pad(),
                Ok(length) => {
                    self.end += length;
                    self.bytes += length as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.sum = Some(Err(error));
                    return;
                }
            }
        }
    }

    /// One set bit, and the length in bits at the end of a block.
    fn pad(&mut self) {
        let end = (self.end + 9).next_multiple_of(BLOCK);
        self.buffer[self.end..end].fill(0);
        self.buffer[self.end] = 0x80;
        self.buffer[end - 8..end].copy_from_slice(&self.bytes.wrapping_mul(8).to_le_bytes());
        (self.end, self.is_padded) = (end, true);
    }
}

/// One word of every lane.
type Words = [u32x4; 2];

fn each(of: impl Fn(usize) -> u32x4) -> Words {
    [of(0), of(1)]
}

/// Four steps, each with its own rotation, four times over.
macro_rules! round {
    ($state:ident, $words:ident, $first:literal, $mix:expr, $word:expr, $a:literal $b:literal $c:literal $d:literal) => {
        let [mut a, mut b, mut c, mut d] = $state;
        let (mix, word) = ($mix, |step: usize| &$words[$word(step) % 16]);
        for four in (0..16).step_by(4) {
            let sine = |step: usize| SINES[$first + four + step];
            a = step::<$a, { 32 - $a }>(a, b, each(|i| mix(b[i], c[i], d[i])), sine(0), word(four));
            d = step::<$b, { 32 - $b }>(d, a, each(|i| mix(a[i], b[i], c[i])), sine(1), word(four + 1));
            c = step::<$c, { 32 - $c }>(c, d, each(|i| mix(d[i], a[i], b[i])), sine(2), word(four + 2));
            b = step::<$d, { 32 - $d }>(b, c, each(|i| mix(c[i], d[i], a[i])), sine(3), word(four + 3));
        }
        $state = [a, b, c, d];
    };
}

#[inline(always)]
fn step<const LEFT: u32, const RIGHT: u32>(a: Words, b: Words, mixed: Words, sine: u32, word: &Words) -> Words {
    let sine = u32x4::splat(sine);
    each(|i| {
        let sum = a[i] + mixed[i] + (sine + word[i]);
        ((sum << LEFT) | (sum >> RIGHT)) + b[i]
    })
}

/// Adds one block of every lane.
#[inline(never)]
fn add(state: &mut [Words; 4], blocks: [&[u8; BLOCK]; LANES]) {
    let of = |lane: usize, word: usize| {
        let bytes = blocks[lane][4 * word..].first_chunk().expect("a block has sixteen words");
        u32::from_le_bytes(*bytes)
    };
    let four = |lane: usize, word: usize| {
        u32x4::new([of(lane, word), of(lane + 1, word), of(lane + 2, word), of(lane + 3, word)])
    };
    let words: [Words; 16] = std::array::from_fn(|word| each(|half| four(4 * half, word)));
    let mut now = *state;
    round!(now, words, 0, |x: u32x4, y: u32x4, z: u32x4| z ^ (x & (y ^ z)), |step: usize| step, 7 12 17 22);
    round!(now, words, 16, |x: u32x4, y: u32x4, z: u32x4| y ^ (z & (x ^ y)), |step: usize| 5 * step + 1, 5 9 14 20);
    round!(now, words, 32, |x: u32x4, y: u32x4, z: u32x4| x ^ y ^ z, |step: usize| 3 * step + 5, 4 11 16 23);
    round!(now, words, 48, |x: u32x4, y: u32x4, z: u32x4| y ^ (x | !z), |step: usize| 7 * step, 6 10 15 21);
    for (sum, new) in state.iter_mut().zip(now) {
        *sum = each(|i| sum[i] + new[i]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::checksum;
    use super::*;

    /// Fails after its bytes.
    struct Broken<'a>(&'a [u8]);

    impl Read for Broken<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.is_empty() {
                true => Err(io::Error::other("broken")),
                false => self.0.read(buffer),
            }
        }
    }

    #[test]
    fn an_input_that_breaks_leaves_the_others_their_sums() {
        let bytes = vec![7; 3 * BUFFER];
        let mut inputs: Vec<Box<dyn Read + '_>> =
            vec![Box::new(&bytes[..]), Box::new(Broken(&bytes[1..])), Box::new(&bytes[..5])];
        inputs.push(Box::new(io::empty()));
        let sums = of_all(inputs);
        assert_eq!(sums.len(), FEW);
        assert_eq!(sums[0].as_ref().expect("sum"), &checksum::of(&bytes));
        assert!(sums[1].is_err());
        assert_eq!(sums[2].as_ref().expect("sum"), &checksum::of(&bytes[..5]));
    }

    proptest! {
        #[test]
        fn sums_are_those_of_the_files_one_by_one(lengths in proptest::collection::vec(
            prop_oneof![0..200_usize, BUFFER - 70..BUFFER + 70, 0..3 * BUFFER], 0..=LANES), seed in any::<u8>()) {
            let byte = |i: usize| (i.wrapping_mul(0x9E37_79B1) >> 13) as u8 ^ seed;
            let files: Vec<Vec<u8>> = lengths.iter().map(|length| (0..*length).map(byte).collect()).collect();
            let sums: Vec<String> = of_all(files.iter().map(Vec::as_slice).collect()).into_iter().map(|sum| sum.expect("sum")).collect();
            let expected: Vec<String> = files.iter().map(|file| checksum::of(file)).collect();
            prop_assert_eq!(sums, expected);
        }
    }
}
