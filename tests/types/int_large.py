# timeout: 120
# Ints of millions of bits: the results fit together.
import math, sys
seed=99
def bits(n):
    # pseudo random n-bit number
    global seed
    x=pow(3, seed*7+11, 1<<n) if n<4000 else 0
    if n>=4000:
        x=bits(3000)|1
        while x.bit_length()<n: x=(x*x+seed)^(x>>7); seed+=1
        x>>=x.bit_length()-n
    seed+=1
    return x
P=(1<<127)-1
def chk(name,x,y):
    z=x*y
    print(name,'mul',(z%P)==(x%P)*(y%P)%P, z.bit_length())
    s=x*x
    print(name,'sqr',(s%P)==(x%P)**2%P)
    q,r=divmod(z+1234567,y)
    print(name,'div',q==x, r==1234567 if y>1234567 else True)
    q,r=divmod(x,y)
    print(name,'divr',0<=r<y,(q%P*(y%P)+r)%P==x%P)
    q,r=divmod(-x,y)
    print(name,'divneg',0<=r<y,(q%P*(y%P)+r)%P==-x%P)
a=bits(2_150_000); b=bits(1_100_000); c=bits(600_001); d=bits(3000)
chk('ab',a,b); chk('ad',a,d)
e=(1<<2_000_000)-1
chk('ea',e,(1<<1_000_000)-1); chk('e2',(1<<2_200_000)-1,1<<1_048_575)
r=math.isqrt(a*2); print('isqrt', r*r<=a*2<(r+1)**2)
r=math.isqrt(e*e); print('isqrt', r==e)
r=math.isqrt(e*e-1); print('isqrt', r==e-1)
r=math.isqrt(1<<5_000_001); print('isqrt', r*r<=1<<5_000_001<(r+1)**2)
g=bits(200_001)
print('gcd', math.gcd(g*bits(300_000),g*bits(300_003))%g==0, math.gcd(a,0)==a, math.gcd(e,(1<<3_000_000)-1)==(1<<1_000_000)-1)
m=bits(530_000)|1
x=bits(529_990)
try:
    i=pow(x,-1,m); print('inv', i*x%m==1)
except ValueError: print('inv', math.gcd(x,m)!=1)
m=(1<<216091)-1  # prime
i=pow(x,-1,m); print('inv', i*x%m==1, 0<i<m)
try: pow(x*3,-1,m*3)
except ValueError as err: print(err)
mm=bits(1_060_000)|1
print('powmod', pow(x,5,mm)==x*x%mm*x%mm*x%mm*x%mm, pow(x,0,mm), pow(x,17,m)==pow(pow(x,16,m)*x,1,m))
print('pow', pow(3,300_000)%P==pow(3,300_000,P), (3**300_000).bit_length(), (12345678901234567890**20_000)%P==pow(12345678901234567890,20_000,P), ((-7)**100_001)%P==pow(-7,100_001,P))
sys.set_int_max_str_digits(0)
s=str(a); print(len(s), s[:20], s[-20:], int(s)==a, int('-'+s)==-a)
z=10**700_000; s=str(z); print(len(s), s.strip('0'), int(s)==z, str(z-1).strip('9')=='' , str(-z)[:3])
z=10**700_000+10**300_000; s=str(z); print(s.replace('0',''), s.index('1',1), int(s)==z)
print(int('12'*300_000,7)==int('12'*150_000,7)*(7**300_000+1))
try: int('12'*300_000+'9',7)
except ValueError as err: print(str(err)[:50])
sys.set_int_max_str_digits(4300)
try: str(a)
except ValueError as err: print(err)
try: int(s)
except ValueError as err: print(err)
print(math.factorial(20000)%P, math.comb(50000,20000)%P, math.perm(30000,15000)%P)
