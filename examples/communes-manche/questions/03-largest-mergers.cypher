// Which mergers took in the most communes?
MATCH (a:commune)-[r:merged-into]->(b:commune)
RETURN b.name AS commune, r.effective AS effective, count(*) AS taken_in
ORDER BY taken_in DESC, commune LIMIT 8
