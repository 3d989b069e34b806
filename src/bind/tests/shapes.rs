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
        Clause::CallSubquery { body: inner, unit, .. } => {
            writeln!(out, "{:indent$}Call{}", "", if *unit { " unit" } else { "" }).expect("a string");
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
        write!(line, " keys [{}] aggregates [{}]", pairs(&a.keys), calls.collect::<Vec<_>>().join(" "))
            .expect("a string");
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
                format!(
                    "*{min}..{} step {} [{}]",
                    max.map_or(String::new(), |m| m.to_string()),
                    step.0,
                    list(conditions)
                )
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
        CreateStep::Path { slot, elements } => {
            format!("path {} {:?}", slot.0, elements.iter().map(|s| s.0).collect::<Vec<_>>())
        }
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
        Expr::Arithmetic { first, rest, .. } => {
            rest.iter().fold(expr(first), |s, (op, e)| format!("{s} {op:?} {}", expr(e)))
        }
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
        Expr::IsNull { operand, negated, .. } => {
            format!("{} is {}null", expr(operand), if *negated { "not " } else { "" })
        }
        Expr::Or(operands, _) => operands.iter().map(expr).collect::<Vec<_>>().join(" or "),
        Expr::Subquery(number) => format!("sub{number}"),
        other => format!("{other:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

#[track_caller]
fn check(text: &str, wanted: &str) {
    let wanted: Vec<_> = wanted.lines().map(str::trim_end).filter(|l| !l.trim().is_empty()).collect();
    let found = sketch(text);
    let found: Vec<_> = found.lines().map(str::trim_end).collect();
    let strip: Vec<_> = wanted.iter().map(|l| l.strip_prefix("        ").unwrap_or(l)).collect();
    assert!(found == strip, "{text}\n--- wanted\n{}\n--- found\n{}", strip.join("\n"), found.join("\n"));
}

#[test]
fn patterns_become_predicates() {
    check(
        r#"MATCH (n:A:B {x: 1}) WHERE n.y = 2 AND n.z = 3 RETURN n.name AS name"#,
        r#"
        Match ( 0 ) needs [#0:A, #0:B, #0.x Equal Int(1)] where [#0.y Equal Int(2), #0.z Equal Int(3)]
        Project items [1<-#0.name]
        => name=1
        "#,
    );
    check(
        r#"MATCH (a)-[:T]->(a)<-[r*2..3 {k: 1}]-(:B) RETURN a, r"#,
        r#"
        Match ( 0 4 ) [1 0Right0] [2 0Left1*2..3 step 3 [#3.k Equal Int(1)]] needs [#4:B] where []
        Project items [0<-#0 2<-#2]
        => a=0 r=2
        "#,
    );
    check(
        r#"MATCH p = (a)-->(b) MATCH (b)-[r]-(a:X) RETURN *"#,
        r#"
        Match ( 0 2 ) [1 0Right1] path Some(3) All where []
        Match ( 2! 0! ) [4 0Either1] needs [#0:X] where []
        Project items [0<-#0 2<-#2 3<-#3 4<-#4]
        => a=0 b=2 p=3 r=4
        "#,
    );
}

#[test]
fn with_and_return() {
    check(
        r#"MATCH (n) WITH n.x AS x WHERE x = 1 OR n.y = 2 RETURN x"#,
        r#"
        Match ( 0 ) where []
        Project items [1<-#0.x 0<-#0] where [#1 Equal Int(1) or #0.y Equal Int(2)]
        Project items [1<-#1]
        Project items [1<-#1]
        => x=1
        "#,
    );
    check(
        r#"MATCH (n) RETURN n.x AS x, count(*) AS c, count(*) + 1 AS d ORDER BY n.x, count(*) DESC"#,
        r#"
        Match ( 0 ) where []
        Project keys [1<-#0.x] aggregates [2<-count(*)] items [1<-#1 2<-#2 3<-#2 Add Int(1)] by #1 by #2
        => x=1 c=2 d=3
        "#,
    );
    check(
        r#"MATCH (n) RETURN n.x AS x, count(*) * 2 AS c ORDER BY count(*)"#,
        r#"
        Match ( 0 ) where []
        Project keys [1<-#0.x] aggregates [2<-count(*)] items [1<-#1 3<-#2 Multiply Int(2) 2<-#2] by #2
        Project items [1<-#1 3<-#3]
        => x=1 c=3
        "#,
    );
    check(
        r#"MATCH (n) RETURN n, n.x + sum(n.y) AS s"#,
        r#"
        Match ( 0 ) where []
        Project keys [0<-#0] aggregates [1<-sum(#0.y)] items [0<-#0 2<-#0.x Add #1]
        => n=0 s=2
        "#,
    );
}

#[test]
fn subqueries_are_lifted() {
    check(
        r#"MATCH (n) WHERE (n)-->(:B) RETURN n"#,
        r#"
        Match ( 0 ) where [sub0]
        Project items [0<-#0]
        => n=0
        sub0 Exists [0<-#0]
         Match ( 0! 2 ) [1 0Right1] needs [#2:B] where []
         =>
        "#,
    );
    check(
        r#"MATCH (n) RETURN [x IN [1] | [(n)-->(m {k: x}) | m.k]] AS xs"#,
        r#"
        Match ( 0 ) where []
        Project items [5<-[local0 in List | sub0]]
        => xs=5
        sub0 Collect [0<-#0 3<-local0]
         Match ( 0! 2 ) [1 0Right1] needs [#2.k Equal #3] where []
         Project items [4<-#2.k]
         =>
        "#,
    );
    check(
        r#"MATCH (n) WHERE EXISTS { MATCH (n)-->(m) WITH count(m) AS c WHERE c > n.x RETURN 1 } RETURN n"#,
        r#"
        Match ( 0 ) where [sub0]
        Project items [0<-#0]
        => n=0
        sub0 Exists [0<-#0]
         Call
          Match ( 0! 2 ) [1 0Right1] where []
          Project keys [] aggregates [3<-count(#2)] items [3<-#3]
          => c=3
         Project items [3<-#3] where [#3 Greater #0.x]
         Project items [4<-Int(1)]
         => 1=4
        "#,
    );
}

#[test]
fn calls_keep_their_imports() {
    check(
        r#"MATCH (n) CALL { WITH n MATCH (n)-->(m) RETURN count(m) AS c } RETURN n, c"#,
        r#"
        Match ( 0 ) where []
        Call
         Match ( 0! 2 ) [1 0Right1] where []
         Project keys [] aggregates [3<-count(#2)] items [3<-#3]
         => c=3
        Project items [0<-#0 3<-#3]
        => n=0 c=3
        "#,
    );
    check(
        r#"MATCH (n) CALL (n) { MATCH (m) RETURN count(m) + n.x AS c } RETURN c"#,
        r#"
        Match ( 0 ) where []
        Call
         Call
          Match ( 1 ) where []
          Project keys [] aggregates [2<-count(#1)] items [2<-#2]
          => =2
         Project items [3<-#2 Add #0.x]
         => c=3
        Project items [3<-#3]
        => c=3
        "#,
    );
}

#[test]
fn unions() {
    check(
        r#"RETURN 1 AS a, 2 AS b UNION RETURN 3 AS b, 4 AS a"#,
        r#"
        Project items [0<-Int(1) 1<-Int(2)]
        UNION
        Project items [2<-Int(3) 3<-Int(4)]
        => a=4 b=5
        "#,
    );
}

#[test]
fn writes() {
    check(
        r#"CREATE p = (a:A {x: 1})<-[:T]-(b {y: a.x}) RETURN p"#,
        r#"
        Create (0:A{x: Int(1)}) (1:{y: #0.x}) [2:T 1->0] path 3 [0, 2, 1]
        Project items [3<-#3]
        => p=3
        "#,
    );
    check(
        r#"MATCH (a) MERGE (a)-[r:T {k: 1}]-(b:B)"#,
        r#"
        Match ( 0 ) where []
        Merge ( 0! 1 ) [2 0Either1] needs [#1:B, #2.k Equal Int(1)] create (1:B) [2:T 0->1]
        =>
        "#,
    );
}

#[test]
fn paths() {
    check(
        r#"MATCH (a), (b) RETURN shortestPath((a)-[*]-(b)) AS p"#,
        r#"
        Match ( 0 1 ) where []
        Project items [5<-sub0[Int(0)]]
        => p=5
        sub0 Collect [0<-#0 1<-#1]
         Match ( 0! 1! ) [2 0Either1*1.. step 3 []] path Some(4) ShortestPath where []
         =>
        "#,
    );
    check(
        r#"MATCH (x)((a)-[r]->(b) WHERE a.x < b.x){1,3}(y) RETURN a, r"#,
        r#"
        Match ( 0 8 ) [7 0Right1 group ( 1 3 ) [2 0Right1] where [#1.x Less #3.x] lists 1->4 2->5 3->6] where []
        Project items [4<-#4 5<-#5]
        => a=4 r=5
        "#,
    );
}

#[test]
fn procedures() {
    check(
        r#"CALL test.labels() YIELD label WHERE label <> 'A' RETURN label"#,
        r#"
        Procedure test.labels() [(0, Slot(0))]
        Project items [0<-#0] where [#0 NotEqual Str("A")]
        Project items [0<-#0]
        => label=0
        "#,
    );
    check(
        r#"CALL test.city"#,
        r#"
        Procedure test.city($0, $1) [(0, Slot(0)), (1, Slot(1))]
        => city=0 code=1
        "#,
    );
}

#[test]
fn renaming() {
    check(
        r#"MATCH (n), (m) WITH n AS m, m AS n RETURN n, m"#,
        r#"
        Match ( 0 1 ) where []
        Project items [2<-#0 3<-#1]
        Project items [3<-#3 2<-#2]
        => n=3 m=2
        "#,
    );
    check(
        r#"MATCH (n) RETURN exists(n.x) AS e, n:A AS l"#,
        r#"
        Match ( 0 ) where []
        Project items [1<-#0.x is not null 2<-#0:A]
        => e=1 l=2
        "#,
    );
}
