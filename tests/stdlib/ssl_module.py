# TLS without a network: contexts, certificates, memory buffers, sockets, streams.
ROOT = '''-----BEGIN CERTIFICATE-----
MIIBxDCCAWqgAwIBAgIBATAKBggqhkjOPQQDAjA4MQswCQYDVQQGEwJFVTEVMBMG
A1UECgwMVGFpcGFuIFRlc3RzMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjQwMTAy
MDMwNDA1WhgPMjEyNDAxMDIwMzA0MDVaMDgxCzAJBgNVBAYTAkVVMRUwEwYDVQQK
DAxUYWlwYW4gVGVzdHMxEjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEG
CCqGSM49AwEHA0IABHZi9+JZqPcGSZS4NJvX/m4+7Pg7PwEtcLoSbB0g45MPGGDC
SZYtRyCyhyWiOYV3ExjZAdvRi9lQVtS0rMfWiRajYzBhMA8GA1UdEwEB/wQFMAMB
Af8wDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQWBBTa5gE5S8gcRk6adX0BNi7IqnHU
VDAfBgNVHSMEGDAWgBTa5gE5S8gcRk6adX0BNi7IqnHUVDAKBggqhkjOPQQDAgNI
ADBFAiEA2oDvFpnXLt0oBVo1HGFMXOMHdGagxIWPd8ATDQZHB/4CIDeDx0ZKEDBw
Y/dkCxVsVTt1GzWmpCsz21ccuJTXOYYe
-----END CERTIFICATE-----
'''
SERVER = '''-----BEGIN CERTIFICATE-----
MIIB4TCCAYagAwIBAgIIEjRWeJCrze8wCgYIKoZIzj0EAwIwODELMAkGA1UEBhMC
RVUxFTATBgNVBAoMDFRhaXBhbiBUZXN0czESMBAGA1UEAwwJVGVzdCBSb290MCAX
DTI0MDEwMjAzMDQwNVoYDzIxMjQwMTAyMDMwNDA1WjA1MQswCQYDVQQGEwJFVTEV
MBMGA1UECgwMVGFpcGFuIFRlc3RzMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjO
PQIBBggqhkjOPQMBBwNCAAQlqzWPIpbPtJBIWrEVX/ehV5qaYVRZ2nvfiOLfk+MU
jBK94HyWUEkRSuHQLhTZqjLX5MPWpB18QrCBvWVcDLnko3sweTAMBgNVHRMBAf8E
AjAAMCkGA1UdEQQiMCCCCWxvY2FsaG9zdIINKi5leGFtcGxlLm9yZ4cEfwAAATAd
BgNVHQ4EFgQUL+iSEBrRjGwfwhUhCmBSChGkSyswHwYDVR0jBBgwFoAU2uYBOUvI
HEZOmnV9ATYuyKpx1FQwCgYIKoZIzj0EAwIDSQAwRgIhAPfJB55P1CzrHFY3Q/cc
Solfclg19oLp0T29hima+/xiAiEAlmLtAxGOGpotOuoXalkfG82ChA7hUy2m7PLx
pvQ7wiE=
-----END CERTIFICATE-----
'''
OLD = '''-----BEGIN CERTIFICATE-----
MIIBvjCCAWWgAwIBAgIBBzAKBggqhkjOPQQDAjA4MQswCQYDVQQGEwJFVTEVMBMG
A1UECgwMVGFpcGFuIFRlc3RzMRIwEAYDVQQDDAlUZXN0IFJvb3QwHhcNMjQwMTAy
MDMwNDA1WhcNMjQwMjAyMDAwMDAwWjAyMQswCQYDVQQGEwJFVTEVMBMGA1UECgwM
VGFpcGFuIFRlc3RzMQwwCgYDVQQDDANvbGQwWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAAQlqzWPIpbPtJBIWrEVX/ehV5qaYVRZ2nvfiOLfk+MUjBK94HyWUEkRSuHQ
LhTZqjLX5MPWpB18QrCBvWVcDLnko2YwZDAMBgNVHRMBAf8EAjAAMBQGA1UdEQQN
MAuCCWxvY2FsaG9zdDAdBgNVHQ4EFgQUL+iSEBrRjGwfwhUhCmBSChGkSyswHwYD
VR0jBBgwFoAU2uYBOUvIHEZOmnV9ATYuyKpx1FQwCgYIKoZIzj0EAwIDRwAwRAIg
Yw3PP/sI7ypCkdU3q3IjxQpVHjVImTOqMTvJNOXJLDoCIF5KGtYrVwwSjOVBRm7Y
KkQyzz8oWbAWExcvlN0/DWKf
-----END CERTIFICATE-----
'''
KEY = '''-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJ8+cKkgD1UW1vrkl
ayh3NuAMj65AGim4/M23eeeAygWhRANCAAQlqzWPIpbPtJBIWrEVX/ehV5qaYVRZ
2nvfiOLfk+MUjBK94HyWUEkRSuHQLhTZqjLX5MPWpB18QrCBvWVcDLnk
-----END PRIVATE KEY-----
'''
LOCKED = '''-----BEGIN ENCRYPTED PRIVATE KEY-----
MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBBZFpzTvnSbYsGmHjQW
b0ftAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQf+AQJrxX+P3+sehK
Tnv2+ASBkKniMmmRFhv6UUHSgEckNoRWSqyadQOvSFUmgNBAeYGgll7jORfislfs
N/Ly6m52qrztWYJ4OcQJeIJx0tInmzUE3B5i30SEmP357t2lDcZIy2nmE0SY0THL
/ySrsqeo8yngZ7uwq9apRY+ZTHmVVfy5rYuRtAvjcvKNMnvuN+JPomQzrH/WgGfd
oICBoko+og==
-----END ENCRYPTED PRIVATE KEY-----
'''
CLIENT = '''-----BEGIN CERTIFICATE-----
MIIBrjCCAVSgAwIBAgIBCTAKBggqhkjOPQQDAjA4MQswCQYDVQQGEwJFVTEVMBMG
A1UECgwMVGFpcGFuIFRlc3RzMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjQwMTAy
MDMwNDA1WhgPMjEyNDAxMDIwMzA0MDVaMDUxCzAJBgNVBAYTAkVVMRUwEwYDVQQK
DAxUYWlwYW4gVGVzdHMxDzANBgNVBAMMBmNsaWVudDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABDXOpQQwbO0BKPAy7Q+B5R5aH+DwBbwxnUwj0qR4/PnuXplz3IJ3
C1U2e5TRaZVW9EhTJP1o9DKXpBYQZrvotoKjUDBOMAwGA1UdEwEB/wQCMAAwHQYD
VR0OBBYEFBj7daYxxkJiImkvr/zuwJ+kuoYCMB8GA1UdIwQYMBaAFNrmATlLyBxG
Tpp1fQE2LsiqcdRUMAoGCCqGSM49BAMCA0gAMEUCIQCQwE9PGUO4dslO52gTbHs2
fFpc4PnUy8og9fFsTihDnQIgWK6RYtNlpmB5r8PmibilMcmRMVsucF6dtBCCrQR4
PQA=
-----END CERTIFICATE-----
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmOBYmrGq/jN6w2sp
yikZiZWhAERs5v0vWTx0Xmvj3uKhRANCAAQ1zqUEMGztASjwMu0PgeUeWh/g8AW8
MZ1MI9KkePz57l6Zc9yCdwtVNnuU0WmVVvRIUyT9aPQyl6QWEGa76LaC
-----END PRIVATE KEY-----
'''
DEK = '''-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,E0EECA8A1DEADF27ECCA32B989998E3A

RbW8uedmISZf7Rgs9L5wZvVevEH4O8Td6drMf5sZSHMrBGeEQq8ZxhVFVMzHo5im
S5hJ7sHwoIzNAgJdHFbZK2xqLPoa6gyjrCb622DHsy8AHrd7UU4KU9fH3u+nm8gy
gHzMF6NJZIXkzFF4/pCHFjcDCJyCMzI33f1xQuMsuz8=
-----END EC PRIVATE KEY-----
'''

