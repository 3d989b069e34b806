// Which communes were split off again, and out of which?
MATCH (a:commune)-[r:split-into]->(b:commune)
RETURN b.name AS commune, a.name AS out_of, r.effective AS effective
ORDER BY effective, commune
