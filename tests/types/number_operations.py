# Every operator, method and constructor of the numbers, range and slice, with what they refuse.
def show(text):
    try: result = repr(eval(text))
    except (Exception, MemoryError) as e: result = f"{type(e).__name__}: {e}"
    print(text, "->", result if len(result) < 300 else f"{len(result)} characters")
import warnings; warnings.simplefilter("ignore")
for line in r"""
1/0
10**30/0
1j//1
1j%1
divmod(1j,1)
1j**1j
1<<-1
1>>-1
10**30<<-1
0<<(1<<70)
1>>(1<<70)
-1>>(1<<70)
1<<(1<<70)
1<<(1<<62)
1<<(1<<60)
1<<(1<<45)
pow(2,-1,4)
pow(2,3,0)
pow(2.0,3,5)
pow(2,3.0,5)
pow(2,3,5.0)
pow(2,'a',5)
pow(2,3,-5)
pow(3,-2,7)
pow(3,-2,-7)
pow(3,0,1)
pow(3,0,-1)
10**400/3
10**400/10**395
int('x')
int('1'*5000)
int(b'x')
int(bytearray(b' 12 '))
int('12',99)
int(12,10)
int(base=10)
int(x=1)
int('1',base=2,x=3)
int([])
int(1.5e400)
int(float('nan'))
int('9'*5000,16)
str(10**5000)
(5).to_bytes(0,'big')
(5).to_bytes(1,'xx')
(-5).to_bytes(1,'big')
(300).to_bytes(1,'big')
(300).to_bytes(-1,'big')
int.from_bytes(5)
int.from_bytes('abc')
int.from_bytes([1,2,300])
int.from_bytes(b'abc','foo')
round(5,'a')
round(5,None)
(5).__round__(1.5)
round(15,-1)
round(25,-1)
float('x')
float([])
float(10**400)
float.fromhex('x')
float.fromhex(5)
float.__getformat__('x')
float.__getformat__('double')
complex('x')
complex(1j,2j)
range(1.5)
range('a')
range(1,2,0)
range()
range(1,2,3,4)
range(10)[20]
range(10)['a']
range(10)[1.5]
range(10).index(20)
range(10).index('a')
range(10).index(2,1,2)
len(range(10**30))
slice()
slice(1,2,3,4)
slice(1).indices(-1)
slice(1,2,0).indices(5)
slice('a').indices(5)
slice(1).indices('a')
[1][::0]
[1]['a':]
hash(slice(1,2,3))
hash(range(5))
bool(1,2)
bool(x=1)
~True
True+True
True&1
True&True
int.__new__(bool)
object.__new__(int)
'a'*10**30
(1).__getnewargs__()
float.__getnewargs__(1.0)
complex.__getnewargs__(1j)
range(5).__reduce__()
iter(range(5)).__reduce__()
iter(range(10**30)).__reduce__()
iter(range(5)).__setstate__(3)
slice(1,2,3).__reduce__()
iter(range(5)).__length_hint__()
iter(range(10**30)).__length_hint__()
(1.5).__round__(400)
round(1.7e308,-308)
round(float('inf'))
round(float('nan'))
float('inf').as_integer_ratio()
float('nan').as_integer_ratio()
float.fromhex('0x1p2000')
1e200**2
(-1.0)**0.5
(-1)**0.5
(-8)**(1/3)
1 if complex('1e400') else 0
complex(10**400)
abs(complex(1e308,1e308))
format(1,'%%')
format(1,'5.5q')
format(1j,'05')
format(1.5,'d')
format(5,'.3')
format(5,'e')
format(10**400,'e')
int.real
(5).__format__(5)
(5).__add__('x')
1 < 'a'
1j < 2
1.5 < 'a'
range(5) < range(6)
slice(1) < slice(2)
slice(1) == slice(1)
slice.__hash__
(5).__sizeof__()
(1.5).__sizeof__()
(10**50).__sizeof__()
[type(iter(range(10**30)))]
1j*float('inf')
float('inf')*1j
1j*complex('inf')
-0.0+1j
0.0-1j
2/(1+1j)
(0j)**0
0j**0.0
(0j)**2
(1+2j)**-2
(1+2j)**3
(1+2j)**0.5
(1+2j)**1000
(1e300+1e300j)**200
divmod(5,-3)
divmod(5.5,-3)
divmod(-0.0,3.0)
-0.0%3
5.0//float('inf')
-5.0//float('inf')
-5.0%float('inf')
5.0%float('-inf')
float('inf')%3
float('inf')//3
0.0//-1
-0.0//1
float('inf')**0
1**float('nan')
float('nan')**0
(-1)**float('inf')
2**float('inf')
0.5**float('inf')
0.0**float('inf')
(-0.0)**3
(-0.0)**2
float('-inf')**3
float('-inf')**2
float('-inf')**-3
float('-inf')**0.5
(-2.0)**float('inf')
2.0**1024
2.0**-1080
hash(1j)
hash(10**30)
hash(0.1+0j)
float('  1_0.5e1  ')
float('1__0')
float('\uff11')
float(b'1.5')
float(bytearray(b'1.5'))
float(memoryview(b'1.5'))
float('1.5\0')
float(b'1.5\0')
int('1\0')
int(b'1\0')
int('\ud800')
int('\u0661\u0662')
int(' 1_000 ')
int(memoryview(b'12'))
int('0x10',16)
int('0x',16)
int('0b12',0)
int('', 0)
int('1'*5000+'z')
int('z'*300)
int(b'z'*300)
complex('1+2j')
complex(' ( 1+2j ) ')
complex('(1+2j')
complex('1+2')
complex('j')
complex('-j')
complex('1+j')
complex('1-j')
complex('1e5j')
complex('nan+infj')
complex('1_0+2_0j')
complex('')
complex('1 +2j')
complex('1j+2')
complex('++1j')
complex('1+-2j')
complex('infj')
complex(True,True)
complex()
complex(imag=1)
complex(real=1)
complex(1,2,3)
complex(1,foo=2)
complex(real=1+1j,imag=1)
repr(complex(0.0,-0.0))
repr(complex(-0.0,0.0))
repr(complex(float('nan'),float('nan')))
abs(3+4j)
abs(complex('inf+nanj'))
abs(complex('nan+nanj'))
+True
-True
abs(True)
(3).real
(True).real
(True).numerator
(True).conjugate()
True.bit_length()
int.conjugate(True)
(-5).bit_length()
(-5).bit_count()
(2**100).bit_length()
(-2**100).bit_count()
(3.5).real
(3.5).imag
(3.5).conjugate()
(7).as_integer_ratio()
True.as_integer_ratio()
(0.1).as_integer_ratio()
(-0.0).as_integer_ratio()
(1e300).as_integer_ratio()
(5e-324).as_integer_ratio()
True.__round__()
round(12345678901234567890123,-5)
round(5,10**30)
round(2.5)
round(3.5)
round(-2.5)
round(1e300)
round(2.675,2)
round(1.5,None)
round(1.5,10**30)
(1.5).__ceil__()
(-1.5).__floor__()
(1e300).__trunc__()
float('nan').__floor__()
True.__trunc__()
5 .__lshift__(2.0)
2**-1
2**0.5
(10**30)**-1
(10**400)**-1
10**400 == float('inf')
10**400 > float('inf')
10**400 < 1e308
2**53+1 == float(2**53)
2**53+1 > float(2**53)
float('nan') < 10**400
1.5 == 10**30
1 == 1.0
1 < 1.5
1j == 1
1+0j == 1
(1+0j) == 10**30
2**53+1 == complex(2**53)
1.0 == 1+0j
True == 1.0
range(0) == range(2,1,3)
range(0,3,2) == range(0,4,2)
hash(range(0))
hash(range(1))
hash(range(1,5,2))
range(10)[2:5]
range(10)[::-1]
range(10)[::3]
range(10**30)[10**29:]
range(10)[-1]
range(10)[True]
range(10**30)[-1]
range(10).count(3)
range(10).count(3.0)
range(10).index(3.0)
3.0 in range(10)
'a' in range(10)
True in range(2)
10**30 in range(10**31)
list(reversed(range(0,10,3)))
repr(range(1,2,1))
repr(range(0,2))
repr(range(1,10,2))
len(range(-5))
bool(range(0))
range(True).start
range(10**30).stop
slice(1,None,2).indices(10)
slice(None,None,-1).indices(10)
slice(-100,100,3).indices(10)
slice(10**30,-10**30,-10**25).indices(10**28)
slice(None).indices(10**30)
repr(slice(1,'a'))
slice(1,2) < slice(1,3)
slice(1,2) == (1,2,None)
hash(slice([]))
slice(1,2,3).start
5 .__getnewargs__()
int.__getnewargs__(True)
(255).to_bytes(1)
(255).to_bytes(2,'little')
(-1).to_bytes(2,signed=True)
(128).to_bytes(1,signed=True)
(-129).to_bytes(1,signed=True)
(0).to_bytes(0)
(2**70).to_bytes(9)
int.from_bytes(b'\xff\x00','little')
int.from_bytes(b'\xff\x00',signed=True)
int.from_bytes(b'')
bool.from_bytes(b'\x01')
int.from_bytes([255,0],'big')
int.from_bytes(memoryview(b'abc'))
(5).__index__() 
int.__int__(True)
True.__float__()
float.__int__(5.7)
divmod(10**30,-7)
divmod(-10**30,7)
-10**30 % 10**20
(-7)//2
(-7)%2
7%-2
-2**62//-1
-2**62
2**62
-2**62-1
-(-2**62)
abs(-2**62)
2**62-1+1
2**31*2**31
3037000500*3037000500
-2**63
5 & -2**70
-1 | 2**70
2**70 ^ -1
~2**70
-2**70>>3
-2**70>>100
2**70<<3
5//2.0
True/2
5/True
10**23/10**22
(2**1024)/(2**1023)
(2**1100)/3**600
1/(10**400)
-1/(10**320)
2**-1074
3/2**1075
1/2**1075
1/2**1074
(2**54+1)/1
(2**54+3)/2
float(2**54+1)
float(2**54+3)
float(2**1024-2**970)
float(2**1024-2**970-1)
int(1e300)
int(-1.9)
int(True)
int('-0')
pow(2,10**5,7)
pow(-2,3,7)
pow(10**30,10**30,10**20+39)
pow(3,-1,10)
pow(2,-1,1)
pow(2,0,1)
pow(0,0,1)
pow(0,0,5)
pow(5,3,True)
pow(2,3,None)
(5).__pow__(2,7)
(5).__rpow__(2,7)
(5).__pow__(-1,7)
(5).__pow__(2.0)
format(123456789,',')
format(True,'d')
format(True,'')
format(True,'5')
format(1.5,'10.3f')
format(10**30,',')
format(-5,'#x')
format(65,'c')
format(5,'n')
format(1.5,'n')
format(1+2j,'.2f')
format(1+2j,'')
format(5,'.1f')
format(True,'.1f')
(5).__format__('')
str(True)
repr(True)
repr(-0.0)
repr(1e16)
bool([])
bool('x')
bool()
True^True
True|2
True&2
True^False
1&True
2|True
True and 2
""".strip().split("\n"): show(line)
