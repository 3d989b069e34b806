// Which mergers were adopted more than four months before they took effect?
MATCH (a:commune)-[r:merged-into]->(b:commune)
WHERE date(r.adopted) + duration('P4M') < date(r.effective)
RETURN b.name AS commune, r.adopted AS adopted, r.effective AS effective, count(*) AS taken_in
ORDER BY adopted, commune
