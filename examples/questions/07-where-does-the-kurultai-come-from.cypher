// Where does the National Kurultai come from, asked by its Kazakh name?
TRACE 'Ұлттық құрылтай' BACKWARD
RETURN step, kind, from.name AS `from`, to.name AS `to`, support, citations
ORDER BY step, kind
