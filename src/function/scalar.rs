//! Functions on any value.

use super::signature::Type;
use super::{Body, CallContext, Function, parameters};
use crate::error::Result;
use crate::value::order::equal;
use crate::value::{List, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "coalesce",
        parameters![value: Type::ANY],
        Type::ANY,
        "The first argument that is not null.",
        ("RETURN coalesce(null, 'a', 'b') AS v", "'a'"),
        Body::Scalar(coalesce),
    )
    .repeats()
    .takes_null(),
    Function::new(
        "nullIf",
        parameters![value: Type::ANY, unwanted: Type::ANY],
        Type::ANY,
        "Null when both arguments are equal, else the first.",
        ("RETURN nullIf('n/a', 'n/a') AS v", "null"),
        Body::Scalar(null_if),
    )
    .takes_null(),
    Function::new(
        "isEmpty",
        parameters![value: Type::STRING.or(Type::LIST).or(Type::MAP)],
        Type::BOOLEAN,
        "Whether a string, list or map has nothing in it.",
        ("RETURN isEmpty([]) AS v", "true"),
        Body::Scalar(is_empty),
    ),
    Function::new(
        "valueType",
        parameters![value: Type::ANY],
        Type::STRING,
        "The type of a value, as GQL writes types.",
        ("RETURN valueType([1, 'a']) AS v", "'LIST<INTEGER NOT NULL | STRING NOT NULL> NOT NULL'"),
        Body::Scalar(value_type),
    )
    .takes_null(),
    Function::new(
        "randomUUID",
        parameters![],
        Type::STRING,
        "A random UUID (version 4).",
        ("RETURN size(randomUUID()) AS v", "36"),
        Body::Scalar(random_uuid),
    )
    .changes(),
    Function::new(
        "uuidBase64",
        parameters![],
        Type::STRING,
        "A random UUID (version 4) as 22 characters of base64.",
        ("RETURN size(uuidBase64()) AS v", "22"),
        Body::Scalar(uuid_base64),
    )
    .changes(),
    Function::new(
        "timestamp",
        parameters![],
        Type::INTEGER,
        "Milliseconds from 1970-01-01T00:00Z to the start of the statement.",
        ("RETURN timestamp() > 0 AS v", "true"),
        Body::Scalar(timestamp),
    )
    .reads_clock(),
];

fn coalesce(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(arguments.iter().find(|value| !value.is_null()).cloned().unwrap_or_default())
}

fn null_if(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(if equal(&arguments[0], &arguments[1]) == Some(true) { Value::Null } else { arguments[0].clone() })
}

fn is_empty(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Str(text) => Ok(text.is_empty().into()),
        Value::List(list) => Ok(list.is_empty().into()),
        Value::Map(map) => Ok(map.entries().is_empty().into()),
        other => Err(super::argument::wrong_type("isEmpty", "a string, a list or a map", other)),
    }
}

fn value_type(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let mut out = String::new();
    write_type(&mut out, &arguments[0]);
    context.charge(out.len())?;
    Ok(out.into())
}

/// Depth is limited by the depth of values.
fn write_type(out: &mut String, value: &Value) {
    match value {
        Value::Null => return out.push_str("NULL"),
        Value::List(list) => {
            out.push_str("LIST<");
            write_item_types(out, list);
            out.push('>');
        }
        Value::Bool(_) => out.push_str("BOOLEAN"),
        Value::Int(_) => out.push_str("INTEGER"),
        Value::Float(_) => out.push_str("FLOAT"),
        Value::Str(_) => out.push_str("STRING"),
        Value::Map(_) => out.push_str("MAP"),
        Value::Node(_) => out.push_str("NODE"),
        Value::Rel(_) => out.push_str("RELATIONSHIP"),
        Value::Path(_) => out.push_str("PATH"),
        Value::Date(_) => out.push_str("DATE"),
        Value::LocalTime(_) => out.push_str("LOCAL TIME"),
        Value::Time(_) => out.push_str("ZONED TIME"),
        Value::LocalDateTime(_) => out.push_str("LOCAL DATETIME"),
        Value::DateTime(_) => out.push_str("ZONED DATETIME"),
        Value::Duration(_) => out.push_str("DURATION"),
    }
    out.push_str(" NOT NULL");
}

/// The types of the items, each once, in alphabetical order; nullable when a null is among them.
fn write_item_types(out: &mut String, list: &List) {
    let mut types: Vec<String> = Vec::new();
    for item in list.iter().filter(|item| !item.is_null()) {
        let mut ty = String::new();
        write_type(&mut ty, item);
        if let Err(at) = types.binary_search(&ty) {
            types.insert(at, ty);
        }
    }
    let nullable = types.is_empty() && !list.is_empty() || list.iter().any(Value::is_null);
    if types.is_empty() {
        return out.push_str(if nullable { "NULL" } else { "NOTHING" });
    }
    let joined = types.join(" | ");
    out.push_str(&if nullable { joined.replace(" NOT NULL", "") } else { joined });
}

