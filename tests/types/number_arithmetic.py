# Arithmetic on random ints (small, large, bools, instances of a subclass) and floats: one line per operation
# with a digest of all results.
import math, warnings
warnings.simplefilter("ignore")
seed=12345
def rnd(n):
    global seed
    seed=(seed*6364136223846793005+1442695040888963407)%(1<<64)
    return (seed>>20)%n
def rint():
    k=rnd(10)
    if k<3: b=rnd(10)
    elif k<6: b=55+rnd(12)
    elif k<8: b=rnd(200)
    else: b=rnd(3000)
    n=0
    while b>0:
        m=min(b,40); n=(n<<m)|rnd(1<<m); b-=m
    k=rnd(12)
    if k==0: n=(1<<rnd(140))
    if k==1: n=(1<<rnd(140))-1
    if k==2: n=(1<<rnd(140))+1
    return -n if rnd(2) else n
class I(int): pass
def rfl():
    k=rnd(12)
    if k==0: return 0.0
    if k==1: return -0.0
    if k==2: return float('inf')
    if k==3: return float('-inf')
    if k==4: return float('nan')
    if k==5: return float(rnd(100)-50)
    if k==6: return 5e-324*rnd(1000)
    x=(rnd(1<<53)/(1<<53)+0.5)
    if k<9: e=rnd(20)-10
    else: e=rnd(2040)-1020
    x=x*2.0**e if abs(e)<1020 else x
    return -x if rnd(2) else x
def rnum():
    k=rnd(10)
    if k<5: return rint()
    if k<6: return I(rint())
    if k<7: return bool(rnd(2))
    return rfl()
def rep(x):
    if isinstance(x,int):
        return hex(x)
    return repr(x)
ops=[('+',lambda a,b:a+b),('-',lambda a,b:a-b),('*',lambda a,b:a*b),('/',lambda a,b:a/b),('//',lambda a,b:a//b),('%',lambda a,b:a%b),('divmod',lambda a,b:divmod(a,b)),
('&',lambda a,b:a&b),('|',lambda a,b:a|b),('^',lambda a,b:a^b),('<',lambda a,b:a<b),('<=',lambda a,b:a<=b),('==',lambda a,b:a==b),('!=',lambda a,b:a!=b),('>',lambda a,b:a>b),('>=',lambda a,b:a>=b),
('**',lambda a,b:a**b if not(isinstance(a,int) and isinstance(b,int)) else a**(b%50)),('<<',lambda a,b:a<<(b%500)),('>>',lambda a,b:a>>(b%500)),
('pow3',lambda a,b:pow(a,abs(b),12345678901234567890123)),('pow3b',lambda a,b:pow(3,a,b)),('round',lambda a,b:round(a,-(b%40))),('roundf',lambda a,b:round(float(a),b%20-10)),
]
uns=[('neg',lambda a:-a),('abs',lambda a:abs(a)),('inv',lambda a:~a if not isinstance(a,bool) else 0),('hash',lambda a:hash(a) if a==a else 0),('float',lambda a:float(a)),('int',lambda a:int(a)),
('bits',lambda a:a.bit_length()),('ones',lambda a:a.bit_count()),('str',lambda a:str(a)),('rt',lambda a:int(str(a))==a),('hexrt',lambda a:int(hex(a),16)==a),('tb',lambda a:a.to_bytes(400,'little',signed=True)),('fb',lambda a:int.from_bytes(a.to_bytes(400,'big',signed=True),'big',signed=True)==a),
('ratio',lambda a:a.as_integer_ratio()),('hex',lambda a:a.hex()),('fmt',lambda a:format(a,',')),('fmte',lambda a:format(a,'.3e')),('bool',lambda a:bool(a)),('trunc',lambda a:a.__trunc__()),('floor',lambda a:a.__floor__()),('ceil',lambda a:a.__ceil__()),('round',lambda a:round(a)),
('isq',lambda a:math.isqrt(a)),('frexp',lambda a:math.frexp(a)),('ulp',lambda a:math.ulp(a)),('na',lambda a:math.nextafter(a,0.0,steps=3)),('log2',lambda a:math.log2(a)),('sqrt',lambda a:math.sqrt(a)),('gcd',lambda a:math.gcd(a,2**70*3**20)),('lcm',lambda a:math.lcm(a,12)),('ldexp',lambda a:math.ldexp(a,-3)),('hyp',lambda a:math.hypot(a,a,1.0)), ('type',lambda a:type(+a)),
]
def run(name,f,*a):
    try:
        r=f(*a)
        r=rep(r) if not isinstance(r,tuple) else '('+','.join(rep(x) for x in r)+')'
    except (ValueError,OverflowError,ZeroDivisionError,TypeError,AttributeError) as e:
        r=type(e).__name__
    return r
digests = {}
def note(name, text):
    h = digests.get(name, 0)
    for c in text: h = (h * 1000003 + ord(c)) % (1 << 61)
    digests[name] = h
for i in range(400):
    a, b = rnum(), rnum()
    both = isinstance(a, int) and isinstance(b, int)
    for name, f in ops:
        if name in ("pow3", "pow3b", "round") and not both or name == "roundf" and not isinstance(b, int): continue
        note(name, run(name, f, a, b))
    for name, f in uns: note(name, run(name, f, a))
for name in digests: print(name, digests[name])
