# timeout: 60
# Requests for more memory than there is end in MemoryError or OverflowError.
cases = ["'a' * 10**12", "[0] * 10**13", "(0,) * 10**13", "b'a' * 10**13", "bytearray(10**13)", "bytes(10**14)", "'ab' * 10**19", "[1] * 10**20", "bytearray(2**62)", "'x'.center(10**13)", "'x'.ljust(10**18)", "'x'.zfill(10**14)", "'%1000000000000000d' % 1", "'{:>10000000000000}'.format(1)", "'a\\tb'.expandtabs(10**13)", "('a' * 10**6).replace('a', 'b' * 10**8)", "range(10**30)[5]", "list(range(10**15))", "bytearray(b'a') * 10**14", "'a'.join(['b'] * 10**12)", "1 << 10**15", "len(range(10**20))", "[0] * -10**20", "'a' * -1", "memoryview(bytearray(10**13))", "f'{1:{10**13}}'", "'%.*f' % (10**10, 1.0)", "format(1.0, '.100000000000f')", "b'x'.ljust(10**14)", "int.to_bytes(1, 10**14)"]
for text in cases:
    try: value = eval(text); print(text, "->", type(value).__name__)
    except (MemoryError, OverflowError, ValueError) as e: print(text, "-> refused")
l = [1]
try: l *= 10**14
except MemoryError: print("list kept", l)
