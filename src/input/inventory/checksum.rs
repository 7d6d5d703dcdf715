//! MD5 sums, which manifests carry for every file.

use std::io::{self, Read};

use md5::{Digest, Md5};

/// Passes bytes on, and sums them up.
pub(super) struct Summed<R> {
    input: R,
    sum: Md5,
    is_broken: bool,
}

impl<R: Read> Summed<R> {
    pub(super) fn new(input: R) -> Summed<R> {
        Summed { input, sum: Md5::new(), is_broken: false }
    }

    /// Whether some of the bytes could not be read.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Reads what is left, and gives the sum of all as in a manifest.
    pub(super) fn finish(mut self) -> io::Result<String> {
        let mut buffer = vec![0; 1 << 16];
        while self.read(&mut buffer)? > 0 {}
        Ok(hex(&self.sum.finalize()))
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer).inspect_err(|_| self.is_broken = true)?;
        self.sum.update(&buffer[..length]);
        Ok(length)
    }
}

/// The sum of bytes as in a manifest.
#[cfg(test)]
pub(super) fn of(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_of_all_bytes() {
        // RFC 1321, A.5.
        assert_eq!(of(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
        let mut summed = Summed::new(&b"abc"[..]);
        let mut first = [0; 1];
        summed.read_exact(&mut first).expect("read");
        assert_eq!(summed.finish().expect("sum"), of(b"abc"));
    }
}
