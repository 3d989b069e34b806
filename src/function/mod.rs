//! One table of functions: name, signature, documentation, example, pointer. Procedures beside it.
//!
//! The binder looks names up here and checks counts and types; the executor calls; `--help`, the
//! language reference and the tests read the same entries. A function sees the statement it runs in
//! only through [`CallContext`].

pub(crate) mod aggregate;
mod argument;
mod around;
mod collection;
mod context;
mod convert;
pub(crate) mod edtf;
mod evidence;
mod format;
mod graph;
mod json;
mod lineage;
mod list;
mod math;
mod procedure;
pub(crate) mod regex;
mod rounding;
mod scalar;
pub(crate) mod signature;
mod string;
mod temporal;
mod vector;

pub(crate) use aggregate::{Accumulator, Aggregation};
pub(crate) use around::{Around, Asked, Shelf};
pub(crate) use context::{Budget, CallContext, CallState, Clock, Unlimited};
pub(crate) use json::load as load_json;
pub(crate) use list::{Integers, integers};
pub(crate) use procedure::Own;
pub use procedure::{Field, NativeProcedure, OwnProcedure, Procedure, ProcedureBody};
pub(crate) use signature::{Parameter, Signature, Type};

use crate::error::{Code, Error, Result, nearest};
use crate::value::Value;

/// A function of the language.
#[derive(Debug)]
pub(crate) struct Function {
    /// Its name as documented; looked up without regard to case.
    pub name: &'static str,
    /// What it takes and gives.
    pub signature: Signature,
    /// One line for people.
    pub doc: &'static str,
    /// A query and the literal form of its only value; an empty value where it changes from run to run.
    pub example: (&'static str, &'static str),
    /// What is behind it.
    pub body: Body,
    /// Whether a null argument makes the result null without a call.
    pub strict: bool,
    /// Whether the same arguments give the same value within one statement; only then may a call be moved.
    pub deterministic: bool,
    /// Whether it may read the statement's clock; such a call must not be computed before the statement runs.
    pub reads_clock: bool,
    /// Whether it asks the graph about its arguments.
    pub needs_graph: bool,
}

/// Code of a scalar function: as many arguments as the signature allows.
pub(crate) type Call = fn(&mut CallContext<'_>, &[Value]) -> Result<Value>;

/// What is behind a function.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// One value from the arguments of one row.
    Scalar(Call),
    /// One value from the rows of a group; see [`Accumulator`].
    Aggregate(Aggregation),
}

impl Function {
    /// Whether it gathers the rows of a group.
    pub(crate) fn is_aggregate(&self) -> bool {
        matches!(self.body, Body::Aggregate(_))
    }

    /// Calls a scalar function. Errors: what the function says; `InvalidAggregation` for an aggregate.
    pub(crate) fn call(&self, context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
        match self.body {
            Body::Scalar(_) if self.strict && arguments.iter().any(Value::is_null) => Ok(Value::Null),
            Body::Scalar(call) => call(context, arguments),
            Body::Aggregate(_) => {
                Err(Error::syntax(Code::InvalidAggregation, format!("`{}` needs the rows of a group", self.name)))
            }
        }
    }

    /// A table entry: every parameter required, null in null out, the same arguments the same value.
    const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        returns: Type,
        doc: &'static str,
        example: (&'static str, &'static str),
        body: Body,
    ) -> Self {
        let signature = Signature { parameters, required: parameters.len(), repeats: false, returns };
        Self {
            name,
            signature,
            doc,
            example,
            body,
            strict: true,
            deterministic: true,
            reads_clock: false,
            needs_graph: false,
        }
    }

    /// The last `count` parameters may be left out.
    const fn optional(mut self, count: usize) -> Self {
        self.signature.required -= count;
        self
    }

    /// The last parameter may be given again and again.
    const fn repeats(mut self) -> Self {
        self.signature.repeats = true;
        self
    }

    /// Nulls are handed to the code.
    const fn takes_null(mut self) -> Self {
        self.strict = false;
        self
    }

    const fn changes(mut self) -> Self {
        self.deterministic = false;
        self
    }

    const fn reads_clock(mut self) -> Self {
        self.reads_clock = true;
        self
    }

    const fn asks_graph(mut self) -> Self {
        self.needs_graph = true;
        self
    }
}

/// Parameters as `name: type` pairs.
macro_rules! parameters {
    ($($name:ident: $ty:expr),* $(,)?) => {
        &[$($crate::function::Parameter { name: stringify!($name), ty: $ty }),*]
    };
}
use parameters;

