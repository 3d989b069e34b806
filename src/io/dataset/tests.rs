//! What has no place in a dataset is said.

use super::*;

#[test]
fn what_no_document_states_is_left_out_and_said() {
    let engine = Engine::builtin().expect("built in");
    engine
        .run("MATCH (a:institution), (b:law) WITH a, b LIMIT 1 CREATE (a)-[:likes]->(b) SET a.colour = 'blue', a:Nice")
        .expect("runs");
    let (_, left) = tables(&Subgraph::whole(&engine).expect("whole")).expect("tables");
    let wanted = ["1 × relationships that no mention states", "1 × label Nice", "1 × property colour of nodes"];
    assert_eq!(left, wanted);
}
