//! Facts of your own with the sentences that state them: told by method, and by procedures of the language.
//!
//! ```text
//! date 1995-06, m1:3.1
//! documents that say so: 2
//! date 1995-06-14, n7:2.4
//! after a rollback: 2 documents
//! after n7 is taken back: date 1995-06, m1:3.1
//! ```
#![allow(clippy::print_stdout)] // that is what an example is for

use shejire::provenance::{FactId, NewMention, Source};
use shejire::value::RelRef;
use shejire::{Engine, Result};

fn show(engine: &Engine, before: &str) -> Result<()> {
    let rows = engine.query("MATCH (:Court)-[r]->(:Council) RETURN r.date AS date").cite().rows()?;
    for row in &rows {
        let places: Vec<&str> = row.citations().iter().map(|place| &*place.locator).collect();
        println!("{before}date {}, {}", row.get::<&str>("date")?, places.join(", "));
    }
    Ok(())
}

fn documents(engine: &Engine) -> Result<i64> {
    engine.run("MATCH (:Court)-[r]->(:Council) RETURN support(r) AS n")?.get(0).expect("one row").get("n")
}

fn main() -> Result<()> {
    let engine = Engine::in_memory();

    // a relationship and its evidence, in one transaction
    let mut transaction = engine.begin()?;
    let rows = transaction
        .run("CREATE (:Court {name: 'Guild court'})-[r:`merged-into`]->(:Council {name: 'Town council'}) RETURN r")?;
    let fact = FactId::Rel(rows.get(0).expect("one row").get::<RelRef>("r")?);
    transaction.change(|knowledge| {
        knowledge.put_source(Source { id: "m1".into(), title: "Minutes of 1995".into(), ..Source::default() })?;
        knowledge.add_mention(fact, &NewMention::at("m1:3.1")?.qualifier("date", "1995-06"))
    })?;
    transaction.commit()?;
    show(&engine, "")?;

    // the same in the language
    engine.run("CALL source.put({id: 'n7', title: 'Newspaper', date: '1995-06-15'})")?;
    engine.run(
        "MATCH (:Court)-[r]->(:Council)
         CALL evidence.add(r, {locator: 'n7:2.4', date: '1995-06-14', wording: 'yesterday the court ... was merged'})",
    )?;
    println!("documents that say so: {}", documents(&engine)?);
    show(&engine, "")?;

    // what a transaction tells goes with it
    let mut transaction = engine.begin()?;
    transaction.run("MATCH (:Court)-[r]->(:Council) CALL evidence.remove(r, {source: 'm1'})")?;
    transaction.rollback();
    println!("after a rollback: {} documents", documents(&engine)?);
    engine.run("MATCH (:Court)-[r]->(:Council) CALL evidence.remove(r, {source: 'n7'})")?;
    show(&engine, "after n7 is taken back: ")?;
    Ok(())
}
