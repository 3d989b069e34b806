//! Text in other encodings as UTF-8: which one it is, and the way from it.
//!
//! | sign | encoding |
//! |---|---|
//! | a byte order mark | UTF-8 (the mark is left out), UTF-16 |
//! | `--encoding` | what it says |
//! | `<?xml … encoding="…"?>`, or `<` and `?` as UTF-16 | what it says |
//! | none of these | UTF-8, byte for byte: readers say where it is not |
//!
//! What is not text of the encoding is an error, never a replacement character.

use std::io::{BufRead, Read};

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::{Error, Result};

/// A character encoding by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

impl Charset {
    /// The encoding of this name, as the web knows it: `utf-8`, `utf-16`, `latin1`, `windows-1251`, `gbk` …
    ///
    /// ```
    /// use shejire::io::read::Charset;
    ///
    /// assert!(Charset::named("windows-1251").is_some());
    /// assert!(Charset::named("rot13").is_none());
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Encoding::for_label(name.trim().as_bytes()).map(Self)
    }
}

/// How many bytes at the beginning are looked at: an XML declaration stands in them.
pub(super) const HEAD: usize = 1024;

/// What the beginning of a file says about the rest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    encoding: &'static Encoding,
    /// Bytes of the mark, which is no text.
    mark: usize,
}

impl Told {
    /// Looks at the beginning. Errors: XML that declares an encoding nobody knows.
    pub(super) fn by(head: &[u8], stated: Option<Charset>) -> Result<Self> {
        if let Some((encoding, mark)) = Encoding::for_bom(head) {
            return Ok(Self { encoding, mark });
        }
        let encoding = match (stated, head) {
            (Some(Charset(encoding)), _) => encoding,
            (None, [b'<', 0, b'?', 0, ..]) => UTF_16LE,
            (None, [0, b'<', 0, b'?', ..]) => UTF_16BE,
            (None, head) => match declared(head) {
                // what is declared as UTF-16 but can be read byte by byte is not UTF-16
                Some(name) if name.to_ascii_lowercase().starts_with("utf-16") => UTF_8,
                Some(name) => {
                    let unknown =
                        || Error::data(format!("the file declares the encoding {name:?}, which nobody knows"));
                    Charset::named(&name).ok_or_else(|| unknown().hint("say --encoding NAME"))?.0
                }
                None => UTF_8,
            },
        };
        Ok(Self { encoding, mark: 0 })
    }

    /// The text of `input`, which begins where the file does.
    pub(super) fn text<R: BufRead + Send + 'static>(&self, mut input: R) -> std::io::Result<Box<dyn BufRead + Send>> {
        input.by_ref().take(self.mark as u64).read_exact(&mut vec![0; self.mark])?;
        if self.encoding == UTF_8 {
            return Ok(Box::new(input));
        }
        let decoder = self.encoding.new_decoder_without_bom_handling();
        let decoded = Decoded { input, decoder, text: vec![0; 1 << 16], ready: 0..0, taken: 0, ended: false };
        Ok(Box::new(std::io::BufReader::with_capacity(1 << 16, decoded)))
    }
}

/// The encoding an XML declaration names.
fn declared(head: &[u8]) -> Option<String> {
    let rest = head.strip_prefix(b"<?xml")?;
    let end = rest.windows(2).position(|w| w == b"?>")?;
    let text = std::str::from_utf8(&rest[..end]).ok()?;
    let value = text.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split_once(quote)?.0.to_owned())
}

/// Bytes of another encoding, read as UTF-8.
struct Decoded<R> {
    input: R,
    decoder: encoding_rs::Decoder,
    text: Vec<u8>,
    ready: std::ops::Range<usize>,
    /// Bytes taken from the input.
    taken: u64,
    ended: bool,
}

impl<R: BufRead> Decoded<R> {
    fn refill(&mut self) -> std::io::Result<()> {
        while self.ready.is_empty() && !self.ended {
            let from = self.input.fill_buf()?;
            let last = from.is_empty();
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(from, &mut self.text, last);
            self.input.consume(read);
            self.taken += read as u64;
            self.ready = 0..written;
            match result {
                DecoderResult::Malformed(..) => {
                    let name = self.decoder.encoding().name();
                    let message = format!("before byte {} there is something that is not {name}", self.taken);
                    return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message));
                }
                DecoderResult::InputEmpty => self.ended = last,
                DecoderResult::OutputFull => {}
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.refill()?;
        let count = buffer.len().min(self.ready.len());
        buffer[..count].copy_from_slice(&self.text[self.ready.start..self.ready.start + count]);
        self.ready.start += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], stated: Option<&str>) -> std::io::Result<String> {
        let told = Told::by(&bytes[..bytes.len().min(HEAD)], stated.and_then(Charset::named)).expect("known");
        let mut out = String::new();
        told.text(Cursor::new(bytes.to_vec()))?.read_to_string(&mut out)?;
        Ok(out)
    }

    /// Text as UTF-16, which `encoding_rs` reads and does not write.
    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    proptest! {
        #[test]
        fn a_mark_says_what_text_is_and_is_no_text(text in "\\PC{0,40}") {
            prop_assert_eq!(read(format!("\u{feff}{text}").as_bytes(), None).expect("UTF-8"), text.clone());
            for big in [false, true] {
                prop_assert_eq!(read(&utf16(&format!("\u{feff}{text}"), big), None).expect("UTF-16"), text.clone());
                let stated = if big { "utf-16be" } else { "utf-16le" };
                prop_assert_eq!(read(&utf16(&text, big), Some(stated)).expect("UTF-16"), text.clone());
            }
        }

        #[test]
        fn what_is_stated_or_declared_holds(text in "[ -~а-яЁё]{0,40}") {
            let (bytes, encoding, lost) = encoding_rs::WINDOWS_1251.encode(&text);
            prop_assert!(!lost && encoding.name() == "windows-1251");
            prop_assert_eq!(read(&bytes, Some("windows-1251")).expect("text"), text.clone());
            let xml = [&b"<?xml version='1.0' encoding='windows-1251'?>"[..], &bytes].concat();
            prop_assert!(read(&xml, None).expect("text").ends_with(&text));
        }
    }

    #[test]
    fn what_is_no_text_of_its_encoding_is_an_error() {
        let error = read(&[0xff, 0xfe, b'a', 0, 0, 0xd8], None).expect_err("half a character");
        assert!(error.to_string().contains("not UTF-16LE"), "{error}");
        assert!(Told::by(b"<?xml version='1.0' encoding='klingon'?>", None).is_err());
        assert_eq!(
            read(b"<?xml encoding='UTF-16'?>a", None).expect("a stale declaration"),
            "<?xml encoding='UTF-16'?>a"
        );
        assert_eq!(read(b"", None).expect("nothing"), "");
        let long = "ж".repeat(200_000);
        assert_eq!(read(&utf16(&format!("\u{feff}{long}"), false), None).expect("long"), long);
    }
}
