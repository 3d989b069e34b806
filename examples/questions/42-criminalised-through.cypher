// Which conduct became an offence, and through which law?
MATCH ({id: 'kazakhstan'})-[r:criminalised]->(offence)
OPTIONAL MATCH (law:Entity) WHERE law.id IN r.through
WITH law, offence ORDER BY offence.name
RETURN law.name AS law, collect(offence.name) AS offences
ORDER BY law