import _ssl, asyncio, os, socket, ssl, tempfile, threading, warnings
warnings.simplefilter('ignore')

folder = tempfile.TemporaryDirectory()
def file(name, text):
    path = os.path.join(folder.name, name)
    with open(path, 'w') as f: f.write(text)
    return path
root, server, old = file('root.pem', ROOT), file('server.pem', SERVER + KEY), file('old.pem', OLD + KEY)
locked, dek, client = file('locked.pem', SERVER + LOCKED), file('dek.pem', SERVER + DEK), file('client.pem', CLIENT)
bad = file('bad.pem', 'nothing'); mixed = file('mixed.pem', CLIENT.partition('-----BEGIN PRIVATE')[0] + KEY)

def refused(f):
    try: f()
    except Exception as e: return e
def t(label, f, *a, **k):
    try: r = f(*a, **k)
    except BaseException as e:
        text = ' '.join(map(str, e.args[1:2] or e.args)).partition(' (_ssl.c')[0].replace(folder.name, '')
        r = f"{type(e).__module__}.{type(e).__name__}: {text}"
        for name in 'reason', 'library', 'verify_code', 'verify_message':
            if hasattr(e, name): r += f' {name}={getattr(e, name)}'
    print(label, '->', r)

# Contexts
def client_context(**k):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); c.load_verify_locations(root, **k); return c
def server_context(path=server, *a):
    s = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); s.load_cert_chain(path, *a); return s
