print("main of package", __name__, __package__, __import__("sys").argv[1:])
