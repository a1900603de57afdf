where = "B"
