//! Each format gives the paragraphs that a reader sees; what is damaged, packed too tight or says nothing is refused.

use std::io::{Cursor, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;

fn texts(name: &str, bytes: &[u8]) -> Vec<String> {
    let paper = read(name, bytes).expect("it can be read");
    paper
        .parts
        .into_iter()
        .flat_map(|part| part.text.split('\n').map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| !line.is_empty())
        .collect()
}

fn refused(name: &str, bytes: &[u8]) -> String {
    let why = read(name, bytes).expect_err("it cannot be read");
    assert!(!why.hint.is_empty(), "{}: says what to do", why.message);
    why.message
}

/// A Word document with this body.
fn docx(body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let document = format!(
        "<?xml version=\"1.0\"?><w:document xmlns:w=\"w\" xmlns:a=\"a\" xmlns:mc=\"mc\"><w:body>{body}</w:body></w:document>"
    );
    for (name, text) in [("word/document.xml", document.as_str())].iter().chain(more) {
        zip.start_file(*name, options).expect("begun");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("whole").into_inner()
}

/// A PDF whose pages have these lines in Helvetica: where each begins from the left and from the bottom, and its text.
fn pdf(pages: &[&[(u32, u32, &str)]]) -> Vec<u8> {
    let mut objects: Vec<String> = vec!["<< /Type /Catalog /Pages 2 0 R >>".to_owned()];
    let kids: Vec<String> = (0..pages.len()).map(|at| format!("{} 0 R", 4 + at * 2)).collect();
    objects.push(format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()));
    objects.push("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned());
    for (at, lines) in pages.iter().enumerate() {
        let content: String =
            lines.iter().map(|(x, y, text)| format!("BT /F1 10 Tf {x} {y} Td ({text}) Tj ET\n")).collect();
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
            5 + at * 2
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}endstream", content.len()));
    }
    written(&objects)
}

fn written(objects: &[String]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(out.len());
        out.extend(format!("{number} 0 obj\n{object}\nendobj\n").into_bytes());
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    places.iter().for_each(|place| out.extend(format!("{place:010} 00000 n \n").into_bytes()));
    out.extend(
        format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).into_bytes(),
    );
    out
}

#[test]
fn markdown_is_read_by_blocks() {
    let text = "---\ntitle: \"Report\"\ndate: 2011-05-02\n---\n# The *harbour*\n\nThe Pilot Office was\nopened in **1961**.\n\n\
                - one\n- two,\n  still two\n\n| a | b |\n|---|---|\n| c | d |\n\n```\ncode 1\ncode 2\n```\n> quoted ![picture](x.png)\n<!-- no text -->\n";
    let wanted = [
        "The harbour",
        "The Pilot Office was opened in 1961.",
        "one",
        "two, still two",
        "a",
        "b",
        "c",
        "d",
        "code 1",
        "code 2",
        "quoted",
    ];
    assert_eq!(texts("r.md", text.as_bytes()), wanted);
    let told = read("r.md", text.as_bytes()).expect("read").told;
    assert_eq!((told.title.as_str(), told.date.as_str()), ("Report", "2011-05-02"));
}

#[test]
fn html_is_read_by_blocks_in_its_own_encoding() {
    let text = "<!doctype html><html lang=\"ru-RU\"><head><meta charset=windows-1251><title>Отчёт\n2011</title>\
                <meta name=author content=\"Ada\"><meta property=\"article:published_time\" content=\"2011-05-02T10:00:00Z\">\
                <link rel=canonical href=\"https://example.org/r\"><style>p{}</style></head><body><h1>The <em>har</em>bour</h1>\
                <script>if (a<b) document.write('<p>no')</script><p>One&nbsp;line<br>of two\n<p>Next &amp; last<table><tr><td>c<td>d</table>\
                <ul><li>item<li>other</ul><pre>a\n  b</pre>x<br><br>y<textarea>no</textarea>\
                <select><option>no</select><noscript>no</noscript>";
    let (bytes, _, lossy) = encoding_rs::WINDOWS_1251.encode(text);
    assert!(!lossy);
    let wanted = ["The harbour", "One line of two", "Next & last", "c", "d", "item", "other", "a", "b", "x", "y"];
    assert_eq!(texts("r.html", &bytes), wanted);
    let told = read("r.html", &bytes).expect("read").told;
    let said = [told.title, told.author, told.date, told.language, told.url];
    assert_eq!(said, ["Отчёт 2011", "Ada", "2011-05-02", "ru", "https://example.org/r"]);
    assert!(refused("r.html", b"<p>\xff\xfe\xfd").contains("is not text in UTF-8"));
}

