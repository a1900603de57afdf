# Sockets without a network: pairs, loopback, names that are numbers.
import _socket, array, os, signal, socket, sys, threading, time, warnings
warnings.simplefilter('ignore')

def t(f, *a, **k):
    try: r = f(*a, **k)
    except BaseException as e: r = f"{type(e).__module__}.{type(e).__name__}: {e}"
    print(f.__name__, repr(a)[:60], k or '', '->', repr(r)[:200])

a, b = socket.socketpair()
print(a.family, a.type, a.proto, a.timeout, a.gettimeout(), a.getblocking())
t(a.recv, -1); t(a.recv, 'x'); t(a.recv, 2**70); t(a.recv, 0)
t(a.recv_into, b'abc'); t(a.recv_into, bytearray(4), -1); t(a.recv_into, bytearray(4), 5); t(a.recv_into, 5)
t(a.recvfrom, -1); t(a.recvfrom_into, bytearray(4), -1); t(a.recvfrom_into, bytearray(4), 5)
t(a.recvmsg, -1); t(a.recvmsg, 1, -1); t(a.recvmsg, 1, 2**31); t(a.recvmsg_into, 5); t(a.recvmsg_into, [b'abc'])
t(a.send, 5); t(a.send, 'x'); t(a.send, array.array('b', [1, 2])); t(b.recv, 100); t(a.sendall, b''); t(a.sendall, 'x')
t(a.sendto, b'x'); t(a.sendto, b'x', 1, 2, 3); t(a.sendto, b'x', 5)
t(a.sendmsg, 5); t(a.sendmsg, ['x']); t(a.sendmsg, [b'a', b'b']); t(b.recv, 10); t(a.sendmsg, [b'a'], 5)
t(a.sendmsg, [b'a'], [(1, 'x', b'')]); t(a.sendmsg, [b'a'], [(1, 1, 5)])
a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0]))])
data, control, flags, peer = b.recvmsg(10, socket.CMSG_SPACE(4))
print(data, control[0][:2], len(control[0][2]), flags, peer)
os.close(int.from_bytes(control[0][2], sys.byteorder))
bufs = [bytearray(2), bytearray(3)]
a.send(b'hello'); print(b.recvmsg_into(bufs), bufs)

t(a.settimeout, -1); t(a.settimeout, 1e10)
a.settimeout(0.01); print(a.gettimeout()); t(a.recv, 1); t(a.recv_into, bytearray(1))
a.setblocking(False); print(a.gettimeout(), a.getblocking(), os.get_blocking(a.fileno())); t(a.recv, 1)
a.settimeout(30); print(a.gettimeout()); a.settimeout(None)
# All of it, although the other side reads slowly.
got = []
def reader():
    while sum(map(len, got)) < 1_000_000: got.append(b.recv(50_000))
r = threading.Thread(target=reader); r.start(); a.settimeout(20); a.sendall(b'z' * 1_000_000); r.join()
print(sum(map(len, got))); a.settimeout(None)
# A signal's handler runs while a call waits; what it raises ends the call.
ticks = []
signal.signal(signal.SIGALRM, lambda *_: (ticks.append(1), len(ticks) == 2 and 1 / 0))
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
t(a.recv, 1); signal.setitimer(signal.ITIMER_REAL, 0); print(ticks)

t(a.getsockopt, 1, 3); t(a.getsockopt, 1, 3, 4); t(a.getsockopt, 1, 3, -1); t(a.getsockopt, 1, 3, 1025); t(a.getsockopt, 99, 99)
t(a.setsockopt, 1, 7); t(a.setsockopt, 1, 7, 'x'); t(a.setsockopt, 1, 7, 10000); t(a.setsockopt, 1, 7, None)
t(a.setsockopt, 1, 7, 5, 4); t(a.setsockopt, 1, 7, b'\0\0\1\0'); t(a.setsockopt, 1, 7, b'a'); t(a.setsockopt, 1, 7, 2**40)
t(a.bind, 5); t(a.bind, 'x' * 200); t(a.connect, '/nonexist'); t(a.connect_ex, '/nonexist')
fd = a.detach(); print(a.detach(), a.fileno(), a); os.close(fd); t(a.recv, 1); t(a.close); t(a.close); b.close()

u, v = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in 'ab')
name = b'\0taipan-%d' % os.getpid()
u.bind(name); print(u.getsockname() == name); v.sendto(b'hi', name); print(u.recvfrom(10))
v.sendto(b'abc', name); buf = bytearray(2); print(u.recvfrom_into(buf), buf); v.sendto(b'abc', name); print(u.recvmsg(2)[2] == socket.MSG_TRUNC)
u.close(); v.close()

s = socket.socket()
for at in (5, 'x', (), ('127.0.0.1',), ('127.0.0.1', 1, 2), ('127.0.0.1', 'x'), ('127.0.0.1', -1), ('127.0.0.1', 2**80), (5, 1), (None, 1),
           ('a\0b', 1), (bytearray(b'127.0.0.1'), 0)):
    t(s.bind, at)
s.listen(); c = socket.create_connection(s.getsockname()); d, peer = s.accept()
print(peer == c.getsockname(), d.getpeername() == peer, d.type, d.family)
with c.makefile('rwb') as f, d.makefile('rb') as g:
    f.write(b'line\n'); f.flush(); print(g.readline())
c.close(); print(d.recv(5)); d.close(); s.close()
print(repr(s))

for f, args in ((socket.inet_aton, ('1.2.3.4', '1.2', '0x7f.1', 'é', 'a\0b', 1)), (socket.inet_ntoa, (b'1234', b'123', 'x'))):
    for x in args: t(f, x)
for x in ('::1', '1.2.3.4', 'x'): t(socket.inet_pton, 10, x); t(socket.inet_pton, 2, x)
t(socket.inet_pton, 1, 'x'); t(socket.inet_ntop, 10, bytes(15) + b'\1'); t(socket.inet_ntop, 2, b'123'); t(socket.inet_ntop, 1, b'1234')
print(socket.htons(1), socket.ntohl(1), socket.CMSG_LEN(4), socket.CMSG_SPACE(4)); t(socket.CMSG_LEN, -1)
for x in ('127.0.0.1', '', '<broadcast>', b'127.0.0.1', 5, None, 'a\0b'): t(socket.gethostbyname, x)
for x in (('127.0.0.1', 80, 0, 1), ('::1', '80', 0, 1), (b'127.0.0.1', b'80', 0, 1), (5, 6), ('127.0.0.1', 1.5)): t(_socket.getaddrinfo, *x)
for x in ((('127.0.0.1', 80), 3), (('127.0.0.1', 80, 1), 3), (('::1', 80, 0, 0), 3), (('::1', 80, 2**21), 3), ('x', 0), ((1, 2), 0)): t(socket.getnameinfo, *x)
for x in (1.5, None, -1): t(socket.setdefaulttimeout, x); print(socket.getdefaulttimeout())
t(_socket.socket, fileno=-1); t(_socket.socket, fileno=9999); t(_socket.socket, 999); t(_socket.close, 9999); t(_socket.dup, 9999)
print(socket.gaierror(-2, 'x').errno, _socket.gaierror, _socket.herror.__mro__[1], socket.timeout, socket.error)
