where = "A"
