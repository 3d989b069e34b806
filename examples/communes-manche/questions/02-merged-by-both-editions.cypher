// How many mergers do both editions of the register state?
MATCH (:commune)-[r:merged-into]->(:commune)
RETURN support(r) AS documents, count(*) AS mergers
ORDER BY documents
