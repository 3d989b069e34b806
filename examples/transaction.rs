//! A transaction that an early `?` rolls back: nothing of it remains.
//!
//! ```text
//! moved: ann has 60, bob has 90
//! refused: bob has only 90
//! still: ann has 60, bob has 90
//! ```
#![allow(clippy::print_stdout)] // that is what an example is for

use std::error::Error;

use shejire::Engine;

/// Takes from one and gives to the other, or does neither.
fn pay(engine: &Engine, from: &str, to: &str, amount: i64) -> Result<(), Box<dyn Error>> {
    let mut transaction = engine.begin()?;
    let rows = transaction
        .query("MATCH (a:Account {name: $name}) SET a.sum = a.sum - $amount RETURN a.sum AS left")
        .param("name", from)
        .param("amount", amount)
        .rows()?;
    let left: i64 = rows.get(0).ok_or("no such account")?.get("left")?;
    if left < 0 {
        // the transaction is dropped here, with what it has taken
        return Err(format!("{from} has only {}", left + amount).into());
    }
    transaction
        .query("MATCH (a:Account {name: $name}) SET a.sum = a.sum + $amount")
        .param("name", to)
        .param("amount", amount)
        .rows()?;
    transaction.commit()?;
    Ok(())
}

fn sums(engine: &Engine) -> shejire::Result<String> {
    let rows = engine.run("MATCH (a:Account) RETURN a.name AS name, a.sum AS sum ORDER BY name")?;
    let sums: Vec<(String, i64)> = rows.deserialize()?;
    Ok(sums.iter().map(|(name, sum)| format!("{name} has {sum}")).collect::<Vec<_>>().join(", "))
}

fn main() -> Result<(), Box<dyn Error>> {
    let engine = Engine::in_memory();
    engine.run("CREATE (:Account {name: 'ann', sum: 100}), (:Account {name: 'bob', sum: 50})")?;
    pay(&engine, "ann", "bob", 40)?;
    println!("moved: {}", sums(&engine)?);
    if let Err(error) = pay(&engine, "bob", "ann", 200) {
        println!("refused: {error}");
    }
    println!("still: {}", sums(&engine)?);
    Ok(())
}