c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); s = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
for x in c, s, ssl.create_default_context():
    print(x.protocol, x.verify_mode, x.check_hostname, x.verify_flags, x.minimum_version, x.maximum_version, x.options,
          x.num_tickets, x.post_handshake_auth, x.security_level, x.keylog_filename, x.hostname_checks_common_name)
t('none without names', setattr, c, 'verify_mode', ssl.CERT_NONE)
c.check_hostname = False; c.verify_mode = ssl.CERT_NONE; c.check_hostname = True; print(c.verify_mode)
t('mode', setattr, c, 'verify_mode', 9); t('tickets', setattr, c, 'num_tickets', 1); t('tickets', setattr, s, 'num_tickets', -1)
t('sni', setattr, c, 'sni_callback', print); t('sni', setattr, s, 'sni_callback', 5)
t('ciphers', c.set_ciphers, 'NOTHING'); t('alpn', c.set_alpn_protocols, ['']); t('curve', c.set_ecdh_curve, 'foo')
c.set_ciphers('ECDHE+AESGCM'); print([x['name'] for x in c.get_ciphers() if x['protocol'] == 'TLSv1.2'])
t('protocol', ssl.SSLContext, 77); t('version', setattr, c, 'minimum_version', 5)
t('locations', c.load_verify_locations); t('locations', c.load_verify_locations, '/nope'); t('locations', c.load_verify_locations, bad)
t('cadata', c.load_verify_locations, cadata=''); t('cadata', c.load_verify_locations, cadata='x'); t('cadata', c.load_verify_locations, cadata=b'x')
t('cadata', c.load_verify_locations, cadata='ä')
for path in '/nope', bad, root, mixed: t('chain', s.load_cert_chain, path)
for pw in b'secret', 'secret', bytearray(b'secret'), lambda: 'secret', lambda: b'secret': t('locked', s.load_cert_chain, locked, password=pw)
for pw in 'wrong', 'x' * 1025, lambda: 5, lambda: 1 / 0: t('locked', s.load_cert_chain, locked, password=pw)
t('dek', s.load_cert_chain, dek, password='secret'); t('dek', s.load_cert_chain, dek, password='no')
t('dh', s.load_dh_params, '/nope')
c = client_context(cadata=ssl.PEM_cert_to_DER_cert(SERVER))
print(c.cert_store_stats(), c.get_ca_certs(), len(c.get_ca_certs(True)[0]), c.session_stats())
print(_ssl._test_decode_cert(server)); t('decode', _ssl._test_decode_cert, bad)
print(ssl._ASN1Object('1.3.6.1.5.5.7.3.1'), ssl._ASN1Object.fromname('CN'), ssl._ASN1Object.fromnid(129)); t('object', ssl._ASN1Object.fromname, 'xyz')
print(len(ssl.RAND_bytes(20)), ssl.RAND_status(), ssl.RAND_add('x', 1.0)); t('random', ssl.RAND_bytes, -1)

# Memory buffers
b = ssl.MemoryBIO()
print(b.pending, b.eof, b.read(), b.write(b'abcdef'), b.pending, b.read(2), b.read(0), b.pending, b.read(), b.write_eof(), b.eof)
t('write', b.write, b'x'); t('write', b.write, 'x'); t('new', ssl.MemoryBIO, 1)

def pair(cc=None, sc=None, host='localhost', **k):
    i, o = ssl.MemoryBIO(), ssl.MemoryBIO()
    return (cc or client_context()).wrap_bio(i, o, server_hostname=host, **k), (sc or server_context()).wrap_bio(o, i, server_side=True)
def shake(a, b):
    done = set()
    for _ in range(8):
        for side in a, b:
            try: side.do_handshake()
            except ssl.SSLWantReadError: pass
            else: done.add(side)
    return len(done)
