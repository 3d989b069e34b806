// Which party is spelt Baitak in some places?
MATCH (party:party)
WHERE 'Baitak' IN party.aliases
RETURN party.name AS party, party.aliases AS also
