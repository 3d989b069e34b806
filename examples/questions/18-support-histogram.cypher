// How many facts stand in one, two, three, four, five documents?
MATCH ()-[r]->()
RETURN support(r) AS documents, count(*) AS facts
ORDER BY documents
