# Tokens: literals, joining lines, comments, unusual spacing, unicode names.
x = 1 ;  y = \
  2
print(x,y,0B11,0O7,0XfF,1_0.0_1,1E5,1e-5,00,0_0,1J,.1e1)
été = "summer"; 变量 = 5; ﬁ = 1
print(été, 变量, fi)
print('a' "b" '''c
d''' r'\n' u'u', '\x41\101\u0041\U00000041\N{LATIN SMALL LETTER A}\
joined')
print((1,
       # comment inside
       2), [
    3,
], {
  'a'
  : 1 })
if True: print('one line'); print('two')
print(1if 1else 2, [1]if[]else(2), not(1))
def f(a,b=1,*c,d,**e):return(a,b,c,d,e)
print(f(1,d=2)) # comment
class C:pass;x=1
print(C.x, 5 .real, 5..real, 1_2 .__add__(3), -1 ** 2, - - 1, ~-1, not not 1)
print(1<2, 1<=2!=3, 1 is not None, 1 not in [2], *(), sep='')
a=b'\x00\xff\n'; print(a, len('\0'), '\
', repr('\t\r\x7f\x80\xa0\u200b\ud800'), '"', "'", '\'"')
lambda:(yield)
print(__doc__, 0xDEADBEEF, 0b1111_0000, 1e400, -1e400, 1e-400)
