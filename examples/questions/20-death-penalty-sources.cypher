// Which passages say that the death penalty was abolished?
MATCH (:Entity {id: 'kazakhstan'})-[r:abolished]->(:Entity {id: 'death-penalty'})
UNWIND evidence(r) AS place
RETURN place.source AS source, place.locator AS locator, place.wording AS wording
ORDER BY locator
