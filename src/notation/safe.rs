//! Text that cannot command a terminal, turn its direction, or hide anything: such characters made visible.

use std::borrow::Cow;
use std::fmt::Write;
use std::io;

/// Whether a character would act on a terminal instead of being shown: C0, DEL, C1, line and paragraph separators,
/// and the marks that turn the direction of text.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whether a character that is shown as nothing does nothing where it stands either, so that two texts look alike and are
/// not: joiners and selectors of variants belong into some scripts and into emoji, nowhere else.
fn is_hidden(c: char, before: Option<char>) -> bool {
    let before = before.unwrap_or(' ');
    match c {
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{fffc}' | '\u{200b}' => true,
        '\u{17b4}' | '\u{17b5}' | '\u{1d173}'..='\u{1d17a}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' => true,
        '\u{180b}'..='\u{180f}' => !matches!(before, '\u{1800}'..='\u{18af}'),
        '\u{200c}' | '\u{200d}' => !joins(before),
        '\u{fe00}'..='\u{fe0f}' => {
            !(joins(before) || matches!(before, '0'..='9' | '#' | '*' | '\u{a9}' | '\u{ae}' | '\u{2000}'..='\u{9fff}'))
        }
        '\u{e0100}'..='\u{e01ef}' => {
            !matches!(before, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        }
        // the flags of regions are a black flag and such letters
        '\u{e0000}'..='\u{e007f}' => !matches!(before, '\u{1f3f4}' | '\u{e0020}'..='\u{e007f}'),
        _ => false,
    }
}

/// Scripts in which letters join, and emoji.
fn joins(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}' | '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{11000}'..='\u{11fff}' | '\u{1f000}'..='\u{1faff}')
}

/// The text with every such character, and every other that cannot be seen, written as an escape: `\n`, `\x1b`, `\u{202e}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let before = std::iter::once(None).chain(text.chars().map(Some));
    if text.is_ascii() && !text.chars().any(is_control)
        || !text.chars().zip(before).any(|(c, before)| is_control(c) || is_hidden(c, before))
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_control(c) || is_hidden(c, before) => escape(u32::from(c), &mut out),
            c => out.push(c),
        }
        before = Some(c);
    }
    Cow::Owned(out)
}

fn escape(c: u32, out: &mut String) {
    super::wrote(if c < 0x100 { write!(out, "\\x{c:02x}") } else { write!(out, "\\u{{{c:x}}}") });
}

/// A terminal behind a guard: of what is written only text and the ends of lines get through; what would act on the
/// terminal, and bytes that are no UTF-8, are shown as escapes. Whatever writes the answer need not know of it.
#[derive(Debug)]
pub(crate) struct Guarded<W> {
    to: W,
    /// The beginning of a character of which the rest is not written yet.
    rest: Vec<u8>,
}

impl<W: io::Write> Guarded<W> {
    /// Guards it.
    pub(crate) fn new(to: W) -> Self {
        Self { to, rest: Vec::new() }
    }

    fn pass(&mut self, text: &str) -> io::Result<()> {
        let acts = |c: char| is_control(c) && !matches!(c, '\n' | '\t');
        if !text.chars().any(acts) {
            return self.to.write_all(text.as_bytes());
        }
        let mut out = String::with_capacity(text.len() + 8);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\r' if chars.peek() == Some(&'\n') => {} // how lines of CSV end
                c if acts(c) => escape(u32::from(c), &mut out),
                c => out.push(c),
            }
        }
        self.to.write_all(out.as_bytes())
    }
}

impl<W: io::Write> io::Write for Guarded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        // a line end that may follow tells what a carriage return is
        let held = usize::from(all.last() == Some(&b'\r'));
        let mut left = &all[..all.len() - held];
        loop {
            match std::str::from_utf8(left) {
                Ok(text) => {
                    self.pass(text)?;
                    left = &[];
                    break;
                }
                Err(error) => {
                    let (good, bad) = left.split_at(error.valid_up_to());
                    self.pass(std::str::from_utf8(good).unwrap_or_default())?;
                    left = bad;
                    let Some(length) = error.error_len() else { break };
                    let mut out = String::new();
                    bad[..length].iter().for_each(|byte| escape(u32::from(*byte), &mut out));
                    self.to.write_all(out.as_bytes())?;
                    left = &bad[length..];
                }
            }
        }
        self.rest = [left, &all[all.len() - held..]].concat();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.rest);
        let mut out = String::new();
        rest.iter().for_each(|byte| escape(u32::from(*byte), &mut out));
        self.to.write_all(out.as_bytes())?;
        self.to.flush()
    }
}

/// The same for text of several lines: line ends stay, everything else that acts is made visible.
pub(crate) fn visible_lines(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') {
        return visible(text);
    }
    Cow::Owned(text.split('\n').map(visible).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_terminal_is_left() {
        let hostile = "\u{1b}]0;pwned\u{7}\u{1b}[2J\u{9b}31m\r\n\u{202e}evil\u{2066}\u{7f}\u{200f}";
        let shown = visible(hostile);
        assert!(!shown.chars().any(is_control), "{shown:?}");
        assert!(shown.starts_with("\\x1b]0;pwned\\x07\\x1b[2J\\x9b31m\\r\\n\\u{202e}evil"));
        assert_eq!(visible_lines("a\u{1b}b\nc"), "a\\x1bb\nc");
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        let ordinary = [
            "Құрылтай 日本 👩\u{200d}⚖\u{fe0f}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "葛\u{e0100}",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
            "1\u{fe0f}\u{20e3}",
        ];
        for text in ordinary {
            assert!(matches!(visible(text), Cow::Borrowed(_)), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        let hidden = "\u{ad}\u{200b}\u{2060}\u{200d}\u{fe0f}\u{e0041}\u{34f}\u{3164}\u{115f}\u{fffc}\u{180e}\u{2063}\u{200c}\u{e0100}\u{2064}";
        for c in hidden.chars() {
            let name = format!("Құ{c}рылтай");
            assert_eq!(
                visible(&name),
                format!(
                    "Құ\\{}рылтай",
                    if c == '\u{ad}' { "xad".to_owned() } else { format!("u{{{:x}}}", u32::from(c)) }
                )
            );
        }
    }

    #[test]
    fn nothing_gets_past_the_guard_however_it_is_cut() {
        let hostile = "a\u{1b}]0;x\u{7}Құр\r\nb\rc\u{9b}31m\u{202e}\té".as_bytes();
        let hostile = [hostile, b"\xff\x9b\xe2\x80"].concat();
        let whole = |pieces: &[&[u8]]| {
            let mut to = Guarded::new(Vec::new());
            pieces.iter().for_each(|piece| io::Write::write_all(&mut to, piece).expect("memory"));
            io::Write::flush(&mut to).expect("memory");
            String::from_utf8(to.to).expect("text")
        };
        let shown = whole(&[&hostile]);
        assert_eq!(shown, "a\\x1b]0;x\\x07Құр\nb\\x0dc\\x9b31m\\u{202e}\té\\xff\\x9b\\xe2\\x80");
        for one in 0..hostile.len() {
            for two in one..hostile.len() {
                assert_eq!(whole(&[&hostile[..one], &hostile[one..two], &hostile[two..]]), shown, "{one} {two}");
            }
        }
    }
}
