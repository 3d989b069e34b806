// In which order did the human-rights plans follow each other, and what did each newly protect?
MATCH (first:plan)-[:followed-by]->(second:plan)
RETURN first.name AS first, second.name AS second,
       COLLECT { MATCH (second)-[:protects]->(x) WHERE NOT (first)-[:protects]->(x) RETURN x.name ORDER BY x.name } AS newly_protected