/// Every function, in the order of the language reference.
pub(crate) fn all() -> impl Iterator<Item = &'static Function> {
    families().flat_map(|(_, family)| family.iter())
}

/// The families of functions, with the heading they have in the language reference.
pub(crate) fn families() -> impl Iterator<Item = (&'static str, &'static [Function])> {
    FAMILIES.iter().copied()
}

/// The function of that name, without regard to case; `duration.between` is one name.
pub(crate) fn lookup(name: &str) -> Option<&'static Function> {
    let own = |name: &str| all().find(|function| function.name.eq_ignore_ascii_case(name));
    own(name).or_else(|| {
        let (_, own_name) = ALSO.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(name))?;
        own(own_name)
    })
}

/// Other names of functions, in GQL and elsewhere, for which the same is meant.
pub(crate) const ALSO: &[(&str, &str)] = &[
    ("ceiling", "ceil"),
    ("ln", "log"),
    ("string.join", "join"),
    ("local_time", "localtime"),
    ("local_datetime", "localdatetime"),
    ("local_timestamp", "localdatetime"),
    ("zoned_time", "time"),
    ("zoned_datetime", "datetime"),
    ("current_date", "date"),
    ("current_time", "time"),
    ("current_timestamp", "datetime"),
    ("element_id", "elementId"),
    ("path_length", "length"),
    ("apoc.create.uuid", "randomUUID"),
    ("apoc.create.uuidBase64", "uuidBase64"),
    ("apoc.text.join", "join"),
    ("apoc.coll.toSet", "coll.distinct"),
    ("apoc.coll.sort", "coll.sort"),
    ("apoc.coll.flatten", "coll.flatten"),
    ("apoc.coll.max", "coll.max"),
    ("apoc.coll.min", "coll.min"),
    ("apoc.coll.indexOf", "coll.indexOf"),
    ("apoc.map.fromPairs", "map.fromPairs"),
    ("apoc.convert.toJson", "toJson"),
    ("apoc.convert.fromJsonMap", "fromJson"),
    ("apoc.convert.fromJsonList", "fromJson"),
    ("apoc.text.levenshteinDistance", "levenshtein"),
    ("apoc.text.distance", "levenshtein"),
];

/// The function of that name. Errors: `SyntaxError / UnknownFunction` at compile time, with the nearest name.
pub(crate) fn resolve(name: &str) -> Result<&'static Function> {
    lookup(name).ok_or_else(|| {
        let error = Error::syntax(Code::UnknownFunction, format!("there is no function named `{name}`"));
        if let Some((_, instead)) = FOREIGN.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(name)) {
            return error.hint(format!("write {instead}"));
        }
        if let Some((_, advice)) = advice_by_beginning(name, NOT_OFFERED) {
            return error.hint(*advice);
        }
        match nearest(name, all().map(|function| function.name)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("SHOW FUNCTIONS lists all there are"),
        }
    })
}

/// What people who come from SQL and other dialects type, and what it is here.
const FOREIGN: &[(&str, &str)] = &[
    ("len", "size(x)"),
    ("array_length", "size(x)"),
    ("ifnull", "coalesce(x, y)"),
    ("nvl", "coalesce(x, y)"),
    ("concat", "x + y"),
    ("ucase", "toUpper(x)"),
    ("lcase", "toLower(x)"),
    ("substr", "substring(x, start, length); the first character has number 0"),
    ("now", "datetime()"),
    ("today", "date()"),
    ("year", "x.year"),
    ("month", "x.month"),
    ("day", "x.day"),
    ("datediff", "duration.between(x, y)"),
    ("group_concat", "join(collect(x), ', ')"),
    ("string_agg", "join(collect(x), ', ')"),
    ("array_agg", "collect(x)"),
    ("list", "collect(x)"),
    ("median", "percentileCont(x, 0.5)"),
    ("stddev", "stDev(x)"),
    ("instr", "x CONTAINS y"),
    ("regexp_like", "x =~ y"),
    ("typeof", "valueType(x)"),
    ("cast", "cast(x AS INTEGER), or toInteger(x), toFloat(x), toString(x), date(x)"),
    ("int", "toInteger(x)"),
    ("str", "toString(x)"),
    ("float", "toFloat(x)"),
];

