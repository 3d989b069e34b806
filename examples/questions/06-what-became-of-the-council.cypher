// What became of the National Council of Public Trust?
TRACE 'National Council of Public Trust' FORWARD
RETURN step, kind, to.name AS became, support, citations