#[test]
fn word_documents_are_read_by_paragraphs_with_pages() {
    let run = |text: &str| format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>");
    let body = format!(
        "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr>{}{}</w:p><w:p/>\
         <w:p>{}<w:r><w:tab/><w:t>tab</w:t><w:br/><w:t>line</w:t><w:noBreakHyphen/><w:t>x</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>\
         <w:tbl><w:tr><w:tc><w:p>{}</w:p></w:tc><w:tc><w:p>{}</w:p></w:tc></w:tr></w:tbl>\
         <w:p><w:r><w:lastRenderedPageBreak/><w:t>On the next page.</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>\
         <w:p>{}<mc:AlternateContent><mc:Choice><w:txbxContent><w:p>{}</w:p></w:txbxContent></mc:Choice><mc:Fallback><w:p>{}</w:p></mc:Fallback></mc:AlternateContent>{}</w:p>",
        run("One "),
        run("&amp; two."),
        run("With"),
        run("cell"),
        run("other"),
        run("around "),
        run("boxed"),
        run("again"),
        run("it")
    );
    let notes = "<w:footnotes xmlns:w=\"w\"><w:footnote w:type=\"separator\"><w:p><w:r><w:t>no</w:t></w:r></w:p></w:footnote>\
                 <w:footnote w:id=\"2\"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let core = "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\" xmlns:dcterms=\"t\"><dc:title>Report</dc:title><dc:creator>Ada</dc:creator>\
                <dcterms:created>2011-05-02T10:00:00Z</dcterms:created></cp:coreProperties>";
    let bytes = docx(&body, &[("word/footnotes.xml", notes), ("docProps/core.xml", core)]);
    let paper = read("r.docx", &bytes).expect("read");
    let found: Vec<(&str, u32)> = paper.parts.iter().map(|part| (part.text.as_str(), part.page)).collect();
    assert_eq!(
        found,
        [
            ("One & two.", 1),
            ("With tab line-x", 1),
            ("cell", 1),
            ("other", 1),
            ("On the next page.", 2),
            ("boxed", 2),
            ("around it", 2),
            ("A note.", 0)
        ]
    );
    assert_eq!((paper.told.title.as_str(), paper.told.date.as_str()), ("Report", "2011-05-02"));
}

#[test]
fn a_pdf_is_read_by_lines_that_belong_together() {
    let one: &[(u32, u32, &str)] = &[
        (40, 580, "Annual report"),
        (40, 540, "The Pilot Office was opened in the year nineteen hundred and sixty-"),
        (40, 528, "one. It was merged into the Harbour Office on 1 July 1998 by de-"),
        (40, 516, "cree."),
        (40, 490, "A second paragraph stands here, as long as a line may be in this text"),
        (40, 478, "and goes on over the page, because it does not end"),
        (40, 20, "1"),
    ];
    let two: &[(u32, u32, &str)] =
        &[(40, 580, "before the next one."), (40, 550, "\\(Last\\) words, of sixty-one letters."), (40, 20, "2")];
    let paper = read("r.pdf", &pdf(&[one, two])).expect("read");
    let found: Vec<(&str, u32)> = paper.parts.iter().map(|part| (part.text.as_str(), part.page)).collect();
    assert_eq!(
        found,
        [
            ("Annual report", 1),
            (
                "The Pilot Office was opened in the year nineteen hundred and sixty-one. It was merged into the Harbour Office on 1 July 1998 by decree.",
                1
            ),
            (
                "A second paragraph stands here, as long as a line may be in this text and goes on over the page, because it does not end before the next one.",
                1
            ),
            ("(Last) words, of sixty-one letters.", 2),
        ]
    );
}