/// What is not offered, by how the names begin, and what there is instead.
const NOT_OFFERED: &[(&str, &str)] = &[
    ("point.", "points are kept as text, and nothing is computed with them: keep latitude and longitude as numbers"),
    ("vector", "vectors are lists of numbers: [1.0, 2.0]; vector.similarity.cosine and .euclidean compare them"),
    (
        "apoc.version",
        "there is no APOC here; SHOW FUNCTIONS and SHOW PROCEDURES list what is offered, some under its names",
    ),
    ("apoc.", "SHOW FUNCTIONS lists what is offered, some of it under APOC's names"),
    ("gds.", "graph algorithms are procedures: SHOW PROCEDURES YIELD name WHERE name STARTS WITH 'algo.'"),
    ("genai.", "compute embeddings outside and store them as lists of numbers"),
    ("graph.", "an engine holds one graph"),
];

/// The entry of a table of beginnings that a name begins with, in any case.
pub(crate) fn advice_by_beginning<'t>(name: &str, table: &'t [(&str, &str)]) -> Option<&'t (&'t str, &'t str)> {
    let begins =
        |beginning: &str| name.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning));
    table.iter().find(|(beginning, _)| begins(beginning))
}

/// Families in the order of the language reference.
const FAMILIES: &[(&str, &[Function])] = &[
    ("Any value", scalar::FUNCTIONS),
    ("Nodes, relationships, paths", graph::FUNCTIONS),
    ("Lists", list::FUNCTIONS),
    ("Collections", collection::FUNCTIONS),
    ("Strings", string::FUNCTIONS),
    ("Conversion", convert::FUNCTIONS),
    ("JSON", json::FUNCTIONS),
    ("Mathematics", math::FUNCTIONS),
    ("Vectors", vector::FUNCTIONS),
    ("Dates, times, durations", temporal::CONSTRUCTORS),
    ("Truncation of dates and times", temporal::TRUNCATION),
    ("Between two moments", temporal::DURATIONS),
    ("Dates and times in words", format::FUNCTIONS),
    ("Dates as documents state them", edtf::FUNCTIONS),
    ("Evidence", evidence::FUNCTIONS),
    ("Lives and events", lineage::FUNCTIONS),
    ("Aggregates", aggregate::FUNCTIONS),
];

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::error::{Class, Phase};
    use crate::value::entity::Entities;
    use crate::value::text::Content;
    use crate::value::{Map, NodeRef, RelRef};

    /// A graph of one line: node n is `:L {n: n}`, relationship n runs from node n to node n + 1 as `:T {n: n}`;
    /// from 100 on everything is deleted.
    pub(crate) struct Line;

    fn live(n: u32) -> Result<i64> {
        if n < 100 {
            return Ok(n.into());
        }
        Err(Error::new(Class::EntityNotFound, Phase::Runtime, Code::DeletedEntityAccess, "deleted"))
    }

    impl Entities for Line {
        fn node_id(&self, node: NodeRef) -> Result<i64> {
            live(node.0)
        }
        fn rel_id(&self, rel: RelRef) -> Result<i64> {
            live(rel.0)
        }
    }

    impl Content for Line {
        fn labels(&self, node: NodeRef) -> Result<Vec<Arc<str>>> {
            live(node.0).map(|_| vec!["L".into()])
        }
        fn rel_type(&self, _: RelRef) -> Result<Arc<str>> {
            Ok("T".into())
        }
        fn node_properties(&self, node: NodeRef) -> Result<Map> {
            Map::new([("n".into(), live(node.0)?.into())].into())
        }
        fn rel_properties(&self, rel: RelRef) -> Result<Map> {
            Map::new([("n".into(), live(rel.0)?.into())].into())
        }
        fn ends(&self, rel: RelRef) -> Result<(NodeRef, NodeRef)> {
            live(rel.0).map(|_| (NodeRef::new(rel.0), NodeRef::new(rel.0 + 1)))
        }
    }

    /// A budget of one megabyte at a time.
    pub(crate) struct Megabyte;

    impl Budget for Megabyte {
        fn ask(&self, bytes: usize) -> Result<()> {
            if bytes <= 1 << 20 { Ok(()) } else { Err(Error::limit(Code::Memory, "more than a megabyte")) }
        }
    }

    /// The type of a value.
    fn type_of(value: &Value) -> Type {
        match value {
            Value::Null => Type::NULL,
            Value::Bool(_) => Type::BOOLEAN,
            Value::Int(_) => Type::INTEGER,
            Value::Float(_) => Type::FLOAT,
            Value::Str(_) => Type::STRING,
            Value::List(_) => Type::LIST,
            Value::Map(_) => Type::MAP,
            Value::Node(_) => Type::NODE,
            Value::Rel(_) => Type::RELATIONSHIP,
            Value::Path(_) => Type::PATH,
            Value::Date(_) => Type::DATE,
            Value::LocalTime(_) => Type::LOCAL_TIME,
            Value::Time(_) => Type::TIME,
            Value::LocalDateTime(_) => Type::LOCAL_DATE_TIME,
            Value::DateTime(_) => Type::DATE_TIME,
            Value::Duration(_) => Type::DURATION,
        }
    }

    /// Calls a function by name with arguments that must fit its signature.
    pub(crate) fn call(name: &str, arguments: &[Value]) -> Result<Value> {
        let function = resolve(name)?;
        function.signature.check_count(function.name, arguments.len())?;
        for (i, argument) in arguments.iter().enumerate() {
            function.signature.check_type(function.name, i, type_of(argument))?;
        }
        with_context(|context| function.call(context, arguments))
    }

    /// The literal form of a call, or the name of the error's code.
    pub(crate) fn shown(name: &str, arguments: &[Value]) -> String {
        let got = call(name, arguments).and_then(|value| crate::value::text::literal(&value, Some(&Line)));
        got.unwrap_or_else(|error| error.code().name().to_owned())
    }

    /// A flat list.
    pub(crate) fn list(items: &[Value]) -> Value {
        Value::list(items.to_vec()).expect("shallow")
    }

    #[test]
    fn names_are_unique_documented_and_found_without_regard_to_case() {
        let mut seen = std::collections::HashSet::new();
        for function in all() {
            assert!(seen.insert(function.name.to_ascii_lowercase()), "{}", function.name);
            assert!(function.doc.ends_with('.') && !function.example.0.is_empty(), "{}", function.name);
            assert!(function.signature.required <= function.signature.parameters.len());
            assert!(std::ptr::eq(resolve(&function.name.to_ascii_uppercase()).expect("there"), function));
        }
        assert!(seen.len() > 120);
        let error = resolve("toIntger").expect_err("a slip");
        assert_eq!((error.code(), error.hint_text()), (Code::UnknownFunction, Some("did you mean `toInteger`?")));
    }

    #[test]
    fn no_function_panics_on_any_arguments() {
        let mut deep = Value::Null;
        for _ in 0..crate::value::MAX_DEPTH {
            deep = list(&[deep]);
        }
        let odd: Vec<Value> = vec![
            Value::Null,
            true.into(),
            i64::MIN.into(),
            i64::MAX.into(),
            (-1).into(),
            0.into(),
            f64::NAN.into(),
            f64::INFINITY.into(),
            (-0.0).into(),
            1e300.into(),
            "".into(),
            "é日本 \u{0}".into(),
            "9".repeat(400).into(),
            list(&[]),
            deep,
            Value::map([]).expect("empty"),
            Value::map([("year".into(), i64::MAX.into()), ("week".into(), i64::MIN.into())]).expect("shallow"),
            Value::map([("epochSeconds".into(), i64::MIN.into())]).expect("shallow"),
            Value::map([("days".into(), 1e18.into()), ("months".into(), (-0.3).into())]).expect("shallow"),
            Value::Node(NodeRef::new(1)),
            Value::Node(NodeRef::new(100)),
            Value::Rel(RelRef::new(100)),
            Value::Path(Arc::new(crate::value::Path { nodes: vec![NodeRef::new(0)], rels: vec![], cost: None })),
            call("date", &["-999999999-01-01".into()]).expect("the first day"),
            call("datetime", &["+999999999-12-31T23:59:59.999999999-18:00".into()]).expect("the last moment"),
            call("datetime", &["-999999999-01-01T00:00[Europe/Berlin]".into()]).expect("the first moment"),
            call("time", &["23:59:59.999999999+18:00".into()]).expect("a time"),
            call("duration", &["P9223372036854775807M9223372036854775807DT9223372036854775807S".into()]).expect("long"),
        ];
        for function in all().filter(|function| !function.is_aggregate()) {
            let most = function.signature.parameters.len();
            for a in &odd {
                for b in if most > 1 { &odd[..] } else { &odd[..1] } {
                    for c in if most > 2 { &odd[..] } else { &odd[..1] } {
                        let all = [a.clone(), b.clone(), c.clone()];
                        for count in function.signature.required..=most.min(3) {
                            let _ = with_context(|context| function.call(context, &all[..count]));
                        }
                    }
                }
            }
        }
    }

    pub(crate) fn with_context<T>(run: impl FnOnce(&mut CallContext<'_>) -> T) -> T {
        run(&mut CallContext::new(&Line, &Megabyte, Clock::now(), &mut CallState::default()))
    }
}
