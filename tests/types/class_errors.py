# What goes wrong with classes, their attributes, descriptors and layouts, and in which words.
def t(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e)
class A: pass
class L(list): pass
def s(o,n,v):
    def f(): setattr(o,n,v)
    return f
def d(o,n):
    def f(): delattr(o,n)
    return f
t(lambda: type.__new__(type))
t(lambda: type.__new__(type,1,2,3))
t(lambda: type.__new__(type,'a',2,3))
t(lambda: type.__new__(type,'a',(),3))
t(lambda: type('a\0',(),{}))
t(lambda: type('a\ud800',(),{}))
t(lambda: type('a',(1,),{}))
t(s(A,'__bases__',())); t(s(A,'__bases__',[1])); t(s(A,'__bases__',(1,))); t(s(A,'__bases__',(A,))); t(s(int,'__bases__',(A,)));t(d(A,'__bases__'));t(d(int,'__bases__'))
t(s(A,'__bases__',(list,))); t(s(L,'__bases__',(dict,)))
t(s(A,'__name__',1)); t(s(A,'__qualname__',1)); t(s(int,'__name__','1')); t(d(A,'__name__')); t(s(A,'__name__','\0'));t(d(A,'__module__'));t(d(A,'__doc__'))
t(d(A,'zz')); t(s(int,'zz',1)); t(d(int,'zz'))
class S: __slots__=()
t(s(S(),'x',1)); t(d(S(),'x')); t(s(1,'x',1)); t(d(1,'x')); t(s(1,'real',1)); t(d(1,'real'))
t(s(A(),'__class__',1)); t(d(A(),'__class__')); t(s(A(),'__class__',int)); t(s(1,'__class__',A)); t(s(A(),'__class__',L)); t(s(L(),'__class__',A)); t(s(S(),'__class__',A)); t(s(A(),'__class__',S))
t(lambda: type('a',(),{'__slots__':'__dict__'}))
t(lambda: type('a',(A,),{'__slots__':'__dict__'}))
t(lambda: type('a',(A,),{'__slots__':'__weakref__'}))
t(lambda: type('a',(int,),{'__slots__':'__weakref__'}))
t(lambda: type('a',(int,),{'__slots__':'x'}))
t(lambda: type('a',(),{'__slots__':[1]}))
t(lambda: type('a',(),{'__slots__':['1']}))
t(lambda: type('a',(),{'__slots__':['x'],'x':1}))
t(lambda: type('a',(),{'__slots__':['__x','_a__y']}).__dict__.keys())
t(lambda: type('a',(),{'__qualname__':1}))
t(lambda: type('a',(),{'__classcell__':1}))
t(lambda: type('a',(bool,),{}))
t(lambda: type('a',(list,dict),{}))
t(lambda: type('a',(A,A),{}))
class B(A): pass
t(lambda: type('a',(A,B),{}))
t(lambda: type(1,2))
t(lambda: type(A,x=2)); t(lambda: type('A',(),{},x=2)); t(lambda: type())
t(lambda: object.__init_subclass__(x=1)); t(lambda: object.__init_subclass__(1)) 
t(lambda: object(1)); t(lambda:A(1)); t(lambda:A(x=1)); t(lambda: object.__new__(1)); t(lambda: object.__new__(list)); t(lambda: object.__new__()) 
class I:
    def __init__(self):pass
class N:
    def __new__(cls,*a): return object.__new__(cls,*a)
t(lambda: object.__init__(I(),1)); t(lambda: object.__init__(A(),1));t(lambda: N(1)); t(lambda: object.__new__(N,1))
t(lambda: isinstance(1,1)); t(lambda: issubclass(1,1)); t(lambda: issubclass(int,1)); t(lambda:isinstance(1,(1,)));t(lambda:isinstance(1,list[int])); t(lambda:issubclass(int,list[int]));t(lambda:issubclass(int,int|list[int])); t(lambda:isinstance('',int|list[int]))
t(lambda: sorted(object.__dict__.keys()))
t(lambda: sorted(A.__dict__)); 
t(lambda: object.__format__(A(),'x')); t(lambda: object.__reduce_ex__(A(),'x')); t(lambda: object.__reduce_ex__(A()));t(lambda: object.__reduce_ex__(len,2));t(lambda: object().__reduce_ex__(2)[1:]); t(lambda:object().__reduce_ex__(0)[1:])
t(lambda: int.__abstractmethods__); t(lambda:A.__abstractmethods__)
t(lambda: type.__subclasses__(1)); t(lambda: type.mro()); t(lambda: type.__prepare__(1,2,x=3)); t(lambda: type.__prepare__()); t(lambda: A.__annotations__);t(lambda:int.__annotations__); t(s(A,'__annotations__',3)); t(lambda:A.__annotations__)
t(lambda:A.__type_params__); t(s(A,'__type_params__',(3,)));t(lambda:int.__type_params__); t(d(A,'__type_params__'))
print([x for x in vars(type('Q',(),{'__eq__':1}))])
for o in (object.__init__, object().__init__, [].append, list.append, dict.fromkeys, dict.__dict__['fromkeys'], int.__dict__['real'], object.__new__, type.__call__, type.mro, type.__dict__['__prepare__'], str.maketrans, str.__dict__['maketrans'], print, A.__dict__['__dict__'], type.__dict__['__mro__'], int.from_bytes, (1).__add__):
    r = repr(o).split(' at 0x')[0]
    print(r, getattr(o,'__name__',None), getattr(o,'__qualname__',None), getattr(o,'__objclass__',None), getattr(o,'__text_signature__','?') if 0 else '', type(o).__name__, getattr(o,'__module__','-'), hasattr(o,'__self__'))
