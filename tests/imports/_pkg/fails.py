print("loading", __name__); raise RuntimeError("while importing")
