# needs: 3.14
import sys
def t(f,*a,**k):
    try: print(repr(f(*a,**k)).split(' at 0x')[0].split(' @ 0x')[0])
    except BaseException as e: print(type(e).__name__, e)
import hashlib, hmac
import _md5,_sha1,_sha2,_sha3,_blake2
for f in (_md5.md5,_sha1.sha1,_sha2.sha256,_sha2.sha512,_sha3.sha3_256,_sha3.shake_128,_blake2.blake2b,_blake2.blake2s):
    print(f)
    t(f); t(f,'abc'); t(f,1); t(f,b'a',b'b'); t(f,data=b'a'); t(f,string=b'a'); t(f,b'a',string=b'a'); t(f,b'',usedforsecurity=False); t(f,None); t(f,foo=1)
    h=f(b'abc'); t(h.update); t(h.update,'a'); t(h.update,1); t(h.update,b'def'); t(h.digest); t(h.hexdigest); t(h.copy); t(lambda:(h.name,h.digest_size,h.block_size)); t(setattr,h,'name',1); t(h.digest,1)
    if 'shake' in h.name: t(h.digest,-1); t(h.digest,10); t(h.hexdigest,10); t(h.digest,2**40); t(h.digest,'a'); t(h.hexdigest,length=5); t(h.digest,length=5);t(h.digest,0)
B=_blake2.blake2b
for c in (_blake2.blake2b,_blake2.blake2s):
    t(c,b'',digest_size=0); t(c,b'',digest_size=65); t(c,b'',digest_size=-1); t(c,b'',key=b'a'*65); t(c,b'',salt=b'a'*17); t(c,b'',person=b'a'*17); t(c,b'',fanout=-1); t(c,b'',fanout=256); t(c,b'',depth=0); t(c,b'',depth=256); t(c,b'',leaf_size=-1); t(c,b'',leaf_size=2**32); t(c,b'',node_offset=-1); t(c,b'',node_offset=2**64); t(c,b'',node_offset=2**48); t(c,b'',node_depth=-1); t(c,b'',node_depth=256); t(c,b'',inner_size=-1); t(c,b'',inner_size=65); t(c,b'',last_node=True)
    t(lambda: c(b'abc',digest_size=20,key=b'kk',salt=b'ss',person=b'pp',fanout=2,depth=2,leaf_size=4096,node_offset=7,node_depth=1,inner_size=32,last_node=True).hexdigest())
    t(lambda: c(b'abc'*100).hexdigest())
    t(lambda: c(key=b'x'*32).hexdigest()); t(lambda:c.SALT_SIZE); t(lambda:(c.PERSON_SIZE,c.MAX_KEY_SIZE,c.MAX_DIGEST_SIZE)); t(c,b'',b''); t(c,digest_size='a'); t(c,key='a')
import pickle
t(pickle.dumps,_sha2.sha256())
t(hashlib.new,'foo'); t(hashlib.new,'sha256',b'a'); t(hashlib.new,1); t(hashlib.new,'SHA256'); t(hashlib.new,'sha-256'); t(hashlib.new,'sha512_256'); t(hashlib.new,'blake2b',b'a'); t(hashlib.sha256,'a'); t(hashlib.sha256); t(hashlib.new,'sha256',b'a',usedforsecurity=False); t(hashlib.new, name='md5', data=b'a');t(hashlib.new,'md5',string=b'a'); t(hashlib.md5,string=b'a'); t(hashlib.md5,b'a',string=b'a'); t(hashlib.md5, b'a',b'b')
t(hmac.new,b'k',b'm','sha256'); t(lambda:hmac.new(b'k',b'm','sha256').hexdigest()); t(hmac.new,'k',b'm','sha256'); t(hmac.new,b'k',b'm'); t(hmac.new,b'k','m','sha256'); t(hmac.new,b'k',b'm','foo'); t(hmac.digest,b'k',b'm','sha256'); t(hmac.digest,b'k',b'm','foo'); t(hmac.digest,b'k','m','md5'); t(hmac.new,b'k',b'm',hashlib.sha256); t(lambda: hmac.new(b'k',b'm',hashlib.md5).name); t(hmac.digest,b'k',b'm',hashlib.sha1); t(lambda:repr(hmac.new(b'k',b'm','md5')._hmac)); t(hmac.new,b'k',b'm','shake_128')
if hasattr(hashlib,'pbkdf2_hmac'):
    p=hashlib.pbkdf2_hmac; t(p,'sha256',b'p',b's',1); t(p,'sha256',b'p',b's',1,10); t(p,'foo',b'p',b's',1); t(p,'sha256','p',b's',1); t(p,'sha256',b'p',b's',0); t(p,'sha256',b'p',b's',1,0); t(p,'sha256',b'p',b's',-1); t(p,1,b'p',b's',1); t(p,'sha1',b'password',b'salt',4096,20)
