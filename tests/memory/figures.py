# needs: 3.14
"""taipan.memory: what stats() says holds together."""
import subprocess
import sys
import taipan.memory as memory

s = memory.stats()
print(sorted(s))
print(sorted(s['classes'][0]))
print(sorted(s['system']))
for c in s['classes']:
    assert c['bytes_used'] == c['used'] * c['size'], c
    assert c['pools'] * s['system']['pool_size'] == c['bytes_used'] + c['bytes_free'] + c['bytes_lost'], c
assert s['in_use'] == sum(c['bytes_used'] for c in s['classes']) + s['system']['large_bytes']
assert 0 < s['requested'] <= s['in_use'] <= s['live']
assert s['reserved'] >= s['system']['arenas'] * s['system']['arena_size']
assert s['rss'] <= s['peak_rss']
print(s['threshold'], memory.limit())


class Thing:
    __slots__ = ('x',)


before = memory.stats()
things = [Thing() for _ in range(1000)]
after = memory.stats()
print(after['types']['Thing']['count'], after['types']['list']['bytes'] - before['types']['list']['bytes'] >= 8000)
things = None
print('Thing' in memory.stats()['types'])

text = 'x' * 100_000
print(memory.size_of(text) >= 100_000, memory.size_of(bytearray(5000)) >= 5000, memory.size_of(5))
# What the system gave comes back.
reserved = memory.stats()['reserved']
big = bytearray(50_000_000)
print(memory.stats()['reserved'] - reserved >= 50_000_000)
del big
print(memory.stats()['reserved'] - reserved < 1_000_000)

p = subprocess.run([sys.executable, '-X', 'smallblock=256', '-c', 'import sys, taipan.memory as m; print(m.stats()["threshold"]); sys._debugmallocstats()'],
                   capture_output=True, text=True)
print(p.stdout, end='')
lines = p.stderr.splitlines()
print(lines[0])
print([l.split('=')[0].strip() for l in lines if l.startswith('#')])
for wrong in 'smallblock=1000', 'memory-limit=', 'memory-limit=lots':
    p = subprocess.run([sys.executable, '-X', wrong, '-c', ''], capture_output=True, text=True)
    print(p.returncode, p.stderr, end='')
