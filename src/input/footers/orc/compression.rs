//! Sections of an ORC file: chunks with a header of three bytes, each compressed on its own or stored
//! (<https://orc.apache.org/specification/ORCv1/>, "Compression").

use std::io::Read;

use flate2::read::DeflateDecoder;
use ruzstd::decoding::StreamingDecoder;

/// The general compression of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Zlib,
    Snappy,
    Lz4,
    Zstd,
}

/// Bytes that a header can count: no chunk is larger.
const LARGEST_CHUNK: u64 = 1 << 23;

/// Larger sections are taken for damaged ones.
const LARGEST_SECTION: usize = 1 << 28;

impl Compression {
    /// From the number in the postscript.
    pub(super) fn of(kind: u32) -> Result<Compression, String> {
        match kind {
            0 => Ok(Compression::None),
            1 => Ok(Compression::Zlib),
            2 => Ok(Compression::Snappy),
            3 => Err("it is compressed with LZO, which is not read here".to_string()),
            4 => Ok(Compression::Lz4),
            5 => Ok(Compression::Zstd),
            other => Err(format!("it is compressed in an unknown way ({other})")),
        }
    }

    /// The content of a section; `None` when it is damaged.
    pub(super) fn expand(self, mut section: &[u8], block_size: u64) -> Option<Vec<u8>> {
        if self == Compression::None {
            return Some(section.to_vec());
        }
        let limit = block_size.clamp(1, LARGEST_CHUNK) as usize;
        let mut content = Vec::new();
        while let [a, b, c, rest @ ..] = section {
            let header = u32::from_le_bytes([*a, *b, *c, 0]);
            let (is_original, length) = (header & 1 == 1, (header >> 1) as usize);
            let chunk = rest.get(..length)?;
            match is_original {
                true => content.extend_from_slice(chunk),
                false => content.extend(self.expand_chunk(chunk, limit)?),
            }
            if content.len() > LARGEST_SECTION {
                return None;
            }
            section = &rest[length..];
        }
        section.is_empty().then_some(content)
    }

    fn expand_chunk(self, chunk: &[u8], limit: usize) -> Option<Vec<u8>> {
        match self {
            Compression::None => Some(chunk.to_vec()),
            Compression::Zlib => all(DeflateDecoder::new(chunk), limit),
            Compression::Zstd => all(StreamingDecoder::new(chunk).ok()?, limit),
            Compression::Snappy => {
                let fits = snap::raw::decompress_len(chunk).is_ok_and(|length| length <= limit);
                fits.then(|| snap::raw::Decoder::new().decompress_vec(chunk).ok())?
            }
            Compression::Lz4 => {
                let mut content = vec![0; limit];
                let length = lz4_flex::block::decompress_into(chunk, &mut content).ok()?;
                content.truncate(length);
                Some(content)
            }
        }
    }
}

/// Everything that a decoder gives, if it is no more than the limit.
fn all(decoder: impl Read, limit: usize) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut content).ok()?;
    (content.len() <= limit).then_some(content)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::DeflateEncoder;

    use super::*;

    fn chunk(bytes: &[u8], is_original: bool) -> Vec<u8> {
        let header = (bytes.len() as u32) << 1 | u32::from(is_original);
        [&header.to_le_bytes()[..3], bytes].concat()
    }

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).expect("write");
        encoder.finish().expect("finish")
    }

    #[test]
    fn chunks_are_compressed_or_stored() {
        let text = "abc".repeat(500);
        let snappy = snap::raw::Encoder::new().compress_vec(text.as_bytes()).expect("snappy");
        let lz4 = lz4_flex::block::compress(text.as_bytes());
        let cases =
            [(Compression::Zlib, deflated(text.as_bytes())), (Compression::Snappy, snappy), (Compression::Lz4, lz4)];
        for (compression, bytes) in cases {
            let section = [chunk(b"head", true), chunk(&bytes, false)].concat();
            let expected = format!("head{text}").into_bytes();
            assert_eq!(compression.expand(&section, 4096), Some(expected), "{compression:?}");
            assert_eq!(compression.expand(&section, 100), None, "{compression:?}: larger than a block");
            assert_eq!(compression.expand(&section[..section.len() - 1], 4096), None, "{compression:?}: cut");
            assert_eq!(
                compression.expand(&[&section[..], &[1]].concat(), 4096),
                None,
                "{compression:?}: half a header"
            );
        }
        assert_eq!(Compression::None.expand(b"plain", 10), Some(b"plain".to_vec()));
        assert_eq!(Compression::Zlib.expand(b"", 10), Some(Vec::new()));
    }

    #[test]
    fn what_is_not_read_is_said() {
        assert!(Compression::of(3).expect_err("LZO").contains("LZO"));
        assert!(Compression::of(6).expect_err("other").contains("(6)"));
    }

    proptest::proptest! {
        #[test]
        fn damaged_chunks_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
            for compression in [Compression::Zlib, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
                compression.expand(&bytes, 1 << 16);
                compression.expand(&chunk(&bytes, false), 1 << 16);
            }
        }
    }
}