t(lambda: object.__init__()); t(lambda: list.append()); t(lambda: list.append(1,2)); t(lambda:list.append([])); t(lambda: int.__add__(1)); t(lambda:int.__add__('',1)); t(lambda:int.__add__()); t(lambda:(1).__add__(1,2)); t(lambda:(1).__add__(x=2)); t(lambda: dict.fromkeys()); t(lambda: dict.__dict__['fromkeys'](1)); t(lambda: dict.__dict__['fromkeys']()); t(lambda:dict.__dict__['fromkeys'](int)); t(lambda: int.__dict__['real'].__get__('')); t(lambda: int.__dict__['real'].__set__(1,2)); t(lambda: list.append.__get__(1)); t(lambda:list.append.__get__(None)); t(lambda:list.append.__get__(None,list)); t(lambda: dict.__dict__['fromkeys'].__get__(None,None)); 
t(lambda: A.__dict__['__dict__'].__get__(1)); t(lambda: S.__mro__); t(lambda: super(A,1)); t(lambda: super(1,1)); t(lambda:super()); t(lambda: super(A).x); t(lambda: super(B,B()).x);t(lambda: super(B,B).__self_class__)
t(lambda: A < A); t(lambda: A | 1); t(lambda: 1 | A); t(lambda: A|None); t(lambda: A|A); t(lambda: int|str|int); t(lambda: A[1]); t(lambda: type[int]); t(lambda: list[int][int]); t(lambda: list[()]); t(lambda: (int|str)[int]);
class P:
    @property
    def x(self): return 1
    y = property()
    @classmethod
    def c(cls): "doc"
    @staticmethod
    def st(): "doc2"
t(s(P(),'x',1)); t(d(P(),'x')); t(lambda: P().y); t(s(P.x,'fget',1)); t(lambda: property(1,2,3,4,5)); t(lambda: property(a=1)); t(lambda: P.x.__set_name__(1)); t(lambda: P.x.__name__); t(lambda: property().__name__)
t(lambda: classmethod()); t(lambda: classmethod(1,2)); t(lambda: classmethod(x=1)); t(lambda: staticmethod()); t(lambda: repr(P.__dict__['c']).split(' at ')[0]); t(lambda: P.__dict__['st'].__doc__); t(lambda: sorted(P.__dict__['c'].__dict__.keys() - {'__annotations__'}))
t(lambda: P.__dict__['c']()); t(lambda: P.__dict__['st']()); t(lambda: classmethod.__new__(classmethod).__get__(1))
class Meta(type):
    def __len__(cls): return 3
    def __getitem__(cls, k): return ('m',k)
    def __contains__(cls, k): return k==1
    def __iter__(cls): return iter([1,2])
    x = property(lambda cls: 'mx')
    def mm(cls): return cls
class U(metaclass=Meta): 
    def __class_getitem__(cls,k): return 'c'
t(lambda:(len(U), U[5], 1 in U, list(U), U.x, U.mm(), U().x if hasattr(U(),'x') else 'no'))
t(lambda: Meta.__call__); 
class AB: 
    __abstractmethods__ = ('f',)
AB.__abstractmethods__ = {'g','f'}
t(lambda: AB()); AB.__abstractmethods__ = {'f'}; t(lambda: AB()); AB.__abstractmethods__ = (1,); t(lambda:AB()); del AB.__abstractmethods__; t(lambda: AB().__class__)
t(lambda: hash(A) == object.__hash__(A)); 
class H:
    def __hash__(self): return 2**70
t(lambda: hash(H())); H.__hash__=lambda s: -1; t(lambda: hash(H())); H.__hash__=lambda s:'x'; t(lambda: hash(H())); H.__hash__=None; t(lambda: hash(H()));
