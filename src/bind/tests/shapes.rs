//! What queries become, sketched: slots, clauses, imports.

use std::fmt::Write;

use super::super::bound::*;
use super::bind;

/// The clauses of a query in one line each.
fn sketch(text: &str) -> String {
    let query = bind(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut out = String::new();
    body(&query.body, 0, &mut out);
    for (number, subquery) in query.subqueries.iter().enumerate() {
        let imports: Vec<_> = subquery.imports.iter().map(|(s, e)| format!("{}<-{}", s.0, expr(e))).collect();
        writeln!(out, "sub{number} {:?} [{}]", subquery.kind, imports.join(" ")).expect("a string");
        body(&subquery.body, 1, &mut out);
    }
    out
}

fn body(body: &Body, indent: usize, out: &mut String) {
    for (number, part) in body.parts.iter().enumerate() {
        if number > 0 {
            writeln!(out, "{:indent$}UNION{}", "", if body.distinct { "" } else { " ALL" }).expect("a string");
        }
        for one in &part.clauses {
            clause(one, indent, out);
        }
    }
    let columns: Vec<_> = body.columns.iter().map(|c| format!("{}={}", c.name, c.slot.0)).collect();
    writeln!(out, "{:indent$}=> {}", "", columns.join(" ")).expect("a string");
}

fn clause(clause: &Clause, indent: usize, out: &mut String) {
    let line = match clause {
        Clause::Match(m) => {
            let optional = if m.optional { "Optional" } else { "Match" };
            format!("{optional} {} where [{}]", pattern(&m.pattern), list(&m.conditions))
        }
        Clause::Project(p) => project(p),
        Clause::Unwind { list, slot } => format!("Unwind {}<-{}", slot.0, expr(list)),
        Clause::Create(steps) => format!("Create {}", steps.iter().map(step).collect::<Vec<_>>().join(" ")),
        Clause::Merge(m) => {
            let create: Vec<_> = m.create.iter().map(step).collect();
            format!("Merge {} create {}", pattern(&m.pattern), create.join(" "))
        }
        Clause::CallSubquery { body: inner, imports, unit } => {
            let imports: Vec<_> = imports.iter().map(|s| s.0).collect();
            writeln!(out, "{:indent$}Call {imports:?}{}", "", if *unit { " unit" } else { "" }).expect("a string");
            return body(inner, indent + 1, out);
        }
        Clause::CallProcedure { procedure, arguments, yields, .. } => {
            format!("Procedure {}({}) {:?}", procedure.name, list(arguments), yields)
        }
        other => format!("{other:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned(),
    };
    writeln!(out, "{:indent$}{line}", "").expect("a string");
}

fn project(p: &Projection) -> String {
    let pairs = |pairs: &[(Slot, Expr)]| {
        pairs.iter().map(|(slot, e)| format!("{}<-{}", slot.0, expr(e))).collect::<Vec<_>>().join(" ")
    };
    let mut line = "Project".to_owned();
    if let Some(a) = &p.aggregation {
        let calls = a.aggregates.iter().map(|a| match &a.call {
            AggregateCall::CountRows => format!("{}<-count(*)", a.slot.0),
            AggregateCall::Function { function, arguments, .. } => {
                format!("{}<-{}({})", a.slot.0, function.name, list(arguments))
            }
        });
        write!(line, " keys [{}] aggregates [{}]", pairs(&a.keys), calls.collect::<Vec<_>>().join(" ")).expect("a string");
    }
    write!(line, " items [{}]", pairs(&p.items)).expect("a string");
    if p.distinct {
        line.push_str(" distinct");
    }
    for key in &p.order_by {
        write!(line, " by {}", expr(&key.expr)).expect("a string");
    }
    if !p.conditions.is_empty() {
        write!(line, " where [{}]", list(&p.conditions)).expect("a string");
    }
    line
}

fn pattern(p: &Pattern) -> String {
    let mut line = String::from("(");
    for node in &p.nodes {
        write!(line, " {}{}", node.slot.0, if node.bound { "!" } else { "" }).expect("a string");
    }
    line.push_str(" )");
    for rel in &p.rels {
        let length = match &rel.length {
            RelLength::One => String::new(),
            RelLength::Var { min, max, step, conditions } => {
                format!("*{min}..{} step {} [{}]", max.map_or(String::new(), |m| m.to_string()), step.0, list(conditions))
            }
            RelLength::Group(g) => {
                let lists: Vec<_> = g.lists.iter().map(|(i, o)| format!("{}->{}", i.0, o.0)).collect();
                format!(" group {} where [{}] lists {}", pattern(&g.pattern), list(&g.conditions), lists.join(" "))
            }
        };
        let bound = if rel.bound { "!" } else { "" };
        write!(line, " [{}{bound} {}{:?}{}{length}]", rel.slot.0, rel.from, rel.direction, rel.to).expect("a string");
    }
    for path in &p.paths {
        write!(line, " path {:?} {:?}", path.slot.map(|s| s.0), path.selector).expect("a string");
    }
    if !p.predicates.is_empty() {
        write!(line, " needs [{}]", list(&p.predicates)).expect("a string");
    }
    line
}

fn step(step: &CreateStep) -> String {
    match step {
        CreateStep::Node { slot, labels, properties } => {
            format!("({}:{}{})", slot.0, labels.join(":"), properties.as_ref().map_or(String::new(), expr))
        }
        CreateStep::Rel { slot, ty, start, end, .. } => format!("[{}:{ty} {}->{}]", slot.0, start.0, end.0),
        CreateStep::Path { slot, elements } => format!("path {} {:?}", slot.0, elements.iter().map(|s| s.0).collect::<Vec<_>>()),
    }
}

fn list(exprs: &[Expr]) -> String {
    exprs.iter().map(expr).collect::<Vec<_>>().join(", ")
}

fn expr(e: &Expr) -> String {
    match e {
        Expr::Const(value) => format!("{value:?}"),
        Expr::Param(number) => format!("${number}"),
        Expr::Slot(slot) => format!("#{}", slot.0),
        Expr::Local(number) => format!("local{number}"),
        Expr::Property { base, key, .. } => format!("{}.{key}", expr(base)),
        Expr::Index { base, index, .. } => format!("{}[{}]", expr(base), expr(index)),
        Expr::Compare { first, rest } => rest.iter().fold(expr(first), |s, (op, e)| format!("{s} {op:?} {}", expr(e))),
        Expr::Arithmetic { first, rest, .. } => rest.iter().fold(expr(first), |s, (op, e)| format!("{s} {op:?} {}", expr(e))),
        Expr::HasLabels { operand, test, .. } => match test {
            LabelTest::Name(name) => format!("{}:{name}", expr(operand)),
            other => format!("{}:{other:?}", expr(operand)),
        },
        Expr::Map(entries) => {
            format!("{{{}}}", entries.iter().map(|(k, v)| format!("{k}: {}", expr(v))).collect::<Vec<_>>().join(", "))
        }
        Expr::ListComprehension { local, list, map, .. } => {
            format!("[local{local} in {} | {}]", expr(list), map.as_ref().map_or(String::new(), |m| expr(m)))
        }
        Expr::IsNull { operand, negated, .. } => format!("{} is {}null", expr(operand), if *negated { "not " } else { "" }),
        Expr::Or(operands, _) => operands.iter().map(expr).collect::<Vec<_>>().join(" or "),
        Expr::Subquery(number) => format!("sub{number}"),
        other => format!("{other:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

#[track_caller]
fn check(text: &str, wanted: &str) {
    let wanted: Vec<_> = wanted.lines().map(str::trim_end).filter(|l| !l.is_empty()).collect();
    let found = sketch(text);
    let found: Vec<_> = found.lines().map(str::trim_end).collect();
    let strip: Vec<_> = wanted.iter().map(|l| l.strip_prefix("        ").unwrap_or(l)).collect();
    assert!(found == strip, "{text}\n--- wanted\n{}\n--- found\n{}", strip.join("\n"), found.join("\n"));
}

#[test]
fn probe_shapes() {
    for text in [
        "MATCH (n:A:B {x: 1}) WHERE n.y = 2 AND n.z = 3 RETURN n.name AS name",
        "MATCH (a)-[:T]->(a)<-[r*2..3 {k: 1}]-(:B) RETURN a, r",
        "MATCH p = (a)-->(b) MATCH (b)-[r]-(a:X) RETURN *",
        "MATCH (n) WITH n.x AS x WHERE x = 1 OR n.y = 2 RETURN x",
        "MATCH (n) RETURN n.x AS x, count(*) AS c, count(*) + 1 AS d ORDER BY n.x, count(*) DESC",
        "MATCH (n) RETURN n.x AS x, count(*) * 2 AS c ORDER BY count(*)",
        "MATCH (n) RETURN n, n.x + sum(n.y) AS s",
        "MATCH (n) WHERE (n)-->(:B) RETURN n",
        "MATCH (n) RETURN [x IN [1] | [(n)-->(m {k: x}) | m.k]] AS xs",
        "MATCH (n) WHERE EXISTS { MATCH (n)-->(m) WITH count(m) AS c WHERE c > n.x RETURN 1 } RETURN n",
        "MATCH (n) CALL { WITH n MATCH (n)-->(m) RETURN count(m) AS c } RETURN n, c",
        "MATCH (n) CALL (n) { MATCH (m) RETURN count(m) + n.x AS c } RETURN c",
        "RETURN 1 AS a, 2 AS b UNION RETURN 3 AS b, 4 AS a",
        "CREATE p = (a:A {x: 1})<-[:T]-(b {y: a.x}) RETURN p",
        "MATCH (a) MERGE (a)-[r:T {k: 1}]-(b:B)",
        "MATCH (a), (b) RETURN shortestPath((a)-[*]-(b)) AS p",
        "MATCH (x)((a)-[r]->(b) WHERE a.x < b.x){1,3}(y) RETURN a, r",
        "CALL test.labels() YIELD label WHERE label <> 'A' RETURN label",
        "CALL test.city",
        "MATCH (n), (m) WITH n AS m, m AS n RETURN n, m",
        "MATCH (n) RETURN exists(n.x) AS e, n:A AS l",
    ] {
        println!("{text}\n{}", sketch(text));
    }
}