a, b = pair()
print(a.version(), a.cipher(), a.selected_alpn_protocol(), a.session, a.session_reused, a.pending(), a.server_side, b.server_side, a.server_hostname)
t('too early', a.getpeercert); t('too early', a.unwrap); t('read', a.read); t('write', a.write, b'x')
print(shake(a, b), a.version(), a.cipher(), a.compression(), a.selected_alpn_protocol())
print(a.getpeercert() == _ssl._test_decode_cert(server), a.getpeercert(True) == ssl.PEM_cert_to_DER_cert(SERVER), b.getpeercert())
print(len(a.get_verified_chain()), len(a.get_unverified_chain()), a._sslobj.get_verified_chain()[0].get_info()['serialNumber'], a._sslobj.get_verified_chain()[0])
t('binding', a.get_channel_binding, 'nope')
print(a.write(b'hello'), b.read(3), b.pending(), b.read(10)); t('empty', b.read); print(b.read(0))
buf = bytearray(4); a.write(b'xyzw0123'); print(b.read(4, buf), buf, b.read(2, buf), buf, b.pending(), b.read(0, buf), buf); t('size', b.read, -1)
big = bytes(range(256)) * 400; sent = got = 0
data = b''
while sent < len(big): sent += a.write(memoryview(big)[sent:])
while len(data) < len(big): data += b.read(50000)
print(data == big)
t('shutdown', a.unwrap); print(b.read()); t('shutdown', b.unwrap); t('shutdown', a.unwrap); t('after', a.write, b'x')
# The end without a goodbye, and what is no TLS at all
a, b = pair(); i = ssl.MemoryBIO(); i.write_eof(); t('eof', client_context().wrap_bio(i, ssl.MemoryBIO(), server_hostname='x').do_handshake)
for text in b'HTTP/1.1 400 Bad\r\n', b'\x16\x09\x01\x00\x05hello':
    i = ssl.MemoryBIO(); i.write(text); t('strange', client_context().wrap_bio(i, ssl.MemoryBIO(), server_hostname='x').do_handshake)
i = ssl.MemoryBIO(); i.write(b'GET / HTTP/1.1\r\n'); t('http', server_context().wrap_bio(i, ssl.MemoryBIO(), server_side=True).do_handshake)

# Certificates that are refused
for label, cc, path, host in [
    ('host', client_context(), server, 'other.net'), ('wildcard', client_context(), server, 'a.example.org'), ('deep', client_context(), server, 'a.b.example.org'),
    ('address', client_context(), server, '127.0.0.1'), ('address', client_context(), server, '127.0.0.2'), ('old', client_context(), old, 'localhost'),
    ('unknown', ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), server, 'localhost')]:
    a, b = pair(cc, server_context(path), host); t(label, shake, a, b); t('  server', b.do_handshake)
cc = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); cc.check_hostname = False; cc.verify_mode = ssl.CERT_NONE
a, b = pair(cc); print(shake(a, b), a.getpeercert())
for label, path in ('no certificate', None), ('certificate', client):
    for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
        cc, sc = client_context(), server_context(); sc.verify_mode = ssl.CERT_REQUIRED; sc.load_verify_locations(root); cc.maximum_version = version
        if path: cc.load_cert_chain(path)
        a, b = pair(cc, sc); t(label, shake, a, b)
        if path: print(b.getpeercert()['subject'], a.version())
        else: t('  client', lambda: [issubclass(type(e), ssl.SSLError) for e in [refused(a.read)]])

# Protocols, names, sessions
for offered, known in (['h2', 'http/1.1'], ['http/1.1']), (['a'], ['b']), ([], ['b']), (['b', 'c'], ['c', 'b']):
    cc, sc = client_context(), server_context(); cc.set_alpn_protocols(offered); sc.set_alpn_protocols(known)
    a, b = pair(cc, sc); print(shake(a, b), a.selected_alpn_protocol(), b.selected_alpn_protocol())
