//! The headers of plain tables, as Gephi and most lists of edges have them: `Id` and whatever is said of a node, or `Source`
//! and `Target` and whatever is said of an edge. A colon means nothing here.

use super::Head;
use super::header::{Column, Header, Role};
use crate::error::Result;

/// What the ends of an edge are called, start and end, in small letters without anything between them. A table that has an
/// `Id` beside the last ones is one of nodes.
const ENDS: [(&[&str], &[&str]); 7] = [
    (
        &["source", "sourceid", "sourcenode", "sourcenodeid", "src", "srcid"],
        &["target", "targetid", "targetnode", "targetnodeid", "dst", "dstid", "dest", "destination", "tgt"],
    ),
    (&["from", "fromid", "fromnode", "fromnodeid"], &["to", "toid", "tonode", "tonodeid"]),
    (&["start", "startid", "startnode", "startnodeid"], &["end", "endid", "endnode", "endnodeid"]),
    (&["subject", "subjectid"], &["object", "objectid"]),
    (&["node1", "node1id", "nodea"], &["node2", "node2id", "nodeb"]),
    (&["u"], &["v"]),
    (&["origin"], &["destination"]),
];
/// How many of them are ends whatever stands beside them.
const SURE: usize = 2;
/// What the id of a node is called.
const IDS: [&str; 3] = ["id", "node", "nodeid"];
/// What the type of an edge is called; the first that is there says it. `type` alone may say a direction instead.
const TYPES: [&str; 7] = ["label", "relation", "relationship", "predicate", "interaction", "edgetype", "reltype"];

/// The header of a plain table; nothing where it has neither ends nor an id. Errors: a name that stands twice.
pub(super) fn header(head: &Head<'_>) -> Result<Option<Header>> {
    let names: Vec<String> = head.record.iter().map(bare).collect();
    let named = |wanted: &[&str]| wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted));
    let id = named(&IDS);
    let sure = if id.is_some() { SURE } else { ENDS.len() };
    let ends = ENDS[..sure].iter().find_map(|(start, end)| Some((named(start)?, named(end)?)));
    if ends.is_none() && id.is_none() {
        return Ok(None);
    }
    let ty = ends.and_then(|_| named(&TYPES));
    let column = |(at, text): (usize, &str)| {
        let (property, own) = (Some(text.trim().into()), (head.types)(at));
        match (ends, names[at].as_str()) {
            (Some((start, _)), _) if at == start => Column::named(text, None, Role::Start(String::new()), None),
            (Some((_, end)), _) if at == end => Column::named(text, None, Role::End(String::new()), None),
            (Some(_), _) if Some(at) == ty => Column::named(text, None, Role::Type, None),
            (None, _) if Some(at) == id => Column::named(text, Some("id".into()), Role::Id(String::new()), None),
            _ if text.trim().is_empty() => Column::named(text, None, Role::Nameless, None),
            (Some(_), "type") => Column::named(text, property, Role::Direction, None),
            (Some(_), "weight") => Column::named(text, property, Role::Property, own.or(Some("double"))),
            _ => Column::named(text, property, Role::Property, own),
        }
    };
    let columns = head.record.iter().enumerate().map(column).collect();
    let relationships = ends.is_some();
    let header = Header {
        columns,
        relationships,
        makes_ends: relationships,
        types_by_direction: ty.is_none(),
        unread: Vec::new(),
    };
    header.check(head)?;
    Ok(Some(header))
}

/// A name without its case and what is neither letter nor digit.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Begins, Dialect, File, Group, read, read_any_header};
    use crate::io::read::{NO_TYPE, Seen};

    fn seen(text: &str) -> (Vec<String>, Vec<String>) {
        let mut dialect = Dialect {
            delimiter: super::super::guess_delimiter(&mut text.as_bytes()).expect("memory"),
            ..Dialect::default()
        };
        let mut records = dialect.records(std::io::Cursor::new(text.to_owned())).expect("memory");
        let header = match read_any_header(&mut records, "x", &mut dialect) {
            Ok(header) => header,
            Err(error) => return (vec![], vec![error.message().to_owned()]),
        };
        let group = Group { labels: vec![], ty: header.makes_ends.then(|| NO_TYPE.into()) };
        let file = File { name: "x", header: &header, begins: Begins::BehindHeader };
        let mut seen = Seen::default();
        read(Box::new(records), file, &group, &dialect, &mut seen, &mut |e| Err(e)).expect(text);
        (seen.lines, seen.passed_over.into_keys().collect())
    }

    #[test]
    fn ends_are_known_by_their_usual_names_however_they_are_written() {
        for names in [
            "Source,Target",
            "source;target",
            "from,to",
            "FROM\tTO",
            "src|dst",
            "Source ID,Target ID",
            "source_id,target_id",
            "start,end",
            "subject,object",
            "node1,node2",
            "u,v",
            "origin,destination",
            "\"Source\",\"Target\"",
        ] {
            let between = names.chars().find(|c| ",;\t|".contains(*c)).expect("a delimiter");
            let (lines, said) = seen(&format!("{names}\na{between}b\n"));
            assert_eq!(
                (lines, said),
                (vec!["/a : id='a'".to_owned(), "/b : id='b'".into(), "/a -RELATED-> /b ".into()], vec![]),
                "{names}"
            );
        }
        for names in ["a,b", "parent,child", "source,to", "name,start"] {
            assert!(seen(&format!("{names}\nx,y\n")).1[0].contains("say neither nodes nor edges"), "{names}");
        }
        // a node that begins and ends
        assert_eq!(seen("Id,Start,End\na,1990,2000\n").0, ["/a : End='2000' Start='1990' id='a'"]);
    }

    #[test]
    fn the_type_of_an_edge_is_its_label_and_never_its_direction() {
        let rels = |text: &str| {
            let (lines, said) = seen(text);
            (lines.into_iter().filter(|line| line.contains("->")).collect::<Vec<_>>(), said.len())
        };
        let gephi = "Source,Target,Type,Label,Weight\na,a,Directed,KNOWS,2\na,a,Undirected,,\na,a,odd,L,\n";
        let wanted = ["/a -KNOWS-> /a Weight=2.0", "/a -RELATED-> /a ", "/a -L-> /a Type='odd'"];
        assert_eq!(rels(gephi), (wanted.map(str::to_owned).to_vec(), 1));
        let (lines, said) = rels("from,to,type\na,a,KNOWS\na,a,directed\n");
        assert_eq!((lines, said), (vec!["/a -KNOWS-> /a ".to_owned(), "/a -RELATED-> /a ".into()], 0));
        assert_eq!(rels("subject,predicate,object\na,p,a\n").0, ["/a -p-> /a "]);
    }
}