if hasattr(hashlib,'scrypt'):
    s=hashlib.scrypt; t(s,b'p',salt=b's',n=16,r=8,p=1); t(s,b'p',salt=b's',n=15,r=8,p=1); t(s,b'p',salt=b's',n=16,r=0,p=1);t(s,b'p',salt=b's',n=16,r=8,p=1,dklen=10); t(s,b'p',salt=b's',n=2**20,r=8,p=1); t(s,b'p'); t(s,b'p',salt=b's',n=16,r=8,p=1,maxmem=-1)
try:
    import _hashlib as H
    t(H.compare_digest,b'a',b'a'); t(H.get_fips_mode); t(H.hmac_digest,b'k',b'm','sha256'); t(H.hmac_new,b'k',b'm','sha256'); t(H.hmac_new,b'k',b'm','foo'); t(H.hmac_new,b'k'); t(H.hmac_new,b'k',b'm',1); h=H.hmac_new(b'k',b'm','sha256'); t(lambda:(h.name,h.digest_size,h.block_size)); t(h.copy); t(h.update,'a'); t(H.new,'foo'); t(H.new,'sha3_256',b''); t(lambda:H.new('shake_128').digest()); t(lambda:H.new('shake_128').digest(4)); t(lambda:H.new('shake_128').digest_size); t(lambda:H.new('SHA256').name); t(repr,H.new('md5'));t(repr,H.new('shake_256')); t(lambda:type(H.new('shake_256'))); t(H.openssl_sha256,b'a',usedforsecurity=True); t(H.hmac_new,b'k',b'',hashlib.blake2b); t(H.hmac_new,b'k',b'',hashlib.sha256)
except ImportError: pass
def t(f,*a,**k):
    try: print(repr(f(*a,**k)).split(' at 0x')[0].split(' @ 0x')[0])
    except BaseException as e: print(type(e).__name__, e)
import _hmac as H, hashlib,_md5,_sha2,_blake2
t(H.new,b'k'); t(H.new,b'k',b'm'); t(H.new,b'k',b'm','md5'); t(H.new,b'k',b'm','foo'); t(H.new,b'k',b'm',1); t(H.new,b'k',b'm',hashlib.sha256); t(H.new,b'k',b'm',_md5); t(H.new,'k',b'm','md5'); t(H.new,b'k','m','md5'); t(H.new,b'k',1,'md5'); t(H.new,1,b'','md5'); t(H.new,b'k',digestmod='SHA256'); t(H.new,b'k',None,'sha3_256'); t(H.new,b'k',None,'shake_128'); t(H.new,b'k',None,'blake2b'); t(H.new,b'k',None,'blake2b_32'); t(H.new,b'k',None,'blake2s'); t(H.new, b'k',None,_sha2.sha256); t(H.new,b'k',None,'sha-256'); t(H.new,b'k',None,'hmac-md5')
h=H.new(b'k',b'm','md5'); t(h.update); t(h.update,b'x'); t(h.update,'x'); t(h.update,1); t(h.digest); t(h.hexdigest); t(h.copy); t(lambda:(h.name,h.digest_size,h.block_size)); t(setattr,h,'name',1); t(repr,h); t(h.update,msg=b'')
t(H.compute_digest,b'k',b'm','md5'); t(H.compute_digest,b'k',b'm','foo'); t(H.compute_digest,b'k',b'm',1); t(H.compute_digest,'k',b'm','md5'); t(H.compute_digest,b'k','m','md5'); t(H.compute_md5,b'k',b'm'); t(H.compute_md5,'k',b'm'); t(H.compute_md5,1,b'm'); t(H.compute_md5,b'k'); t(H.compute_blake2b_32,b'k',b'm'); t(H.compute_blake2s_32,b'k',b'm'); t(H.compute_sha3_512,b'k',b'm'); t(H.compute_digest,b'k',b'm',hashlib.md5)
for n in 'sha224 sha256 sha384 sha512 sha1 sha3_224 sha3_256 sha3_384 sha3_512 blake2b blake2s'.split(): t(lambda: H.new(b'k'*200,b'm'*100,n).hexdigest()); t(lambda:(H.new(b'k',b'm',n).name,H.new(b'k',b'm',n).block_size))
print(H.UnknownHashError.__mro__, H.UnknownHashError.__module__)
import hmac
t(hmac.digest,b'k',b'm','blake2b'); t(hmac.new,b'k',b'm','blake2b');t(lambda:hmac.new(b'k',b'm','blake2b').name)