sc, other = server_context(), server_context(old); calls = []
def sni(sock, name, context): calls.append((type(sock).__name__, name, context is sc)); sock.context = other
sc.sni_callback = sni; a, b = pair(None, sc); t('sni', shake, a, b); print(calls, b.context is other)
sc.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_ACCESS_DENIED
a, b = pair(None, sc); t('sni', lambda: [f() for f in [lambda: None] if not shake(a, b)]); t('  client', a.do_handshake)
cc, sc = client_context(), server_context(); cc.maximum_version = ssl.TLSVersion.TLSv1_2
a, b = pair(cc, sc); shake(a, b); first = a.session; print(first is not None, first.has_ticket, len(first.id), a.session_reused, a.version())
a, b = pair(cc, sc, session=first); shake(a, b); print(a.session_reused, b.session_reused, a.session == first, a.session.id == first.id, cc.session_stats()['hits'], sc.session_stats()['accept_good'])
t('session', pair, client_context(), session=first); t('session', setattr, a, 'session', 5); t('session', setattr, a, 'session', first)
cc, sc = client_context(), server_context(); a, b = pair(cc, sc); shake(a, b); a.write(b'x'); b.read(); b.write(b'y'); a.read(); first = a.session
a, b = pair(cc, sc, session=first); shake(a, b); print(a.version(), a.session_reused, b.session_reused)
t('side', client_context().wrap_bio, ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True); t('side', server_context().wrap_bio, ssl.MemoryBIO(), ssl.MemoryBIO())
t('name', client_context().wrap_bio, ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=''); t('name', client_context().wrap_bio, ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname='a\0b')

# Sockets
def serve(listener, context):
    def echo(conn):
        with context.wrap_socket(conn, server_side=True) as s:
            while data := s.recv(70000):
                if data == b'bye':
                    s.unwrap().sendall(b'plain'); return
                s.sendall(data.upper())
    conn, _ = listener.accept(); conn.settimeout(20)
    try: echo(conn)
    except OSError as e: print('server', type(e).__name__)
with socket.create_server(('127.0.0.1', 0)) as listener:
    th = threading.Thread(target=serve, args=(listener, server_context())); th.start()
    with socket.create_connection(listener.getsockname(), timeout=20) as raw:
        conn = client_context().wrap_socket(raw, server_hostname='localhost')
        conn.sendall(b'hello'); print(conn.recv(100), conn.version(), conn.getpeercert()['notAfter'], conn.fileno() > 0)
        buf = bytearray(10); conn.sendall(b'abc'); print(conn.recv_into(buf), buf); t('flags', conn.recv, 1, 2)
        conn.sendall(b'x' * 200000); n = 0
        while n < 200000: n += len(conn.recv(65536))
        print(n); conn.settimeout(0.05); t('timeout', conn.recv, 1); conn.settimeout(0); t('wait', conn.recv, 1); conn.settimeout(20)
        conn.sendall(b'bye'); plain = conn.unwrap(); print(type(plain).__name__, plain.recv(100)); th.join()
    th = threading.Thread(target=serve, args=(listener, server_context())); th.start()
    with client_context().wrap_socket(socket.create_connection(listener.getsockname(), timeout=20), server_hostname='localhost', do_handshake_on_connect=False) as conn:
        t('early', conn.getpeercert); conn.setblocking(False)
        try: conn.do_handshake()
        except ssl.SSLWantReadError: pass
        conn.settimeout(20); conn.do_handshake(); print(conn.cipher()); conn.sendall(b'bye'); conn.unwrap()
    th.join()
a, b = socket.socketpair(); a.settimeout(0.05)
t('no answer', client_context().wrap_socket, a, server_hostname='localhost'); a.close(); b.close()

# Streams
async def main():
    async def handle(r, w):
        w.write((await r.readline()).upper()); await w.drain(); w.close(); await w.wait_closed()
    srv = await asyncio.start_server(handle, '127.0.0.1', 0, ssl=server_context())
    async def ask(text, host='localhost'):
        r, w = await asyncio.open_connection(*srv.sockets[0].getsockname(), ssl=client_context(), server_hostname=host)
        w.write(text); cipher = w.get_extra_info('cipher'); out = await r.read(); w.close(); await w.wait_closed(); return out, cipher
    print(await asyncio.gather(*(ask(b'line %d\n' % i) for i in range(5))))
    try: await ask(b'x\n', 'wrong')
    except ssl.SSLCertVerificationError as e: print(e.verify_code, e.verify_message)
    srv.close(); await srv.wait_closed()
asyncio.run(main())
for e in ssl.SSLError, ssl.SSLCertVerificationError, ssl.SSLEOFError: print(e.__mro__, str(e(1, 'text')), str(e('only')), e.__doc__)
print(type(refused(lambda: setattr(ssl.SSLError, 'x', 1))))
folder.cleanup()