/// The 128 bits of a random UUID, with its version and variant in them.
fn uuid(context: &mut CallContext<'_>) -> u128 {
    let (high, low) = (context.random_bits(), context.random_bits());
    let high = (high & !0xF000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    u128::from(high) << 64 | u128::from(low)
}

fn random_uuid(context: &mut CallContext<'_>, _: &[Value]) -> Result<Value> {
    let bits = format!("{:032x}", uuid(context));
    Ok([&bits[..8], &bits[8..12], &bits[12..16], &bits[16..20], &bits[20..]].join("-").into())
}

fn uuid_base64(context: &mut CallContext<'_>, _: &[Value]) -> Result<Value> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = uuid(context);
    // 22 times 6 bits are four more than there are: those at the end are zeros
    let digit = |at: u32| {
        let six = if at == 21 { bits << 4 } else { bits >> (122 - 6 * at) } & 0x3F;
        char::from(DIGITS[six as usize])
    };
    Ok((0..22).map(digit).collect::<String>().into())
}

fn timestamp(context: &mut CallContext<'_>, _: &[Value]) -> Result<Value> {
    let now = context.clock.statement;
    Ok(Value::Int(now.seconds.saturating_mul(1000).saturating_add(i64::from(now.nanos / 1_000_000))))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, list, shown};
    use super::*;

    #[test]
    fn coalesce_and_null_if() {
        assert_eq!(shown("coalesce", &[Value::Null, 2.into()]), "2");
        assert_eq!(shown("coalesce", &[Value::Null]), "null");
        assert_eq!(shown("coalesce", &[]), "InvalidNumberOfArguments");
        assert_eq!(shown("nullIf", &[1.into(), 1.0.into()]), "null");
        assert_eq!(shown("nullIf", &[1.into(), Value::Null]), "1");
    }

    #[test]
    fn types_are_written_as_gql_does() {
        for (value, wanted) in [
            (Value::Null, "'NULL'"),
            (1.into(), "'INTEGER NOT NULL'"),
            (list(&[]), "'LIST<NOTHING> NOT NULL'"),
            (list(&[Value::Null]), "'LIST<NULL> NOT NULL'"),
            (list(&[1.into(), Value::Null, 2.into()]), "'LIST<INTEGER> NOT NULL'"),
            (list(&[list(&[1.into()])]), "'LIST<LIST<INTEGER NOT NULL> NOT NULL> NOT NULL'"),
        ] {
            assert_eq!(shown("valueType", &[value]), wanted);
        }
    }

    #[test]
    fn short_uuids_are_what_base64_makes_of_the_bytes() {
        super::super::tests::with_context(|context| {
            let Ok(Value::Str(a)) = uuid_base64(context, &[]) else { unreachable!("a string") };
            let Ok(Value::Str(b)) = uuid_base64(context, &[]) else { unreachable!("a string") };
            assert!(a != b && a.len() == 22, "{a} {b}");
            // the version is the high half of the seventh byte, which begins with the third bit of the ninth digit
            let place = |c: u8| match c {
                b'A'..=b'Z' => c - b'A',
                b'a'..=b'z' => c - b'a' + 26,
                b'0'..=b'9' => c - b'0' + 52,
                b'-' => 62,
                _ => 63,
            };
            let bits = a.bytes().take(21).fold(0_u128, |bits, c| bits << 6 | u128::from(place(c))) << 2;
            assert_eq!(bits >> 76 & 0xF, 4, "{a}");
            assert_eq!(bits >> 62 & 0b11, 0b10, "{a}");
        });
    }

    #[test]
    fn uuids_have_their_version_and_differ() {
        super::super::tests::with_context(|context| {
            let Ok(Value::Str(a)) = random_uuid(context, &[]) else { unreachable!("a string") };
            let Ok(Value::Str(b)) = random_uuid(context, &[]) else { unreachable!("a string") };
            assert!(a != b && a.len() == 36 && a.as_bytes()[14] == b'4' && b"89ab".contains(&a.as_bytes()[19]));
        });
        assert!(matches!(call("timestamp", &[]), Ok(Value::Int(ms)) if ms > 1_600_000_000_000));
        assert_eq!(shown("isEmpty", &["".into()]), "true");
        assert_eq!(shown("isEmpty", &[1.into()]), "InvalidArgumentType");
    }
}
