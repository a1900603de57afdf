print("loading", __name__, __package__); T = 5