#[test]
fn what_cannot_be_read_is_refused_with_what_to_do() {
    assert!(refused("r.txt", b"\xff\xfeb\0").contains("UTF-16"));
    assert!(refused("r.txt", b"caf\xe9").contains("not UTF-8 after byte 3"));
    assert!(refused("r.txt", b"a\0b").contains("zero byte"));
    assert!(refused("r.txt", b"%PDF-1.4").contains("is a PDF"));
    assert!(refused("r.doc", b"x").contains("old Word document"));
    assert!(refused("r.docx", b"PK\x03\x04 no archive").contains("archive cannot be read"));
    assert!(refused("r.docx", &[0xD0, 0xCF, 0x11, 0xE0, 0, 0]).contains("protected by a password"));
    assert!(refused("r.docx", &docx("<w:p><w:r><w:t>open", &[])).contains("is damaged"));
    assert!(refused("r.pdf", b"no pdf at all").contains("is no PDF"));
    assert!(refused("r.pdf", b"%PDF-1.4\nnothing").contains("damaged PDF"));
    assert!(refused("r.pdf", &pdf(&[&[]])).contains("holds no text"));
    let mut other = ZipWriter::new(Cursor::new(Vec::new()));
    other
        .start_file("x.txt", SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))
        .expect("begun");
    assert!(refused("r.docx", &other.finish().expect("whole").into_inner()).contains("word/document.xml is not in it"));
}

#[test]
fn what_swells_is_refused_and_not_held() {
    let packed = |size: usize| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        let zeros = vec![b' '; 1 << 20];
        (0..size >> 20).for_each(|_| encoder.write_all(&zeros).expect("packed"));
        encoder.finish().expect("packed")
    };
    let bomb = packed((MAX_TEXT as usize) + (2 << 20));
    let mut bytes = b"%PDF-1.4\n1 0 obj\n<< /Filter /FlateDecode >>\nstream\n".to_vec();
    bytes.extend(&bomb);
    bytes.extend(b"\nendstream\nendobj\n");
    assert!(refused("r.pdf", &bytes).contains("swells"), "{}", bytes.len());
}

/// Whatever is done to the bytes of a document: reading ends, with text or with a reason.
#[test]
fn mutilated_documents_are_read_or_refused_without_a_panic() {
    let lines: &[(u32, u32, &str)] = &[(40, 540, "The Pilot Office was opened."), (40, 528, "It was merged.")];
    let seeds: [(&str, Vec<u8>); 4] = [
        ("r.pdf", pdf(&[lines, lines])),
        ("r.docx", docx("<w:p><w:r><w:t>The Pilot &amp; Office</w:t></w:r></w:p>", &[])),
        ("r.html", b"<html><head><title>x</title><body><p>The <b>Pilot</b> &amp; Office<br><br>x".to_vec()),
        ("r.md", b"# A\n\n- b\n- c\n\n| d |\n|---|\n| e |\n".to_vec()),
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below.max(1) as u64).unwrap_or(0)
    };
    let mut ended = 0;
    for _ in 0..300 {
        for (name, seed) in &seeds {
            let mut bytes = seed.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes.truncate(at),
                    1 if at < bytes.len() => drop(bytes.remove(at)),
                    2 if at < bytes.len() => bytes[at] ^= 1 << random(8),
                    _ => bytes.insert(at.min(bytes.len()), b"<>&/()[]0 \n\xff"[random(12)]),
                }
            }
            ended += usize::from(read(name, &bytes).map_or_else(|why| !why.message.is_empty(), |_| true));
        }
    }
    assert_eq!(ended, 1200);
}
