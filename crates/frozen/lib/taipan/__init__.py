"""What Taipan offers beyond Python.

taipan.memory -- look into the memory of a program, limit it, find leaks
"""
